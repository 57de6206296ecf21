"""Scenes in miniature, and models whose every answer is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.protocols import Calibration, Segment

SIZE_HW = (60, 80)
PATCHES = ((5, 5, 25, 25), (5, 45, 25, 65), (35, 5, 55, 25))
"""(y0, x0, y1, x1) of the objects."""


def _write_scene_set(
    folder: Path,
    concepts: Sequence[Sequence[str]],
    colours: dict[str, int],
    products: str = "ycb",
    visibility: float = 1.0,
) -> Path:
    """A set of grey scenes whose objects are squares of the red value of their concept."""
    folder.mkdir(parents=True)
    scenes = []
    for seed, shown in enumerate(concepts):
        image, ids = np.full((*SIZE_HW, 3), 128, np.uint8), np.zeros(SIZE_HW, np.uint16)
        objects: list[dict[str, Any]] = []
        for number, (concept, (y0, x0, y1, x1)) in enumerate(
            zip(shown, PATCHES, strict=False), start=1
        ):
            image[y0:y1, x0:x1] = (0, 0, colours[concept])  # BGR
            ids[y0:y1, x0:x1] = number
            objects.append({
                "instance_id": number, "concept_id": concept, "visible_px": 400,
                "visibility": visibility,
            })  # fmt: skip
        cv2.imwrite(str(folder / f"{seed}.png"), image)
        cv2.imwrite(str(folder / f"{seed}_ids.png"), ids)
        scenes.append({"seed": seed, "image": f"{seed}.png", "ids": f"{seed}_ids.png",
                       "objects": objects, "renderer": "egl"})  # fmt: skip
    index = {"products": products, "count": 3, "camera": "front", "profile": "ravens",
             "renderer": ["egl"], "scenes": scenes, "left_out": []}  # fmt: skip
    (folder / "scenes.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def write_scene_set() -> Callable[..., Path]:
    """(folder, concepts of each scene, red value of each concept) -> the folder."""
    return _write_scene_set


class PatchSegmenter:
    """Finds what is not grey: one mask a patch, and one that is nowhere."""

    name = "patches"
    notice = ""

    def __init__(self, spurious: bool = True) -> None:
        self._spurious = spurious

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        coloured = (image_rgb != 128).any(axis=2).astype(np.uint8)
        count, parts = cv2.connectedComponents(coloured)
        found = [Segment(parts == part, 0.9, 0.95) for part in range(1, count)]
        nothing = np.zeros(image_rgb.shape[:2], np.bool_)
        nothing[40:55, 50:70] = True
        return [*found, Segment(nothing, 0.2, 0.3)] if self._spurious else found


class RedEncoder:
    """Reads an object's number, red / 10, from the middle of its crop; texts have theirs in words.

    A crop is as similar to the text of its number as `certainty`, and to all others not at all.
    """

    name = "red"
    notice = ""
    crop_size = 16
    width = 26

    def __init__(
        self, numbers: dict[str, int], certainty: float = 1.0, min_similarity: float = -1.0
    ) -> None:
        self._numbers = numbers
        self._certainty = certainty
        self.calibration = Calibration(100.0, 0.0, min_similarity)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        rows = np.zeros((len(crops), self.width + 1), np.float32)
        for row, crop in zip(rows, crops, strict=True):
            row[round(int(crop[8, 8, 0]) / 10)] = self._certainty
            row[self.width] = np.sqrt(1 - self._certainty**2)
        return rows

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        rows = np.zeros((len(texts), self.width + 1), np.float32)
        for row, text in zip(rows, texts, strict=True):
            known = [number for words, number in self._numbers.items() if words in text]
            row[known[0] if known else 0] = 1
        return rows


@pytest.fixture
def patch_segmenter() -> type[PatchSegmenter]:
    return PatchSegmenter


@pytest.fixture
def red_encoder() -> type[RedEncoder]:
    return RedEncoder
