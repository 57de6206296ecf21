"""What is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from culture_perception.masks import MaskArray, Uint8Array

HALF_VISIBLE: Final = 0.5


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture and what is in it: uint8 (H, W, 3) and bool (H, W) each."""

    image_rgb: Uint8Array
    masks: Sequence[MaskArray]


def scene_frames(folder: Path, scenes: int) -> list[Frame]:
    """Pictures of YCB scenes with the objects that are at least half visible.

    Args:
        folder: a scene set; what it lacks is rendered.
        scenes: how many.
    """
    from culture_perception.measure.scene_sets import load_set, read_scene, render_set

    render_set(folder, "ycb", scenes, workers=1)
    frames = []
    for scene in load_set(folder).scenes[:scenes]:
        seen = read_scene(scene)
        objects = zip(scene.objects, seen.masks, strict=True)
        masks = [mask for thing, mask in objects if thing.visibility >= HALF_VISIBLE]
        frames.append(Frame(seen.image_rgb, masks))
    return frames
