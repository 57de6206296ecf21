"""Bags of every storage and compression, whole and damaged: what is read, and what is told."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from mcap.writer import CompressionType, Writer
from rosbags.rosbag2 import Reader
from rosbags.rosbag2.enums import CompressionMode

from culture_perception.bags.bag import Bag
from culture_perception.bags.errors import UnreadableBagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.topics import MASKS, Topics

TOPICS = Topics()
ALL = {TOPICS.truth, TOPICS.result, *TOPICS.labels}
BagOf = Callable[..., Path]
Read = tuple[list[tuple[str, int, bytes]], Faults]


def read(path: Path) -> Read:
    faults = Faults()
    bag = Bag(path, faults)
    return [(one.channel.topic, one.received_ns, one.data) for one in bag.messages(ALL)], faults


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compression", ["NONE", "FILE", "MESSAGE"])
def test_what_is_read_is_what_rosbags_reads(bag_of: BagOf, storage: str, compression: str) -> None:
    path = bag_of(30, storage=storage, compression=CompressionMode[compression])
    with Reader(path) as reader:
        expected = [(one.topic, at_ns, data) for one, at_ns, data in reader.messages()]
    found, faults = read(path)
    assert sorted(found) == sorted(expected)
    assert faults.counts == {}


def test_a_single_file_is_a_bag(kit: Any, bag_of: BagOf) -> None:
    for storage in ("mcap", "sqlite3"):
        path = bag_of(3, name=storage, storage=storage)
        assert read(kit.storage_file(path)) == read(path)


def test_topics_that_are_not_asked_for_are_left_out(bag_of: BagOf) -> None:
    for storage in ("mcap", "sqlite3"):
        bag = Bag(bag_of(3, name=storage, storage=storage), Faults())
        topics = {one.channel.topic for one in bag.messages({TOPICS.truth})}
        assert topics == {TOPICS.truth}


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("compression", ["NONE", "FILE", "MESSAGE"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_a_bag_that_is_cut_off_is_read_up_to_there(
    kit: Any, bag_of: BagOf, storage: str, compression: str, share: float
) -> None:
    path = bag_of(600, storage=storage, compression=CompressionMode[compression])
    whole, _ = read(path)
    kit.cut(path, share)
    found, faults = read(path)
    assert faults.counts == {"no_metadata": 1, "cut_off": 1}
    assert found == whole[: len(found)]
    # Of a compressed file, the part that was written is not the part of the messages.
    assert (0.0 if compression == "FILE" else 0.6 * share) * len(whole) <= len(found) < len(whole)
    assert share < 0.5 or found


def write_chunks(path: Path, compression: str, messages: int, chunk_size: int) -> None:
    """As `ros2 bag record` does: chunks of a size, with checksums; 300 bytes a message."""
    kinds = {"": CompressionType.NONE, "zstd": CompressionType.ZSTD, "lz4": CompressionType.LZ4}
    noise = random.Random(1)
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=chunk_size, compression=kinds[compression])
        writer.start(profile="ros2")
        schema = writer.register_schema(MASKS, "ros2msg", b"")
        channel = writer.register_channel(TOPICS.truth, "cdr", schema)
        for number in range(messages):
            writer.add_message(channel, number, noise.randbytes(300), number)
        writer.finish()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("compression", ["", "zstd", "lz4"])
def test_a_chunk_that_is_cut_off_gives_what_it_holds(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "one_chunk.mcap"
    write_chunks(path, compression, 4000, chunk_size=1 << 30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found, faults = read(path)
    assert faults.counts == {"cut_off": 1}
    assert [at_ns for _, at_ns, _ in found] == list(range(len(found)))
    assert all(len(data) == 300 for _, _, data in found)
    assert len(found) > 1500


@pytest.mark.parametrize("compression", ["", "zstd", "lz4"])
def test_a_damaged_chunk_is_left_out_and_told(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "chunks.mcap"
    write_chunks(path, compression, 1000, chunk_size=30_000)
    whole, _ = read(path)
    data = path.read_bytes()
    noise = whole[500][2][:50]  # which no compression can change
    path.write_bytes(data.replace(noise, bytes(50)))
    found, faults = read(path)
    assert faults.counts == {"damaged": 1}
    assert len(whole) - 120 < len(found) < len(whole) == 1000
    assert set(found) < set(whole)


def test_a_recording_that_is_cut_at_any_byte_is_no_error(kit: Any, bag_of: BagOf) -> None:
    for storage in ("mcap", "sqlite3"):
        path = bag_of(2, name=storage, storage=storage)
        file = kit.storage_file(path)
        whole, data = read(file)[0], file.read_bytes()
        for end in range(0, len(data), 97):
            file.write_bytes(data[:end])
            try:
                found, _ = read(file)
            except UnreadableBagError:
                found = []
            assert found == whole[: len(found)]


def test_rows_that_can_not_be_read_are_left_out_and_told(kit: Any, bag_of: BagOf) -> None:
    path = bag_of(600, storage="sqlite3")
    whole, _ = read(path)
    file = kit.storage_file(path)
    data = bytearray(file.read_bytes())
    page = 4096 * (len(data) // 4096 // 2)
    data[page : page + 4096] = bytes(4096)
    file.write_bytes(data)
    found, faults = read(path)
    assert faults.counts == {"damaged": 1}
    assert 0.9 * len(whole) < len(found) < len(whole)
    assert set(found) <= set(whole)


def test_every_file_of_a_split_bag_is_read(kit: Any, bag_of: BagOf, tmp_path: Path) -> None:
    split = tmp_path / "split"
    split.mkdir()
    for number in (2, 10):
        part = bag_of(number, name=f"part_{number}")
        shutil.copy(kit.storage_file(part), split / f"split_{number}.mcap")
    found, faults = read(split)
    assert len(found) == (1 + 2 * 2) + (1 + 2 * 10)
    assert found[0] == found[5]  # each begins with the labels
    assert faults.counts == {"no_metadata": 1}
    names = ["split_2.mcap", "split_10.mcap", "split_11.mcap"]
    (split / "metadata.yaml").write_text(
        f"rosbag2_bagfile_information: {{relative_file_paths: {names}}}", encoding="utf-8"
    )
    again, faults = read(split)
    assert again == found
    assert faults.examples == {"missing_file": [str(split / "split_11.mcap")]}


def test_a_part_that_is_no_bag_does_not_spoil_the_others(
    kit: Any, bag_of: BagOf, tmp_path: Path
) -> None:
    path = bag_of(2)
    (path / "metadata.yaml").unlink()
    (path / "noise.mcap").write_bytes(b"noise, and quite a lot of it")
    found, faults = read(path)
    assert len(found) == 5
    assert faults.counts == {"no_metadata": 1, "damaged": 1}


def test_of_a_file_and_its_half_written_copy_the_file_is_read(kit: Any, bag_of: BagOf) -> None:
    path = bag_of(2)
    (path / "metadata.yaml").unlink()
    file = kit.storage_file(path)
    copy = zstandard.compress(file.read_bytes())
    file.with_suffix(".mcap.zstd").write_bytes(copy[: len(copy) // 2])
    found, faults = read(path)
    assert len(found) == 5
    assert faults.counts == {"no_metadata": 1}


def test_what_a_write_ahead_log_still_holds_is_read(kit: Any, bag_of: BagOf) -> None:
    path = bag_of(2, storage="sqlite3")
    file = kit.storage_file(path)
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("INSERT INTO messages SELECT NULL, topic_id, 7, data FROM messages")
    database.commit()
    killed = path.with_name("killed")
    shutil.copytree(path, killed)  # before the log goes into the file, as at a closing
    database.close()
    found, faults = read(killed)
    assert len(found) == 10
    assert faults.counts == {}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bag.mcap", b"something else entirely", "does not begin as MCAP does"),
        ("bag.db3", b"something else entirely" * 10, "does not begin as SQLite does"),
        ("bag.db3", b"", "does not begin as SQLite does"),
        ("bag.mcap.zstd", b"something else entirely", "is no zstd file"),
        ("bag.txt", b"", "is no bag; give a folder or one of .mcap or .mcap.zstd, .db3"),
        ("", b"", "holds no bag: no file in it ends .mcap or"),
        ("nowhere.mcap", None, "there is no such bag"),
    ],
)
def test_what_is_no_bag_is_said(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if name and content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableBagError, match=said):
        read(path)


def test_a_database_of_something_else_is_no_bag(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "other.db3")
    database.execute("CREATE TABLE birds (name TEXT)")
    database.commit()
    database.close()
    with pytest.raises(UnreadableBagError, match="lists no topics"):
        read(tmp_path / "other.db3")
