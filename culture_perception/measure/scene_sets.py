"""Sets of evaluation scenes on disk, as `python -m sim_bridge.evaluation_scenes` writes them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from culture_perception.masks import IdImage, MaskArray, Uint8Array
from culture_perception.runner import SystemFailure

INDEX_FILE: Final = "scenes.json"  # written last, so its set is whole


@dataclass(frozen=True)
class SceneObject:
    """An object of a scene.

    Attributes:
        instance_id: its value in the id image.
        concept_id: what it is.
        visible_px: its pixels in the id image.
        visibility: these as a share of its pixels were it alone, 0 to 1.
    """

    instance_id: int
    concept_id: str
    visible_px: int
    visibility: float


@dataclass(frozen=True)
class Scene:
    """Where a scene's pictures lie and what they show.

    Attributes:
        seed: of the scene.
        image_path: its picture.
        ids_path: its id image.
        objects: what is in it.
        target: concept id of the object that it was made for; "" for none.
    """

    seed: int
    image_path: Path
    ids_path: Path
    objects: tuple[SceneObject, ...]
    target: str = ""


@dataclass(frozen=True)
class SceneSet:
    """Scenes of one kind of products.

    Attributes:
        name: "ycb", "konbini" or "scans".
        scenes: by seed.
        about: what they depend on and what drew them, as the renderer wrote it.
        left_out: seeds that made no scene.
    """

    name: str
    scenes: tuple[Scene, ...]
    about: dict[str, Any]
    left_out: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ScenePictures:
    """A scene in memory.

    Attributes:
        image_rgb: uint8 (H, W, 3).
        masks: bool (H, W) each, in the order of the scene's objects.
    """

    image_rgb: Uint8Array
    masks: list[MaskArray]


def render_set(
    folder: Path,
    products: str,
    scenes: int | None,
    workers: int,
    scans: str = "",
    options: Sequence[str] = (),
) -> None:
    """Renders what the folder lacks of a set, in another process.

    Args:
        folder: of the set.
        products: whose.
        scenes: how many; None: as the options say.
        workers: processes at a time.
        scans: folder of scans, for products "scans".
        options: further ones of sim_bridge.evaluation_scenes.

    Raises:
        SystemFailure: it could not be rendered; the program has said why.
    """
    command = [
        *(sys.executable, "-m", "sim_bridge.evaluation_scenes", str(folder)),
        *("--products", products),
        *([] if scenes is None else ["--scenes", str(scenes)]),
        *("--workers", str(workers)),
        *(["--scans", scans] if scans else []),
        *options,
    ]
    run_program(command, f"rendering {folder}")


def run_program(command: Sequence[str], task: str) -> None:
    """Runs a program to its end.

    Raises:
        SystemFailure: its exit code is not 0.
    """
    code = subprocess.run(command, check=False).returncode
    if code != 0:
        raise SystemFailure(
            f"{task} ended with exit code {code}; run it again, it goes on: {' '.join(command)}"
        )


def load_set(folder: Path) -> SceneSet:
    """Reads the index of a set.

    Raises:
        SystemFailure: there is none, or it is damaged.
    """
    path = folder / INDEX_FILE
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        scenes = tuple(_scene(folder, record) for record in index.pop("scenes"))
        left_out = tuple(int(record["seed"]) for record in index.pop("left_out"))
        return SceneSet(str(index["products"]), scenes, index, left_out)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemFailure(
            f"{path} is missing or damaged ({error!r}); render the set again: "
            f"python -m sim_bridge.evaluation_scenes {folder}"
        ) from error


def read_scene(scene: Scene) -> ScenePictures:
    """Reads a scene's pictures.

    Raises:
        SystemFailure: one is missing or damaged, or an object has no pixel.
    """
    image_bgr, ids = _read(scene.image_path), _read(scene.ids_path)
    if ids.shape != image_bgr.shape[:2]:
        raise SystemFailure(f"{scene.ids_path} does not fit {scene.image_path}; delete both")
    masks = [ids == thing.instance_id for thing in scene.objects]
    if not all(mask.any() for mask in masks):
        raise SystemFailure(f"{scene.ids_path} lacks an object of its record; delete both")
    return ScenePictures(np.ascontiguousarray(image_bgr[..., ::-1], dtype=np.uint8), masks)


def _read(path: Path) -> Uint8Array | IdImage:
    picture: Any = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)  # None, which its stubs don't tell
    if picture is None:
        raise SystemFailure(f"{path} is missing or no picture; delete its record to render it anew")
    return np.asarray(picture)


def _scene(folder: Path, record: dict[str, Any]) -> Scene:
    return Scene(
        seed=int(record["seed"]),
        image_path=folder / record["image"],
        ids_path=folder / record["ids"],
        objects=tuple(
            SceneObject(
                instance_id=int(thing["instance_id"]),
                concept_id=str(thing["concept_id"]),
                visible_px=int(thing["visible_px"]),
                visibility=float(thing["visibility"]),
            )
            for thing in record["objects"]
        ),
        target=str(record.get("target", "")),
    )
