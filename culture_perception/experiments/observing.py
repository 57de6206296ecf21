"""Shows scenes to models, scene by scene; what was seen is kept, so an interrupted run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar
from zipfile import BadZipFile

from culture_perception.experiments.sightings import (
    SUFFIX,
    Found,
    Known,
    load_found,
    load_known,
    save_found,
    save_known,
    see_found,
    see_known,
)
from culture_perception.measure.scene_sets import Scene, ScenePictures, read_scene
from culture_perception.protocols import Encoder, Segmenter

Seen = TypeVar("Seen", Known, Found)
_DAMAGED: Final = (OSError, ValueError, KeyError, EOFError, BadZipFile)


def known_objects(
    scenes: Sequence[Scene], encoder: Encoder, folder: Path, on_scene: Callable[[], None]
) -> list[Known]:
    """The objects of every scene, as an encoder sees them by their true masks.

    Args:
        scenes: in order.
        encoder: its name tells what is kept apart.
        folder: of what was seen before; what it lacks is added.
        on_scene: called after each.
    """

    def see(pictures: ScenePictures) -> Known:
        return see_known(pictures.image_rgb, pictures.masks, encoder)

    kept = _folder(folder, "known", encoder.name)
    return _all(scenes, kept, see, load_known, save_known, on_scene)


def found_masks(
    scenes: Sequence[Scene],
    segmenter: Segmenter,
    encoder: Encoder,
    folder: Path,
    on_scene: Callable[[], None],
) -> list[Found]:
    """The masks of every scene and how an encoder sees them; see known_objects."""

    def see(pictures: ScenePictures) -> Found:
        return see_found(pictures.image_rgb, pictures.masks, segmenter, encoder, perf_counter)

    kept = _folder(folder, "found", f"{segmenter.name}+{encoder.name}")
    return _all(scenes, kept, see, load_found, save_found, on_scene)


def _folder(folder: Path, what: str, models: str) -> Path:
    """Names of models may be paths: a folder's name holds their hash."""
    kept = folder / f"{what}-{hashlib.sha256(models.encode()).hexdigest()[:12]}"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "models.txt").write_text(models + "\n", encoding="utf-8")
    return kept


def _all(
    scenes: Sequence[Scene],
    kept: Path,
    see: Callable[[ScenePictures], Seen],
    load: Callable[[Path], Seen],
    save: Callable[[Seen, Path], None],
    on_scene: Callable[[], None],
) -> list[Seen]:
    seen = []
    for scene in scenes:
        path = kept / f"{scene.seed}{SUFFIX}"
        one = _loaded(path, load)
        if one is None:
            one = see(read_scene(scene))
            save(one, path)
        seen.append(one)
        on_scene()
    return seen


def _loaded(path: Path, load: Callable[[Path], Seen]) -> Seen | None:
    if not path.is_file():
        return None
    try:
        return load(path)
    except _DAMAGED:  # an interrupted copy: it is seen again
        return None
