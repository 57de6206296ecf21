"""`record` beside a running system; what `score` makes of the bag is what the evaluator said."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pybullet")

from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosbags.highlevel import AnyReader
from std_msgs.msg import String

from culture_perception.bags.topics import RECORDED
from culture_perception.cli import main
from culture_perception.nodes import qos
from culture_perception.nodes.system_client import SystemClient

COMMAND = [sys.executable, "-m", "culture_perception.cli"]
START_S = 90.0
SCENES = (("ycb", "en", "plain"), ("ycb", "en", "brand"), ("konbini", "ja", "plain"))


BEST_EFFORT = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)


def words(bag: Path) -> list[str]:
    """What the texts in a bag say, topic by topic."""
    with AnyReader([bag]) as reader:
        found = [
            (one.topic != "/latched", reader.deserialize(data, one.msgtype).data)  # type: ignore[attr-defined]
            for one, _, data in reader.messages()
        ]
    return [word for _, word in sorted(found, key=lambda pair: pair[0])]


class Recording:
    """A `record` process."""

    def __init__(self, popen: subprocess.Popen[bytes], log: Path) -> None:
        self.popen = popen
        self.log = log

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_until(self, text: str) -> None:
        deadline_s = time.monotonic() + START_S
        while text not in self.said:
            assert self.popen.poll() is None, self.said
            assert time.monotonic() < deadline_s, self.said
            time.sleep(0.05)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(timeout=30)

    def messages(self) -> dict[str, int]:
        """Topic to messages, as the table at the end says."""
        rows = re.findall(r"^ (/\S+) +(\d+)", self.said, re.MULTILINE)
        return {topic: int(number) for topic, number in rows}


@contextmanager
def recording(environment: dict[str, str], log: Path, *arguments: object) -> Iterator[Recording]:
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [*COMMAND, "record", *map(str, arguments)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**environment, "COLUMNS": "120"},
        )
    try:
        yield Recording(popen, log)
    finally:
        popen.kill()
        popen.wait()


def figures(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Cells without what depends on who receives when."""
    return [
        {name: value for name, value in cell.items() if not name.startswith("latency")}
        for cell in record["cells"]
    ]


def scored(*arguments: object) -> int:
    return main(["score", *map(str, arguments)])


def test_scores_of_the_bag_are_the_evaluators_to_the_last_digit(
    children: Any, tmp_path: Path
) -> None:
    live_path, offline_path, anew_path = (tmp_path / f"{name}.json" for name in "abc")
    children.start("sim_bridge.bridge_node", rate_hz=0.0)
    children.start("culture_perception.nodes.label_service")
    children.start("culture_perception.nodes.perception")
    evaluator = children.start("culture_perception.nodes.evaluator", json_path=str(live_path))
    bag = tmp_path / "bag"
    with SystemClient(children.check) as client:
        client.wait_until_up(START_S)
        client.warm_up(START_S)
        with recording(children.environment, tmp_path / "record.log", "-o", bag) as recorder:
            recorder.wait_until(f"{len(RECORDED)} of {len(RECORDED)}")
            for seed, (label_set, language, style) in enumerate(SCENES, start=3):
                client.new_scene(label_set, seed)
                client.select(label_set, language, style)
                client.capture()
            time.sleep(0.5)  # the recorder, too, has received the last frame
            assert recorder.end() == 0, recorder.said
            counts = recorder.messages()
    assert "Traceback" not in recorder.said
    assert "without a description" not in recorder.said
    assert counts["/perception/labelled_masks"] == counts["/camera/color/image_raw"] == 3
    assert counts["/tf_static"] == 1
    assert evaluator.interrupt() == 0
    children.running.pop("evaluator")

    live = json.loads(live_path.read_text(encoding="utf-8"))
    assert scored(bag, "--json", offline_path, "--require", "frames>=1") == 0
    offline = json.loads(offline_path.read_text(encoding="utf-8"))
    assert [(one["label_set"], one["style"]) for one in live["cells"]] == [
        ("konbini", "plain"),
        ("ycb", "brand"),
        ("ycb", "plain"),
    ]
    assert figures(offline) == figures(live)
    assert offline["frames"] == live["frames"]
    assert offline["faults"] == {}
    for cell in offline["cells"]:
        assert 0 < cell["latency_ms_p50"] < 60_000
    # The same models over the recorded images find the same.
    assert scored(bag, "--recompute", "--json", anew_path) == 0
    anew = json.loads(anew_path.read_text(encoding="utf-8"))
    assert figures(anew) == figures(live)
    assert [one.rpartition("-")[0] for one in anew["provenance"]["adapters"]] == ["japan"]
    assert [cell["latency_ms_p50"] for cell in anew["cells"]] == [None] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_topics_of_any_type_and_quality_are_recorded(
    peer: Any, tmp_path: Path, number: signal.Signals
) -> None:
    latched = peer.node.create_publisher(String, "/latched", qos.LATCHED)
    latched.publish(String(data="before anybody listens"))
    best_effort = peer.node.create_publisher(String, "/best_effort", BEST_EFFORT)
    environment, bag = peer.children.environment, tmp_path / "bag"
    topics = ("/latched", "/best_effort", "/silent")
    arguments = ("-o", bag, "--storage", "sqlite3", "--compression", "zstd", "--topics", *topics)
    with recording(environment, tmp_path / "record.log", *arguments) as recorder:
        recorder.wait_until("2 of 3")
        peer.wait_for(lambda: best_effort.get_subscription_count() > 0, "the recorder")
        for word in ("owl", "フクロウ"):
            best_effort.publish(String(data=word))
        time.sleep(0.5)  # what was published is on its way
        assert recorder.end(number) == 0, recorder.said
    assert recorder.messages() == {"/latched": 1, "/best_effort": 2, "/silent": 0}
    assert "/silent: no message; nobody published" in recorder.said
    assert words(bag) == ["before anybody listens", "owl", "フクロウ"]


def test_nothing_recorded_is_an_error_that_names_the_domain(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with recording(
        environment, tmp_path / "log", "-o", tmp_path / "bag", "--seconds", "0.5"
    ) as recorder:
        assert recorder.popen.wait(timeout=60) == 1
    assert "is the system running, with" in recorder.said
    assert f"ROS_DOMAIN_ID {environment['ROS_DOMAIN_ID']}" in " ".join(recorder.said.split())
    assert "/diagnostics: no message; nobody published" in recorder.said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "."), "is there already; choose another name"),
        (("-o", "bag", "--topics", "camera"), "topic 'camera': begin it with /"),
    ],
)
def test_a_mistake_is_said_at_once(
    arguments: tuple[str, ...],
    said: str,
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["record", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
