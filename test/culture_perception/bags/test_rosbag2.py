"""Bags in the forms that rosbag2's releases have, and what its readers need of ours.

The forms are those of files in public repositories (rosbag2's own tests among them) and of its
sources; each test names which. What is written here is made by the test itself.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import yaml
import zstandard
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)

from culture_perception.bags.bag import Bag
from culture_perception.bags.definitions import definition_of
from culture_perception.bags.faults import Faults
from culture_perception.bags.forms import Compression, Storage
from culture_perception.bags.frame_images import read_image
from culture_perception.bags.messages import Message, Messages
from culture_perception.bags.recording import BagRecording, RecordedTopic
from culture_perception.bags.topics import IMAGE
from culture_perception.bags.topics import RECORDED as RECORDED_TOPICS

TOPIC = "/camera/image_raw"
PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
STAMPS = [5, 6, 7]


def read(path: Path) -> tuple[list[Message], Faults]:
    faults = Faults()
    return list(Messages(Bag(path, faults), {TOPIC: (IMAGE,)}, faults)), faults


def images(kit: Any) -> list[bytes]:
    return [
        bytes(kit.TYPES.serialize_cdr(kit.image(stamp, PIXELS, "rgb8"), IMAGE)) for stamp in STAMPS
    ]


def check_images(path: Path) -> None:
    found, faults = read(path)
    assert faults.counts == {}
    assert [one.received_ns for one in found] == STAMPS
    for one in found:
        np.testing.assert_array_equal(read_image(one.content), PIXELS)


# Columns of the table topics by release: sqlite_storage.cpp of its branches. Metadata: yaml.hpp.
TABLES = {
    "first days, a file of rosbag2 at e3953916": (("name", "type"), 0),
    "Crystal to Eloquent": (("name", "type", "serialization_format"), 1),
    "Foxy, Galactic": (("name", "type", "serialization_format", "offered_qos_profiles"), 4),
    "Humble": (("name", "type", "serialization_format", "offered_qos_profiles"), 5),
    "Jazzy, without definitions": (
        (
            "name",
            "type",
            "serialization_format",
            "offered_qos_profiles",
            "type_description_hash",
        ),
        9,
    ),
}


def write_sqlite(
    path: Path, columns: tuple[str, ...], msgtype: str, messages: list[bytes], form: str = "cdr"
) -> None:
    values = {"name": TOPIC, "type": msgtype, "serialization_format": form}
    names = ", ".join(columns)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE topics(id INTEGER PRIMARY KEY, {names})")
        database.execute(
            "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, "
            "timestamp INTEGER NOT NULL, data BLOB NOT NULL)"
        )
        marks = ",".join("?" * len(columns))
        row = [values.get(column, "") for column in columns]
        database.execute(f"INSERT INTO topics({names}) VALUES({marks})", row)
        database.executemany(
            "INSERT INTO messages(topic_id, timestamp, data) VALUES(1, ?, ?)",
            zip(STAMPS, messages, strict=True),
        )
        database.commit()


@pytest.mark.parametrize("release", TABLES)
@pytest.mark.parametrize("msgtype", [IMAGE, "sensor_msgs/Image"])
def test_a_database_of_each_release_is_read(
    kit: Any, tmp_path: Path, release: str, msgtype: str
) -> None:
    columns, version = TABLES[release]
    bag = tmp_path / "bag"
    bag.mkdir()
    write_sqlite(bag / "bag_0.db3", columns, msgtype, images(kit))
    if version:
        # Up to version 3 a file was named with its folder.
        listed = "bag/bag_0.db3" if version < 4 else "bag_0.db3"
        text = f"{{version: {version}, relative_file_paths: [{listed}]}}"
        (bag / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {text}", "utf-8")
        check_images(bag)
    check_images(bag / "bag_0.db3")


def write_mcap(path: Path, msgtype: str, messages: list[bytes], **options: Any) -> None:
    encoding = options.pop("encoding", "cdr")
    with path.open("wb") as file:
        writer = Writer(file, **options)
        writer.start(profile="ros2", library="libmcap 0.8.0")
        schema = writer.register_schema(msgtype, "ros2msg", definition_of(IMAGE)[0].encode())
        channel = writer.register_channel(TOPIC, encoding, schema, {"offered_qos_profiles": ""})
        for stamp, data in zip(STAMPS, messages, strict=True):
            writer.add_message(channel, stamp, data, stamp)
        writer.finish()  # type: ignore[no-untyped-call]


PRESETS: dict[str, dict[str, Any]] = {
    # SetOptionsForPreset of rosbag2_storage_mcap/src/mcap_storage.cpp
    "none": {"compression": CompressionType.NONE, "enable_crcs": False},
    "fastwrite": {"use_chunking": False, "enable_crcs": False},
    "zstd_fast": {"compression": CompressionType.ZSTD, "enable_crcs": False},
    "zstd_small": {"compression": CompressionType.ZSTD, "chunk_size": 4 << 20},
    "of a config file": {"compression": CompressionType.LZ4},
}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("msgtype", [IMAGE, "sensor_msgs/Image"])
def test_mcap_of_each_preset_is_read(kit: Any, tmp_path: Path, preset: str, msgtype: str) -> None:
    write_mcap(tmp_path / "bag_0.mcap", msgtype, images(kit), **PRESETS[preset])
    check_images(tmp_path / "bag_0.mcap")


def test_mcap_whose_messages_are_compressed_is_read(kit: Any, tmp_path: Path) -> None:
    """As tests/rosbag/soccer_goal of rosbag-sharing-community/amber, which Humble wrote."""
    path = tmp_path / "soccer_12.mcap"
    compressed = [zstandard.compress(data) for data in images(kit)]
    write_mcap(path, "sensor_msgs/Image", compressed, compression=CompressionType.NONE)
    check_images(path)


def test_messages_that_are_no_cdr_are_told_and_left_out(kit: Any, tmp_path: Path) -> None:
    """As wrong_rmw_test of rosbag2_tests/resources, in both storages."""
    columns, _ = TABLES["Humble"]
    write_sqlite(tmp_path / "a.db3", columns, IMAGE, images(kit), form="wrong_format")
    write_mcap(tmp_path / "a.mcap", IMAGE, images(kit), encoding="wrong_format")
    for name in ("a.db3", "a.mcap"):
        found, faults = read(tmp_path / name)
        assert found == []
        assert faults.counts == {"unknown_type": 1}
        (example,) = faults.examples["unknown_type"]
        assert example == f"{TOPIC} is serialised as 'wrong_format', not as 'cdr'"


FOREVER = QosTime(9223372036, 854775807)
# What a publisher of rmw_fastrtps is seen to offer: history and depth are not announced.
OFFERED = Qos(
    QosHistory.UNKNOWN,
    0,
    QosReliability.BEST_EFFORT,
    QosDurability.TRANSIENT_LOCAL,
    FOREVER,
    FOREVER,
    QosLiveliness.AUTOMATIC,
    FOREVER,
    False,
)
RECORDED = RecordedTopic(TOPIC, IMAGE, *definition_of(IMAGE), (OFFERED, OFFERED))


@pytest.fixture
def recorded(kit: Any, tmp_path: Path) -> Callable[[Storage, Compression], Path]:
    def record(storage: Storage, compression: Compression) -> Path:
        path = tmp_path / f"{storage}_{compression}"
        with BagRecording(path, storage, compression) as recording:
            recording.add_topic(RECORDED)
            for stamp, data in zip(STAMPS, images(kit), strict=True):
                assert recording.put(TOPIC, stamp, data)
        return path

    return record


# rmw_qos_profile_t of rmw/types.h: unknown, best effort, transient local, automatic
POLICIES = {"history": 3, "reliability": 2, "durability": 1, "liveliness": 1}


def check_qos(text: Any) -> None:
    """Decodes it as Rosbag2QoS of rosbag2_transport (0.15.12) and of rosbag2_storage (0.26.5) do.

    Up to version 8 of the metadata it is YAML in a string, and policies are numbers.
    """
    assert isinstance(text, str)
    profiles = yaml.safe_load(text)
    assert len(profiles) == 2
    for one in profiles:
        assert {name: one[name] for name in POLICIES} == POLICIES
        assert one["depth"] == 0
        for name in ("deadline", "lifespan", "liveliness_lease_duration"):
            assert one[name] == {"sec": 9223372036, "nsec": 854775807}
        assert one["avoid_ros_namespace_conventions"] is False


def check_metadata(one: dict[str, Any], storage: str, compression: str) -> None:
    """Decodes it as convert<BagMetadata> of rosbag2_storage/include/rosbag2_storage/yaml.hpp does.

    No field of a version may be missing; custom_data may be null. Version 8 is the highest that
    Humble (0.15.12) decodes, which leaves out what it does not know: of version 9 it can not read
    the quality of service.
    """
    assert (one["version"], one["storage_identifier"]) == (8, storage)
    assert one["duration"] == {"nanoseconds": 2}
    assert one["starting_time"] == {"nanoseconds_since_epoch": 5}
    assert one["message_count"] == 3
    (topic,) = one["topics_with_message_count"]
    assert topic["message_count"] == 3
    described = topic["topic_metadata"]
    assert (described["name"], described["type"]) == (TOPIC, IMAGE)
    assert described["serialization_format"] == "cdr"
    assert described["type_description_hash"] == RECORDED.digest
    check_qos(described["offered_qos_profiles"])
    # compression_mode_from_string of compression_options.cpp takes either case; that MCAP's chunks
    # are compressed is no business of rosbag2_compression, and its MCAP has no other compression.
    expected = ("zstd", "message") if (storage, compression) == ("sqlite3", "zstd") else ("", "")
    assert (one["compression_format"], one["compression_mode"].lower()) == expected
    (file,) = one["files"]
    assert one["relative_file_paths"] == [file["path"]]
    assert file["starting_time"] == one["starting_time"]
    assert (file["duration"], file["message_count"]) == (one["duration"], 3)
    assert one["custom_data"] is None
    assert isinstance(one["ros_distro"], str)


@pytest.mark.parametrize("storage", get_args(Storage))
@pytest.mark.parametrize("compression", get_args(Compression))
def test_our_metadata_has_what_rosbag2_decodes(
    recorded: Callable[[Storage, Compression], Path], storage: Storage, compression: Compression
) -> None:
    path = recorded(storage, compression)
    text = (path / "metadata.yaml").read_text("utf-8")
    check_metadata(yaml.safe_load(text)["rosbag2_bagfile_information"], storage, compression)


@pytest.mark.parametrize("compression", get_args(Compression))
def test_our_mcap_is_as_rosbag2_writes_it(
    recorded: Callable[[Storage, Compression], Path], compression: Compression
) -> None:
    """By create_topic, read_metadata and message_indexes_present of mcap_storage.cpp (0.26.5)."""
    path = recorded("mcap", compression)
    with (path / f"{path.name}.mcap").open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        assert reader.get_header().profile == "ros2"
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        (schema,), (channel,) = summary.schemas.values(), summary.channels.values()
        assert (schema.name, schema.encoding) == (IMAGE, "ros2msg")
        assert schema.data.decode().startswith("std_msgs/Header header\n")
        assert (channel.topic, channel.message_encoding) == (TOPIC, "cdr")
        assert set(channel.metadata) == {"offered_qos_profiles", "topic_type_hash"}
        assert channel.metadata["topic_type_hash"] == RECORDED.digest
        check_qos(channel.metadata["offered_qos_profiles"])
        assert summary.statistics.channel_message_counts == {channel.id: 3}
        (chunk,) = summary.chunk_indexes
        assert chunk.message_index_length > 0
        assert chunk.compression == ("zstd" if compression == "zstd" else "")
        (metadata,) = reader.iter_metadata()
        assert metadata.name == "rosbag2"
        check_metadata(
            yaml.safe_load(metadata.metadata["serialized_metadata"]), "mcap", compression
        )
        found = [(one.log_time, one.publish_time) for _, _, one in reader.iter_messages()]
    assert found == [(stamp, stamp) for stamp in STAMPS]


# CREATE TABLE and kDBSchemaVersion_ of sqlite_storage.cpp and sqlite_storage.hpp (0.26.5)
SCHEMA = {
    "schema": ["schema_version INTEGER", "ros_distro TEXT"],
    "metadata": ["id INTEGER", "metadata_version INTEGER", "metadata TEXT"],
    "topics": [
        "id INTEGER",
        "name TEXT",
        "type TEXT",
        "serialization_format TEXT",
        "offered_qos_profiles TEXT",
        "type_description_hash TEXT",
    ],
    "message_definitions": [
        "id INTEGER",
        "topic_type TEXT",
        "encoding TEXT",
        "encoded_message_definition TEXT",
        "type_description_hash TEXT",
    ],
    "messages": ["id INTEGER", "topic_id INTEGER", "timestamp INTEGER", "data BLOB"],
}


@pytest.mark.parametrize("compression", get_args(Compression))
def test_our_database_is_as_rosbag2_writes_it(
    kit: Any, recorded: Callable[[Storage, Compression], Path], compression: Compression
) -> None:
    path = recorded("sqlite3", compression)
    with closing(sqlite3.connect(path / f"{path.name}.db3")) as database:
        for table, columns in SCHEMA.items():
            found = database.execute(f"PRAGMA table_info({table})")
            assert [f"{name} {kind}" for _, name, kind, *_ in found] == columns
        ((version,),) = database.execute("SELECT schema_version FROM schema")
        assert version == 4
        (topic,) = database.execute("SELECT * FROM topics")
        assert topic[:4] + topic[5:] == (1, TOPIC, IMAGE, "cdr", RECORDED.digest)
        check_qos(topic[4])
        (definition,) = database.execute("SELECT * FROM message_definitions")
        assert definition[1:] == (IMAGE, "ros2msg", RECORDED.definition, RECORDED.digest)
        metadata = list(database.execute("SELECT metadata_version, metadata FROM metadata"))
        assert metadata[-1][0] == 8
        check_metadata(yaml.safe_load(metadata[-1][1]), "sqlite3", compression)
        messages = [data for (data,) in database.execute("SELECT data FROM messages ORDER BY id")]
    if compression == "zstd":
        # ZSTD_getFrameContentSize of rosbag2_compression_zstd/compression_utils.cpp must know it.
        sizes = [zstandard.frame_content_size(data) for data in messages]
        assert sizes == [len(data) for data in images(kit)]
    else:
        assert messages == images(kit)


PAGE = Path(__file__).parents[3] / "docs" / "rosbags.md"


def test_the_page_records_with_ros2_bag_what_record_records() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    first, *_ = [line.split() for line in lines if line.startswith("ros2 bag record")]
    named = first[first.index("--topics") + 1 :]
    assert sorted(named) == sorted(RECORDED_TOPICS)


def test_the_overrides_of_the_page_are_what_ros2_bag_takes() -> None:
    """As interpret_dict_as_qos_profile of ros2bag/ros2bag/api/__init__.py (0.26.5)."""
    qos = pytest.importorskip("rclpy.qos")
    policies = {
        "history": qos.HistoryPolicy,
        "reliability": qos.ReliabilityPolicy,
        "durability": qos.DurabilityPolicy,
    }
    (text,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    overrides = yaml.safe_load(text)
    assert set(overrides) <= set(RECORDED_TOPICS)
    for one in overrides.values():
        depth = one.pop("depth")
        chosen = {name: policies[name].get_from_short_key(value) for name, value in one.items()}
        assert qos.QoSProfile(depth=depth, **chosen).depth == depth


def test_a_damaged_chunk_of_our_mcap_is_noticed(
    kit: Any, recorded: Callable[[Storage, Compression], Path]
) -> None:
    path = recorded("mcap", "none")
    file = kit.storage_file(path)
    data = file.read_bytes()
    assert data.count(PIXELS.tobytes()) == 3
    file.write_bytes(data.replace(PIXELS.tobytes(), bytes(PIXELS.size), 1))
    found, faults = read(path)
    assert (found, faults.counts) == ([], {"damaged": 1})
