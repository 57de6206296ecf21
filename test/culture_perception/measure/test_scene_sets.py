"""Reading scene sets, and rendering them by another program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from culture_perception.measure.scene_sets import load_set, read_scene, render_set
from culture_perception.runner import SystemFailure

COLOURS = {"ycb.sponge": 20, "ycb.sugar_box": 40}


@pytest.fixture
def folder(tmp_path: Path, write_scene_set: Callable[..., Path]) -> Path:
    return write_scene_set(tmp_path / "ycb", [["ycb.sugar_box", "ycb.sponge"]], COLOURS)


def test_a_scene_in_memory(folder: Path) -> None:
    found = load_set(folder)
    assert (found.name, found.left_out, found.about["renderer"]) == ("ycb", (), ["egl"])
    pictures = read_scene(found.scenes[0])
    assert pictures.image_rgb.shape == (60, 80, 3)
    assert [int(mask.sum()) for mask in pictures.masks] == [400, 400]
    for mask, thing in zip(pictures.masks, found.scenes[0].objects, strict=True):
        assert np.unique(pictures.image_rgb[mask], axis=0).tolist() == [
            [COLOURS[thing.concept_id], 0, 0]
        ]


def test_what_is_missing_or_damaged_is_named(folder: Path) -> None:
    scene = load_set(folder).scenes[0]
    scene.image_path.unlink()
    with pytest.raises(SystemFailure, match=r"0\.png is missing or no picture"):
        read_scene(scene)
    index = json.loads((folder / "scenes.json").read_text())
    del index["scenes"][0]["ids"]
    (folder / "scenes.json").write_text(json.dumps(index))
    with pytest.raises(SystemFailure, match=r"scenes\.json is missing or damaged"):
        load_set(folder)
    with pytest.raises(SystemFailure, match=r"python -m sim_bridge\.evaluation_scenes"):
        load_set(folder / "nowhere")


def test_an_id_image_without_its_object_is_refused(folder: Path) -> None:
    scene = load_set(folder).scenes[0]
    scene.ids_path.write_bytes(scene.image_path.read_bytes())
    with pytest.raises(SystemFailure, match="delete both"):
        read_scene(scene)


def test_rendering_that_fails_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(SystemFailure, match="ended with exit code 2; run it again"):
        render_set(tmp_path, "scans", 1, 1, str(tmp_path / "no_scans"))


def test_the_program_gets_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    render_set(tmp_path, "ycb", 7, 2)
    render_set(tmp_path, "scans", 7, 2, "/scans")
    program = [sys.executable, "-m", "sim_bridge.evaluation_scenes", str(tmp_path)]
    ycb = ["--products", "ycb", "--scenes", "7", "--workers", "2"]
    scans = ["--products", "scans", "--scenes", "7", "--workers", "2", "--scans", "/scans"]
    assert started == [[*program, *ycb], [*program, *scans]]
