"""Products of rendered scenes, of a set written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from culture_perception.adapt.scene_source import FIRST_SEED, read_scenes
from culture_perception.runner import SystemFailure


def test_the_products_that_are_seen_well_enough(tmp_path: Path) -> None:
    scenes = []
    for seed in (FIRST_SEED, FIRST_SEED + 3):
        ids = np.zeros((40, 60), np.uint8)
        ids[5:25, 5:25], ids[10:30, 30:50] = 1, 2
        picture = np.zeros((40, 60, 3), np.uint8)
        picture[ids == 1], picture[ids == 2] = (255, 0, 0), (0, 0, 255)  # BGR
        cv2.imwrite(str(tmp_path / f"{seed}.png"), picture)
        cv2.imwrite(str(tmp_path / f"{seed}_ids.png"), ids)
        objects = [
            {"instance_id": i, "concept_id": name, "visible_px": 400, "visibility": share}
            for i, (name, share) in enumerate((("ycb.sponge", 0.9), ("ycb.cracker_box", 0.4)), 1)
        ]
        files = {"image": f"{seed}.png", "ids": f"{seed}_ids.png"}
        scenes.append({"seed": seed, **files, "objects": objects})
    index = {"products": "ycb", "scenes": scenes, "left_out": []}
    (tmp_path / "scenes.json").write_text(json.dumps(index), encoding="utf-8")

    found = read_scenes(tmp_path, 32)

    assert list(found.concepts) == ["ycb.sponge", "ycb.sponge"]
    assert list(found.groups) == [0, 1]
    assert (found.seen[0, 16, 16] == (0, 0, 255)).all()  # RGB


def test_a_folder_without_scenes_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match=r"scenes\.json is missing"):
        read_scenes(tmp_path, 32)
