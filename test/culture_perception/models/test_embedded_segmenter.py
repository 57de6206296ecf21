"""The segmenter that is shipped: it loads, it is small, and it finds what is plain to see."""

import json
from functools import cache

import cv2
import numpy as np
import pytest

from culture_perception.masks import Uint8Array, pairwise_iou
from culture_perception.models.registry import load_segmenter
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.resources import share_path

TABLE = (150, 140, 130)
BOXES = {
    "red": ((200, 40, 40), (220, 200, 300, 320)),
    "blue": ((40, 60, 190), (380, 240, 470, 330)),
}


@cache
def embedded() -> SamSegmenter:
    return load_segmenter(runtime=Runtime(threads=1))


def table_with_boxes() -> Uint8Array:
    picture = np.full((480, 640, 3), TABLE, np.uint8)
    for colour, (x0, y0, x1, y1) in BOXES.values():
        cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), colour, -1)
        cv2.rectangle(picture, (x0 + 15, y0 + 20), (x1 - 16, y0 + 45), (235, 235, 225), -1)
    noise = np.random.default_rng(0).normal(0.0, 3.0, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_it_finds_plain_boxes(scale: float) -> None:
    picture = np.asarray(cv2.resize(table_with_boxes(), None, fx=scale, fy=scale), np.uint8)
    truth = np.zeros((len(BOXES), *picture.shape[:2]), np.bool_)
    for index, (_, box) in enumerate(BOXES.values()):
        x0, y0, x1, y1 = (round(scale * side) for side in box)
        truth[index, y0:y1, x0:x1] = True

    segments = embedded().segment(picture)

    overlaps = pairwise_iou(np.stack([segment.mask for segment in segments]), truth)
    assert (overlaps.max(axis=0) > 0.8).all()


def test_it_is_small() -> None:
    assert share_path("models", "segmenter.safetensors").stat().st_size < 9e6


def test_it_says_how_it_was_made_and_how_good_it_is() -> None:
    text = share_path("models", "segmenter.json").read_text(encoding="utf-8")
    description = json.loads(text)

    assert description["name"] == embedded().name
    assert description["training"]["data"]["split"] == "train"
    assert description["validation"]["recall_iou50"] > 0.7
    assert description["options"]["stability_score_thresh"] == 0.9
