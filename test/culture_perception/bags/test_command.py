"""`culture-perception score` as it is run: exit codes, files, several bags, without ROS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from culture_perception.bags.faults import MEANINGS
from culture_perception.bags.report import INCOMPLETE, NOTHING, OK, REQUIREMENT_FAILED
from culture_perception.cli import main

ROOT = Path(__file__).parents[3]
BLOCKED = ("rclpy", "sensor_msgs", "culture_interfaces", "std_msgs", "torch", "pybullet", "ray")
WITHOUT_ROS = f"""
import sys
for name in {BLOCKED}:
    sys.modules[name] = None  # an import of it now raises ModuleNotFoundError
from culture_perception.cli import main
sys.exit(main(sys.argv[1:]))
"""
BagOf = Callable[..., Path]


def score(*arguments: object) -> int:
    return main(["score", *map(str, arguments)])


def record_of(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def without_times(record: dict[str, Any]) -> dict[str, Any]:
    bags = [{key: one[key] for key in one if key != "seconds"} for one in record["bags"]]
    return {**{key: record[key] for key in record if key != "time"}, "bags": bags}


def test_a_whole_bag_gives_table_record_and_zero(
    bag_of: BagOf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, json_path = bag_of(3), tmp_path / "new" / "scores.json"
    assert score(path, "--json", json_path, "--require", "f1>=0.6") == OK
    said = capsys.readouterr().out
    assert "toys" in said and "67%" in said
    assert "frames: 3 true, 3 scored, 0 dropped, 0 left over" in said
    assert "images/s" in said
    record = record_of(json_path)
    (cell,) = record["cells"]
    assert (cell["label_set"], cell["language"], cell["style"]) == ("toys", "en", "plain")
    assert (cell["n"], cell["f1"], cell["recall"]) == (6, 2 / 3, 0.5)
    assert record["frames"] == {"received": 3, "scored": 3, "dropped": 0, "pending": 0}
    assert record["faults"] == {}
    assert record["requirements"] == {"asked": ["f1>=0.6"], "not_met": []}
    (bag,) = record["bags"]
    assert bag["bag"] == str(path)
    assert bag["cells"] == record["cells"]
    assert bag["messages"]["/perception/labelled_masks"] == 3
    assert record["time"]["images"] == 3
    assert record["time"]["image_ms_p50"] is None
    assert record["provenance"]["ground_truth"] == "bag"
    assert record["provenance"]["adapters"] == []  # nothing was recognised anew


def test_frames_are_lines(bag_of: BagOf, kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "other") as record:
        record.truth(kit.SECOND, kit.TRUE)
    frames = tmp_path / "frames.jsonl"
    score(bag_of(2), tmp_path / "other", "--frames", frames)
    lines = [json.loads(line) for line in frames.read_text(encoding="utf-8").splitlines()]
    assert [Path(line["bag"]).name for line in lines] == ["run", "run", "other"]
    first, _, last = lines
    assert (first["stamp_ns"], first["reason"], first["language"]) == (kit.SECOND, "", "en")
    assert (first["counts"]["covered"], first["counts"]["iou_sum"]) == (2, 1.5)
    assert first["latency_ms"] == 20.0
    assert [one["verdict"] for one in first["objects"]] == ["right", "unknown"]
    assert last == {
        "bag": str(tmp_path / "other"),
        "stamp_ns": kit.SECOND,
        "reason": "truth_without_result",
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], INCOMPLETE),
        (["--allow", "truth_without_result"], OK),
        (["--allow", "duplicate_truth"], INCOMPLETE),
        (["--require", "f1>=0.6"], INCOMPLETE),
        (["--require", "f1>=0.6", "--require", "n>1000"], REQUIREMENT_FAILED),
        (["--require", "toys/fr/plain:f1>=0"], REQUIREMENT_FAILED),
        (["--require", "f1>0.9", "--allow", "truth_without_result"], REQUIREMENT_FAILED),
    ],
)
def test_the_exit_code_tells(
    kit: Any, tmp_path: Path, options: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 2)
        record.truth(9 * kit.SECOND, kit.TRUE)
    assert score(tmp_path / "bag", *options) == code
    said = " ".join(capsys.readouterr().out.split())
    assert "1 truth_without_result: true frames that have no result (9000000000)" in said
    assert ("requirement not met" in said) == (code == REQUIREMENT_FAILED)


def test_a_bag_that_can_not_be_read_does_not_spoil_the_others(
    bag_of: BagOf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noise.mcap").write_bytes(b"noise, and quite a lot of it")
    assert score(tmp_path / "noise.mcap", bag_of(2)) == INCOMPLETE
    assert "unreadable_bag" in capsys.readouterr().out
    assert score(tmp_path / "noise.mcap") == NOTHING


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere"], "nowhere: there is no such bag"),
        (["BAG", "--require", "f1"], "write FIGURE>=NUMBER"),
        (["BAG", "--coco", "nowhere.json"], "nowhere.json: No such file"),
        (["BAG", "--label-set", "ycb"], "--label-set says how results are made anew; add --rec"),
        (["BAG", "--encoder", "embedded"], "--encoder says how results are made anew"),
        (["BAG", "--recompute", "--language", "en"], "add --label-set"),
        (["BAG", "--recompute", "--segmenter", "no_such"], "segmenter 'no_such': known are"),
        (["BAG", "--recompute", "--adapters", "no_such"], "no_such: no such adapter"),
        (["BAG", "--adapters", "none"], "--adapters says how results are made anew"),
    ],
)
def test_a_users_mistake_is_one_message(
    bag_of: BagOf, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(bag_of(1)) if one == "BAG" else one for one in options]
    assert score(*arguments) == NOTHING
    error = capsys.readouterr().err
    assert error.startswith("culture-perception score: ")
    assert said in error
    assert "Traceback" not in error


def test_faults_are_told_as_they_are_written(
    kit: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 1)
        record.truth(9 * kit.SECOND, [], label_set="[/bold] [red]")
        record.result(9 * kit.SECOND, [], kit.LABELS_EN)
    assert score(tmp_path / "bag") == INCOMPLETE
    assert "on the table is '[/bold] [red]'" in " ".join(capsys.readouterr().out.split())


def test_help_tells_codes_and_faults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        score("--help")
    said = capsys.readouterr().out
    assert "3  scored, but something is wrong with a bag" in said
    assert all(fault in said for fault in MEANINGS)


@pytest.fixture
def three_bags(kit: Any, bag_of: BagOf, tmp_path: Path) -> list[Path]:
    """One as it should be, one with faults, one that can not be read."""
    with kit.recording(tmp_path / "faulty", storage="sqlite3") as record:
        kit.write_run(record, 4)
        record.truth(9 * kit.SECOND, kit.TRUE)
        record.result(kit.SECOND, kit.FOUND, kit.LABELS_EN)
    (tmp_path / "noise.mcap").write_bytes(b"noise, and quite a lot of it")
    return [bag_of(5), tmp_path / "faulty", tmp_path / "noise.mcap"]


def assert_same_as_in_turn(bags: list[Path], tmp_path: Path, *options: str) -> None:
    for name, more in (("turn", ()), ("else", options)):
        paths = ("--json", tmp_path / f"{name}.json", "--frames", tmp_path / f"{name}.jsonl")
        assert score(*bags, *paths, *more) == INCOMPLETE
    in_turn, elsewhere = (record_of(tmp_path / f"{name}.json") for name in ("turn", "else"))
    assert without_times(elsewhere) == without_times(in_turn)
    assert [Path(one["bag"]) for one in elsewhere["bags"]] == bags
    in_turn_lines = (tmp_path / "turn.jsonl").read_bytes()
    assert in_turn_lines.count(b"\n") == 11
    assert (tmp_path / "else.jsonl").read_bytes() == in_turn_lines


def test_processes_give_what_one_gives(three_bags: list[Path], tmp_path: Path) -> None:
    assert_same_as_in_turn(three_bags, tmp_path, "--workers", "2")


def test_a_mistake_in_a_process_is_one_message(
    bag_of: BagOf, capsys: pytest.CaptureFixture[str]
) -> None:
    bags = [bag_of(1, name=name) for name in "ab"]
    assert score(*bags, "--workers", "2", "--recompute", "--segmenter", "no_such") == NOTHING
    error = capsys.readouterr().err
    assert error.startswith("culture-perception score: ")
    assert "no_such" in error and "Traceback" not in error


def test_a_ray_cluster_gives_what_one_process_gives(
    three_bags: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    # Nothing of it may be left in the home folder, nor be told to anybody.
    for name, value in (("RAY_AUTH_MODE", "disabled"), ("RAY_USAGE_STATS_ENABLED", "0")):
        monkeypatch.setenv(name, value)
    assert_same_as_in_turn(three_bags, tmp_path, "--ray", "local")


def test_without_ray_it_is_said(
    bag_of: BagOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert score(bag_of(1), "--ray", "auto") == NOTHING
    assert "pip install 'culture_perception[ray]'" in capsys.readouterr().err


def test_a_cluster_that_is_not_there_is_said_at_once(
    bag_of: BagOf, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    assert score(bag_of(1), "--ray", "127.0.0.1:1") == NOTHING
    assert "--ray 127.0.0.1:1: nothing answers there" in capsys.readouterr().err


@pytest.mark.parametrize("definitions", [True, False])
def test_it_needs_no_ros(bag_of: BagOf, tmp_path: Path, definitions: bool) -> None:
    paths = [
        bag_of(2, name=one, storage=one, definitions=definitions) for one in ("mcap", "sqlite3")
    ]
    environment = {name: value for name, value in os.environ.items() if "ROS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ROS, "score", *map(str, paths), "--json", "scores.json"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == OK, done.stderr
    assert record_of(tmp_path / "scores.json")["frames"]["scored"] == 4
