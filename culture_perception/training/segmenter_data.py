"""Rendered scenes on disk, as `python -m sim_bridge.training_data` writes them.

A data set is a folder with one or more `shard_*/frames.json`, each naming frames beside it: an RGB
JPEG and an 8-bit PNG of instance ids (0 background).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from culture_perception.training.loop import TrainingError


@dataclass(frozen=True)
class ObjectRecord:
    """One object of a frame.

    Attributes:
        instance_id: its value in the id image, 1 or more.
        visible_px: its pixels in the id image.
        visibility: visible share of it, 0 to 1; None where it was not measured.
    """

    instance_id: int
    visible_px: int
    visibility: float | None


@dataclass(frozen=True)
class FrameRecord:
    """Where a frame lies and what it shows."""

    image_path: Path
    ids_path: Path
    objects: tuple[ObjectRecord, ...]


@dataclass(frozen=True)
class Frame:
    """A frame in memory.

    Attributes:
        image_rgb: (H, W, 3) uint8.
        ids: (H, W) uint8 instance ids, 0 background.
    """

    image_rgb: NDArray[np.uint8]
    ids: NDArray[np.uint8]


def load_frames(folder: Path) -> list[FrameRecord]:
    """The frames of all shards of a data set, in a fixed order.

    Raises:
        TrainingError: the folder holds no frames, or a list of frames is damaged.
    """
    frames = [
        frame
        for path in sorted(folder.glob("shard_*/frames.json"))
        for frame in _frames_of_shard(path)
    ]
    if not frames:
        raise TrainingError(
            f"{folder}: no shard_*/frames.json with frames; "
            f"render some with: python -m sim_bridge.training_data {folder}"
        )
    return frames


def read_frame(record: FrameRecord) -> Frame:
    """Read a frame's two pictures.

    Raises:
        TrainingError: one is missing or unreadable, or their sizes differ.
    """
    image_bgr = _read_picture(record.image_path, cv2.IMREAD_COLOR)
    ids = _read_picture(record.ids_path, cv2.IMREAD_UNCHANGED)
    if ids.shape != image_bgr.shape[:2]:
        raise TrainingError(
            f"{record.ids_path}: shape {ids.shape} for an image of {image_bgr.shape[:2]}; "
            "render this shard again"
        )
    return Frame(np.ascontiguousarray(image_bgr[..., ::-1]), ids)


def _read_picture(path: Path, flags: int) -> NDArray[np.uint8]:
    # cv2 warns on stderr and returns None; its stubs promise an array.
    picture: Any = cv2.imread(str(path), flags)
    if picture is None:
        raise TrainingError(f"{path}: missing or not a picture; render this shard again")
    return np.asarray(picture, dtype=np.uint8)


def _frames_of_shard(path: Path) -> list[FrameRecord]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [_frame_record(path.parent, entry) for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"{path}: damaged list of frames ({error!r}); render this shard again"
        ) from error


def _frame_record(folder: Path, entry: dict[str, Any]) -> FrameRecord:
    objects = tuple(
        ObjectRecord(
            instance_id=int(item["instance_id"]),
            visible_px=int(item["visible_px"]),
            visibility=None if item["visibility"] is None else float(item["visibility"]),
        )
        for item in entry["objects"]
    )
    return FrameRecord(folder / entry["image"], folder / entry["ids"], objects)
