"""Rendered frames on disk, and what is said of damaged ones."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from culture_perception.training.loop import TrainingError
from culture_perception.training.segmenter_data import ObjectRecord, load_frames, read_frame

OBJECT = {"instance_id": 1, "product": 0, "visible_px": 6, "visibility": 0.75}


def write_shard(folder: Path, ids_hw: tuple[int, int] = (4, 6), **changes: Any) -> Path:
    folder.mkdir(parents=True)
    image = np.zeros((4, 6, 3), np.uint8)
    image[..., 2] = 255  # red, in OpenCV's order
    ids = np.zeros(ids_hw, np.uint8)
    ids[1:3, 1:4] = 1
    cv2.imwrite(str(folder / "0.png"), image)
    cv2.imwrite(str(folder / "1.png"), ids)
    entry = {"image": "0.png", "ids": "1.png", "profile": "ravens", "objects": [OBJECT]} | changes
    (folder / "frames.json").write_text(json.dumps([entry]))
    return folder


def test_frames_of_all_shards_in_order(tmp_path: Path) -> None:
    for name in ("shard_0001", "shard_0000"):
        write_shard(tmp_path / name)

    frames = load_frames(tmp_path)

    assert [frame.image_path.parent.name for frame in frames] == ["shard_0000", "shard_0001"]
    assert frames[0].objects == (ObjectRecord(1, 6, 0.75),)


def test_a_frame_is_rgb_with_its_ids(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard_0000")

    frame = read_frame(load_frames(tmp_path)[0])

    assert frame.image_rgb[0, 0].tolist() == [255, 0, 0]
    assert frame.ids.dtype == np.uint8
    assert np.count_nonzero(frame.ids == 1) == 6


def test_a_visibility_that_was_not_measured_is_none(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard_0000", objects=[{**OBJECT, "visibility": None}])

    assert load_frames(tmp_path)[0].objects[0].visibility is None


def test_a_folder_without_frames_says_how_to_render_some(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"python -m sim_bridge\.training_data"):
        load_frames(tmp_path)


@pytest.mark.parametrize("text", ["{", '[{"image": "0.png"}]', "[3]", "7"])
def test_a_damaged_list_is_named(tmp_path: Path, text: str) -> None:
    path = write_shard(tmp_path / "shard_0000") / "frames.json"
    path.write_text(text)

    with pytest.raises(TrainingError, match=r"frames\.json: damaged list of frames"):
        load_frames(tmp_path)


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    (write_shard(tmp_path / "shard_0000") / "0.png").unlink()

    with pytest.raises(TrainingError, match=r"0\.png: missing or not a picture"):
        read_frame(load_frames(tmp_path)[0])


def test_ids_of_another_size_are_named(tmp_path: Path) -> None:
    write_shard(tmp_path / "shard_0000", ids_hw=(5, 6))

    with pytest.raises(TrainingError, match=r"1\.png: shape \(5, 6\) for an image of \(4, 6\)"):
        read_frame(load_frames(tmp_path)[0])
