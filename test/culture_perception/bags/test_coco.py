"""Ground truth from COCO files: polygons, runs, stamps, and what is wrong with some."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.bags.bag_score import ScoreOptions
from culture_perception.bags.coco import CocoTruth, load_coco
from culture_perception.bags.errors import BagError
from culture_perception.bags.report import summarise
from culture_perception.bags.scoring import score_bag
from culture_perception.masks import paste
from culture_perception.message_records import Truth, Unreadable
from culture_perception.pairing import Frames

coder = pytest.importorskip("pycocotools.mask")

SHAPE_HW = (4, 100)


def square(x0: int, x1: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    pixels = np.zeros(SHAPE_HW, np.uint8, order="F")
    pixels[1, x0:x1] = 1
    return pixels


def runs_of(pixels: np.ndarray[Any, Any]) -> list[int]:
    """Column by column: how many zeros, how many ones, and so on."""
    flat = [0, *pixels.flatten(order="F").tolist()]
    changes = [i for i in range(1, len(flat)) if flat[i] != flat[i - 1]]
    ends = [1, *changes, len(flat)]
    return [end - start for start, end in pairwise(ends)]


def compressed(pixels: np.ndarray[Any, Any]) -> dict[str, Any]:
    coded = coder.encode(np.asfortranarray(pixels))
    return {"size": coded["size"], "counts": coded["counts"].decode()}


def polygon(x0: int, x1: int) -> list[list[int]]:
    return [[x0, 1, x1, 1, x1, 2, x0, 2]]


def file_of(
    images: list[dict[str, Any]], annotations: list[tuple[int, int, Any]], **more: Any
) -> dict[str, Any]:
    return {
        "images": [{"height": SHAPE_HW[0], "width": SHAPE_HW[1], **one} for one in images],
        "annotations": [
            {"id": i, "image_id": image, "category_id": category, "segmentation": shape, **more}
            for i, (image, category, shape) in enumerate(annotations)
        ],
        "categories": [{"id": 1, "name": "toys.cat"}, {"id": 2, "name": "DOG"}],
    }


@pytest.mark.parametrize(
    "segmentation",
    [
        polygon(20, 30),
        compressed(square(20, 30)),
        {"size": list(SHAPE_HW), "counts": runs_of(square(20, 30))},
        [*polygon(20, 25), *polygon(25, 30)],
    ],
    ids=["polygon", "compressed runs", "runs", "two polygons"],
)
def test_every_form_gives_the_same_mask(segmentation: Any) -> None:
    coco = CocoTruth(file_of([{"id": 7, "file_name": "5.png"}], [(7, 1, segmentation)]))
    truth = coco.truth_at(5)
    assert isinstance(truth, Truth)
    (one,) = truth.objects
    assert (truth.label_set, truth.shape_hw, one.concept_id) == (None, SHAPE_HW, "toys.cat")
    assert np.array_equal(paste(one.mask, SHAPE_HW), square(20, 30).astype(bool))


def test_stamps_are_of_the_field_or_of_the_name() -> None:
    images = [
        {"id": 1, "file_name": "images/1700000000000000001.png"},
        {"id": 2, "file_name": "b.png", "stamp_ns": 1700000000000000002},
        {"id": 3, "file_name": "c.png", "stamp_ns": "1700000000000000003"},
        {"id": 4, "file_name": "d.png"},
    ]
    coco = CocoTruth(file_of(images, [(4, 1, polygon(0, 5))]))
    assert coco.stamps == {1700000000000000000 + i for i in (1, 2, 3)}
    assert coco.faults.to_record() == {"unknown_image": {"count": 1, "examples": ["d.png"]}}
    empty = coco.truth_at(1700000000000000001)
    assert isinstance(empty, Truth) and empty.objects == ()


def test_a_crowd_is_no_object() -> None:
    image = [{"id": 1, "file_name": "1.png"}]
    coco = CocoTruth(file_of(image, [(1, 1, polygon(0, 5))], iscrowd=1))
    truth = coco.truth_at(1)
    assert isinstance(truth, Truth) and truth.objects == ()
    assert coco.faults.counts == {"crowd": 1}


@pytest.mark.parametrize(
    ("segmentation", "said"),
    [
        ([[1, 1, 2, 2]], "a polygon of 4 numbers"),
        ([[1, 1, 2, 2, 3, 3, 4]], "a polygon of 7 numbers"),
        ([], "without a polygon"),
        ({"size": [4, 99], "counts": "x"}, "runs of"),
        ({"size": [4, 100], "counts": [3, 4]}, "runs of 7 pixels"),
        (compressed(np.ones((400, 100), np.uint8)) | {"size": [4, 100]}, "Invalid RLE"),
        ({"counts": [400]}, "KeyError: 'size'"),
        (3, "TypeError"),
    ],
)
def test_a_shape_that_can_not_be_read_spoils_its_frame_alone(segmentation: Any, said: str) -> None:
    images = [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}]
    coco = CocoTruth(file_of(images, [(1, 1, segmentation), (2, 1, polygon(0, 5))]))
    spoilt = coco.truth_at(1)
    assert isinstance(spoilt, Unreadable)
    assert said in spoilt.why
    assert isinstance(coco.truth_at(2), Truth)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no COCO file: Expecting property name"),
        ("[]", "is no COCO file"),
        ('{"images": []}', "is no COCO file: there is no 'categories'"),
        (json.dumps(file_of([{"id": 1}], [])), "there is no 'file_name'"),
        (json.dumps(file_of([], [(9, 1, [])])), "there is no 9"),
        (
            json.dumps(file_of([{"id": i, "file_name": "5.png"} for i in (1, 2)], [])),
            "two images have the stamp 5",
        ),
        (None, "No such file"),
    ],
)
def test_what_is_no_coco_file_is_said(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "truth.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(BagError, match=r"truth\.json") as raised:
        load_coco(path)
    assert said in str(raised.value)


def test_footage_is_scored_where_it_is_annotated(
    kit: Any, bag_of: Callable[..., Path], tmp_path: Path
) -> None:
    path = bag_of(5)
    images = [{"id": i, "file_name": f"{kit.SECOND + i * kit.SECOND // 10}.png"} for i in (1, 3)]
    images.append({"id": 9, "file_name": "17.png"})  # of no frame
    shapes = [(1, 1, polygon(0, 10)), (1, 2, polygon(20, 30)), (3, 1, polygon(0, 10))]
    coco_path = tmp_path / "truth.json"
    coco_path.write_text(json.dumps(file_of(images, shapes)), encoding="utf-8")
    score = score_bag(path, ScoreOptions(coco=coco_path))
    assert score.faults.counts == {}
    assert score.images == 2
    record = summarise([score], load_coco(coco_path), seconds=1.0)
    assert record["frames"] == {"received": 3, "scored": 2, "dropped": 0, "pending": 1}
    assert record["faults"] == {"truth_without_result": {"count": 1, "examples": ["17"]}}
    (cell,) = record["cells"]
    assert (cell["n"], cell["mask_recall_iou50"], cell["recall"]) == (3, 1.0, 2 / 3)
    assert score.tally.frames == Frames(received=2, scored=2)
