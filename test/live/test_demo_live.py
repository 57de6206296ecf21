"""The demo and `up` as a user runs them."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pybullet")

COMMAND = [sys.executable, "-m", "culture_perception.cli"]
MODULES = ("sim_bridge.bridge_node", "culture_perception.nodes.")
WAIT_S = 120.0


def nodes_of(environment: dict[str, str]) -> dict[str, int]:
    """Module to process id of this test's nodes that run: those in its ROS domain."""
    domain = f"ROS_DOMAIN_ID={environment['ROS_DOMAIN_ID']}\0".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            arguments = (folder / "cmdline").read_bytes().decode().split("\0")
            if domain in (folder / "environ").read_bytes():
                found |= {one: int(folder.name) for one in arguments if one.startswith(MODULES)}
    return found


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    pytest.fail(f"{what}: not within {WAIT_S} s")


def test_demo_writes_the_stated_cells_and_pictures(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path, out = tmp_path / "scores.json", tmp_path / "out"
    done = subprocess.run(
        [*COMMAND, "demo", "--scenes", "1", "--json", str(path), "--out", str(out)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(path.read_text(encoding="utf-8"))
    cells = {(one["label_set"], one["language"], one["style"]): one for one in record["cells"]}
    expected = [("ycb", "en"), ("konbini", "en"), ("konbini", "ja")]
    assert set(cells) == {(*labels, style) for labels in expected for style in ("plain", "brand")}
    for one in cells.values():
        assert one["n"] == 5
        assert 0.0 <= one["mask_recall_iou50"] <= 1.0
        assert one["latency_ms_p99"] >= one["latency_ms_p50"] > 0
        for name in ("mean_iou", "top1", "precision", "recall", "f1", "unknown_rate"):
            assert name in one
    assert record["frames"] == {"received": 6, "scored": 6, "dropped": 0, "pending": 0}
    assert record["provenance"]["renderer"] in ("egl", "tiny")
    adapted = [labels for labels, one in cells.items() if "before" in one]
    assert set(adapted) == {labels for labels in cells if labels[0] == "konbini"}
    for labels in adapted:  # the same scenes
        before = cells[labels]["before"]
        assert (before["n"], before["mean_iou"]) == (5, cells[labels]["mean_iou"])
    assert record["provenance"]["adapters"].startswith("japan-")
    assert record["provenance"]["before"]["adapters"] == ""
    assert re.search(r"Konbini +ja +brand .*→.*→.* 0\.41", done.stdout)
    pictures = sorted(one.name for one in out.glob("*.png"))
    assert len(pictures) == 6
    assert "konbini_900000_ja_plain.png" in pictures
    assert re.search(r"YCB +en +plain +5", done.stdout)
    assert nodes_of(environment) == {}


@pytest.fixture
def up(environment: dict[str, str], tmp_path: Path) -> Any:
    """`culture-perception up sim`, running."""
    log = tmp_path / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "up", "sim", "--out", str(tmp_path / "logs")],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def said() -> str:
        return log.read_text(encoding="utf-8")

    try:
        wait_for(lambda: "sim runs" in said() or process.poll() is not None, "the start")
        assert process.poll() is None, said()
        assert len(nodes_of(environment)) == 4
        yield process, said
    finally:
        process.kill()
        process.wait()


def test_up_names_the_process_that_died_and_leaves_none(
    up: Any, environment: dict[str, str]
) -> None:
    process, said = up
    os.kill(nodes_of(environment)["culture_perception.nodes.evaluator"], signal.SIGKILL)
    assert process.wait(timeout=30) == 1
    assert "process evaluator was ended by SIGKILL" in said()
    assert nodes_of(environment) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_leaves_no_process_behind(
    up: Any, environment: dict[str, str], number: signal.Signals
) -> None:
    process, said = up
    process.send_signal(number)
    assert process.wait(timeout=30) == 130
    assert "Traceback" not in said()
    assert nodes_of(environment) == {}


def test_a_user_script_sees_japanese_after_a_selection(
    up: Any, environment: dict[str, str]
) -> None:
    done = [
        subprocess.run(
            [*COMMAND, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for arguments in (
            ["scene", "--label-set", "konbini", "--seed", "7"],
            ["select", "--label-set", "konbini", "--language", "ja"],
            ["select", "--language", "tlh"],
        )
    ]
    assert [one.returncode for one in done] == [0, 0, 1]
    assert "konbini, seed 7: konbini." in done[0].stdout
    assert re.search(r"labels [0-9a-f]{12} are active", done[1].stdout)
    assert "unknown language 'tlh'" in done[2].stderr
