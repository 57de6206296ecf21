"""Labelled pictures of products that the simulator has: rendered where they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.adapt.pictures import PictureList, Pictures
from culture_perception.measure.outcomes import visible_enough
from culture_perception.measure.scene_sets import load_set, read_scene, render_set

RENDERED: Final = ("ycb", "konbini")
"""Label sets whose products the simulator has."""
FIRST_SEED: Final = 970_000
"""The demo, the published figures and the experiments use others, so that these may be learned."""


def render_pictures(
    folder: Path, products: str, scenes: int, workers: int, crop_size: int
) -> Pictures:
    """Renders what the folder lacks of some scenes, and cuts out their products.

    Args:
        folder: of the scenes.
        products: one of RENDERED.
        scenes: how many.
        workers: processes that render.
        crop_size: side of the crops that the encoder sees, pixels.

    Raises:
        SystemFailure: they can not be rendered or read.
    """
    render_set(folder, products, scenes, workers, options=("--seed", str(FIRST_SEED)))
    return read_scenes(folder, crop_size)


def read_scenes(folder: Path, crop_size: int) -> Pictures:
    """The products of rendered scenes; those of which less than half is seen are left out.

    Raises:
        SystemFailure: the scenes can not be read.
    """
    crops = PictureList(crop_size)
    for scene in load_set(folder).scenes:
        pictures = read_scene(scene)
        for i in np.flatnonzero(visible_enough(scene)):
            crops.add(
                pictures.image_rgb, pictures.masks[i], scene.objects[i].concept_id, scene.seed
            )
    found = crops.done()
    # Small numbers, as those of files are: groups are joined by counting up.
    numbers = np.unique(found.groups, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return Pictures(found.seen, found.wide, found.masks, found.concepts, numbers)
