"""Bags as `record` writes them, without the topics: what is in them, and what is given up."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, get_args

import pytest
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import Reader

from culture_perception.bags.bag import Bag
from culture_perception.bags.definitions import definition_of
from culture_perception.bags.errors import BagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.forms import Compression, Storage
from culture_perception.bags.recording import BagRecording, RecordedTopic

FOREVER = QosTime(9223372036, 854775807)
LATCHED = Qos(
    QosHistory.KEEP_LAST,
    1,
    QosReliability.RELIABLE,
    QosDurability.TRANSIENT_LOCAL,
    FOREVER,
    FOREVER,
    QosLiveliness.AUTOMATIC,
    FOREVER,
    False,
)
STRING = "std_msgs/msg/String"
TOPIC = RecordedTopic("/said", STRING, *definition_of(STRING), (LATCHED,))
ROOT = Path(__file__).parents[3]


def message(text: str) -> bytes:
    data = text.encode() + b"\0"
    return b"\0\1\0\0" + len(data).to_bytes(4, "little") + data


def read(path: Path) -> tuple[list[tuple[int, bytes]], Faults]:
    faults = Faults()
    messages = Bag(path, faults).messages({"/said"})
    return [(one.received_ns, one.data) for one in messages], faults


@pytest.mark.parametrize("storage", get_args(Storage))
@pytest.mark.parametrize("compression", get_args(Compression))
def test_what_is_put_is_in_the_bag(
    tmp_path: Path, storage: Storage, compression: Compression
) -> None:
    path = tmp_path / "new" / "bag"
    with BagRecording(path, storage, compression) as recording:
        recording.add_topic(TOPIC)
        for number in range(50):
            assert recording.put("/said", number, message(f"word {number}"))
    assert (recording.written, recording.dropped.total()) == ({"/said": 50}, 0)
    found, faults = read(path)
    assert found == [(number, message(f"word {number}")) for number in range(50)]
    assert faults.counts == {}
    with Reader(path) as reader:
        (connection,) = reader.connections
        assert connection.ext.offered_qos_profiles == [LATCHED]  # type: ignore[union-attr]
        assert (connection.msgtype, connection.digest) == (STRING, TOPIC.digest)
        assert connection.msgdef.data.strip() == "string data"
        assert reader.message_count == 50


def test_a_recording_without_messages_is_a_bag(tmp_path: Path) -> None:
    with BagRecording(tmp_path / "bag") as recording:
        recording.add_topic(TOPIC)
    assert read(tmp_path / "bag")[0] == []


def test_what_does_not_fit_is_dropped_and_counted(tmp_path: Path, monkeypatch: Any) -> None:
    slow, go_on = threading.Event(), threading.Event()
    write = BagRecording._write

    def write_slowly(self: BagRecording, *arguments: Any) -> None:
        slow.set()
        go_on.wait(20.0)
        write(self, *arguments)

    monkeypatch.setattr(BagRecording, "_write", write_slowly)
    one = message("x" * 100)
    with BagRecording(tmp_path / "bag", max_waiting=3 * len(one)) as recording:
        recording.add_topic(TOPIC)
        taken = [recording.put("/said", number, one) for number in range(3)]
        slow.wait(20.0)
        taken += [recording.put("/said", number, one) for number in range(3, 5)]
        go_on.set()
        deadline_s = time.monotonic() + 20.0
        while recording.written["/said"] < 3 and time.monotonic() < deadline_s:
            time.sleep(0.01)
        taken.append(recording.put("/said", 5, one))
    assert taken == [True, True, True, False, False, True]
    assert recording.dropped == {"/said": 2}
    assert [at_ns for at_ns, _ in read(tmp_path / "bag")[0]] == [0, 1, 2, 5]


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(BagError, match="is there already"), BagRecording(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("storage", get_args(Storage))
def test_that_writing_fails_is_said(tmp_path: Path, storage: Storage) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with (
        pytest.raises(BagError, match="can not be written"),
        BagRecording(tmp_path / "file" / "bag", storage),
    ):
        pass


def test_a_message_of_a_topic_that_nobody_added_is_not_lost_in_silence(tmp_path: Path) -> None:
    with (
        pytest.raises(BagError, match="can not be written: KeyError"),
        BagRecording(tmp_path / "bag") as recording,
    ):
        recording.put("/unheard_of", 1, message("x"))


def record_and_fail(path: Path) -> None:
    with BagRecording(path) as recording:
        recording.add_topic(TOPIC)
        recording.put("/said", 1, message("last words"))
        raise RuntimeError("the caller's")


def test_the_bag_gets_its_end_also_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the caller's"):
        record_and_fail(tmp_path / "bag")
    found, faults = read(tmp_path / "bag")
    assert found == [(1, message("last words"))]
    assert faults.counts == {}


KILLED = """
import os, sys, time
from pathlib import Path
from culture_perception.bags.recording import BagRecording, RecordedTopic
with BagRecording(Path(sys.argv[1]), sys.argv[2]) as recording:
    recording.add_topic(RecordedTopic("/said", "std_msgs/msg/String", "string data", "RIHS01_x"))
    for number in range(30):
        recording.put("/said", number, bytes(100_000))
        time.sleep(0.05)
    time.sleep(1.2)
    os._exit(9)
"""


@pytest.mark.parametrize("storage", get_args(Storage))
def test_a_recorder_that_is_killed_leaves_most_of_it(tmp_path: Path, storage: Storage) -> None:
    path = tmp_path / "bag"
    done = subprocess.run([sys.executable, "-c", KILLED, path, storage], cwd=ROOT, check=False)
    assert done.returncode == 9
    found, faults = read(path)
    assert [at_ns for at_ns, _ in found] == list(range(len(found)))
    assert len(found) >= 20
    assert faults.counts["no_metadata"] == 1
