"""Pictures from folders and COCO files, and how they are dealt out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.adapt.folder_source import concept_names, read_folder
from culture_perception.adapt.pictures import PictureList, Pictures, joined, split
from culture_perception.concepts import LabelSet
from culture_perception.labels import load_label_set
from culture_perception.runner import SystemFailure

SIZE = 32


@pytest.fixture
def labels(shop: Path) -> LabelSet:
    return load_label_set(shop / "kauppa.yaml")


def test_a_folder_is_named_by_id_short_id_or_text(labels: LabelSet, tmp_path: Path) -> None:
    names = concept_names(labels)
    assert names["kauppa.makea"] == names["makea"] == names["punainen laatikko"] == "kauppa.makea"
    for name, value in (("makea", 10), ("sininen tölkki", 200)):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), np.full((8, 8), value, np.uint8))
    found = read_folder(tmp_path, labels, SIZE)
    assert list(found.concepts) == ["kauppa.makea", "kauppa.kuura"]
    assert list(found.groups) == [0, 1]
    assert found.seen.shape == (2, SIZE, SIZE, 3)
    assert (found.seen[0, 8:24, 8:24] == 10).all()


def test_what_is_transparent_is_not_the_product(labels: LabelSet, tmp_path: Path) -> None:
    (tmp_path / "makea").mkdir()
    bgra = np.zeros((40, 40, 4), np.uint8)
    bgra[..., 2] = 255
    bgra[10:30, 10:30, 0], bgra[10:30, 10:30, 2], bgra[10:30, 10:30, 3] = 255, 0, 255
    cv2.imwrite(str(tmp_path / "makea" / "1.png"), bgra)
    found = read_folder(tmp_path, labels, SIZE)
    assert (found.seen[0, 14:18, 14:18] == (0, 0, 255)).all()  # RGB
    share = 1 / 1.4**2  # the object in its square with a margin of a fifth on each side
    assert found.masks[0].mean() == pytest.approx(share, abs=0.05)


def coco(folder: Path, *annotations: dict[str, Any]) -> Path:
    cv2.imwrite(str(folder / "a.png"), np.zeros((20, 30, 3), np.uint8))
    record = {
        "images": [{"id": 7, "file_name": "a.png"}],
        "categories": [{"id": 3, "name": "makea"}],
        "annotations": [
            {"id": i, "image_id": 7, "category_id": 3, **one} for i, one in enumerate(annotations)
        ],
    }
    (folder / "coco.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_coco_in_all_its_forms(labels: LabelSet, tmp_path: Path) -> None:
    square = [5, 5, 14, 5, 14, 14, 5, 14]  # 10 x 10 pixels
    runs = [5 * 20 + 5] + [10, 10] * 9 + [10, 600 - 5 * 20 - 5 - 190]
    coco(
        tmp_path,
        {"segmentation": [square]},
        {"segmentation": {"counts": runs, "size": [20, 30]}},
        {"bbox": [5, 5, 10, 10]},
        {"bbox": [0, 0, 30, 20], "iscrowd": 1},
    )
    found = read_folder(tmp_path, labels, SIZE)
    assert list(found.concepts) == ["kauppa.makea"] * 3
    assert list(found.groups) == [0, 0, 0]
    assert (found.masks[0] == found.masks[1]).all()
    assert (found.masks[0] == found.masks[2]).all()
    assert 0 < found.masks[0].mean() < 1


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ({"segmentation": {"counts": "abc"}}, "annotation 0 can not be read"),
        ({"segmentation": {"counts": [3, 4]}}, "annotation 0 can not be read"),
        ({}, "annotation 0 can not be read"),
        ({"bbox": [3, 3, 0, 0]}, "annotation 0 has no pixel"),
        ({"bbox": [1, 1, 5, 5], "category_id": 9}, "no COCO file"),
    ],
)
def test_a_wrong_annotation_is_named(
    annotation: dict[str, Any], message: str, labels: LabelSet, tmp_path: Path
) -> None:
    with pytest.raises(SystemFailure, match=message):
        read_folder(coco(tmp_path, annotation), labels, SIZE)


def test_wrong_folders_are_named(labels: LabelSet, tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match="no such folder"):
        read_folder(tmp_path / "none", labels, SIZE)
    with pytest.raises(SystemFailure, match="no labelled picture"):
        read_folder(tmp_path, labels, SIZE)
    (tmp_path / "makea").mkdir()
    (tmp_path / "makea" / "1.png").write_bytes(b"no picture")
    with pytest.raises(SystemFailure, match=r"1\.png: missing or no picture"):
        read_folder(tmp_path, labels, SIZE)
    (tmp_path / "makea").rename(tmp_path / "maito")
    with pytest.raises(SystemFailure, match=r"'maito' is no concept .* kauppa\.makea"):
        read_folder(tmp_path, labels, SIZE)


def some(concepts: list[str], groups: list[int]) -> Pictures:
    crops = PictureList(8)
    for concept, group in zip(concepts, groups, strict=True):
        crops.add(np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), np.bool_), concept, group)
    return crops.done()


def test_three_fifths_of_each_product_are_learned_from() -> None:
    pictures = some(["a"] * 10 + ["b"] * 5, list(range(15)))
    parts = split(pictures, seed=1)
    counts = [
        [int((part.concepts == name).sum()) for name in "ab"]
        for part in (parts.training, parts.validation, parts.test)
    ]
    assert counts == [[6, 3], [2, 1], [2, 1]]
    groups = [set(one.groups) for one in (parts.training, parts.validation, parts.test)]
    assert len(set.union(*groups)) == 15
    few = split(pictures, seed=1, shots=2)
    assert sorted(few.training.concepts) == ["a", "a", "b", "b"]
    assert set(few.test.groups) == groups[2]


def test_a_scene_is_in_one_part_alone() -> None:
    pictures = some(["a", "b"] * 10, sorted([*range(10), *range(10)]))
    parts = split(pictures, seed=0)
    groups = [set(one.groups) for one in (parts.training, parts.validation, parts.test)]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    assert all(groups)


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(SystemFailure, match=r"b has 2 picture\(s\); give at least 3"):
        split(some(["a", "a", "a", "b", "b"], list(range(5))), seed=0)


def test_groups_of_different_sources_stay_apart() -> None:
    one, none = some(["a", "a"], [0, 3]), some([], [])
    assert list(joined([none, one, one]).groups) == [0, 3, 4, 7]
    assert len(none) == 0
