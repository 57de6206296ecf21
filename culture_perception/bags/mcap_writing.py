"""MCAP files as rosbag2 writes them, for rosbags' Writer: with checksums, and hashes of types."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

from mcap.writer import CompressionType, Writer
from rosbags.interfaces import Connection, ConnectionExtRosbag2, MessageDefinitionFormat
from rosbags.rosbag2.enums import CompressionMode

PROFILE: Final = "ros2"
CHUNK: Final = 1 << 20  # bytes: what a recorder that is killed loses


class McapFile:
    """One MCAP file; the methods are those that rosbags' Writer calls.

    rosbags' own writer of MCAP leaves out the hash of a topic's type and the checksums of chunks.
    What is written is what MCAPStorage of rosbag2_storage_mcap/src/mcap_storage.cpp reads and
    writes (rosbag2 0.26.5, of ROS 2 Jazzy).
    """

    def __init__(self, path: Path, compression: CompressionMode) -> None:
        """Begins the file.

        Args:
            path: The bag's folder; the file gets its name.
            compression: STORAGE compresses chunks by zstd.

        Raises:
            OSError: It can not be written, or is there already.
        """
        self.path = path / f"{path.name}.mcap"
        self._file = self.path.open("xb")
        is_compressed = compression == CompressionMode.STORAGE
        self._writer = Writer(
            self._file,
            chunk_size=CHUNK,
            compression=CompressionType.ZSTD if is_compressed else CompressionType.NONE,
        )
        self._writer.start(profile=PROFILE, library=f"culture_perception, mcap {version('mcap')}")
        self._schemas: dict[str, int] = {}
        self._channels: dict[int, int] = {}

    def add_msgtype(self, connection: Connection) -> None:
        """Describes the type of a topic."""
        text = connection.msgdef.data
        is_msg = connection.msgdef.format == MessageDefinitionFormat.MSG
        encoding = ("ros2msg" if is_msg else "ros2idl") if text else "unknown"
        self._schemas[connection.msgtype] = self._writer.register_schema(
            connection.msgtype, encoding, text.encode()
        )

    def add_connection(self, connection: Connection, offered_qos_profiles: str) -> None:
        """Describes a topic; `offered_qos_profiles` is YAML."""
        assert isinstance(connection.ext, ConnectionExtRosbag2)
        self._channels[connection.id] = self._writer.register_channel(
            connection.topic,
            connection.ext.serialization_format,
            self._schemas[connection.msgtype],
            {
                "offered_qos_profiles": offered_qos_profiles,
                "topic_type_hash": connection.digest,
            },
        )

    def write(self, connection: Connection, timestamp: int, data: bytes | memoryview) -> None:
        """Adds a serialised message that came at `timestamp` (ns)."""
        self._writer.add_message(
            self._channels[connection.id], timestamp, bytes(data), publish_time=timestamp
        )

    def close(self, version: int, metadata: str) -> None:
        """Ends the file, with the bag's metadata (YAML) in it."""
        self._writer.add_metadata("rosbag2", {"serialized_metadata": metadata})
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._file.close()

    def abort(self) -> None:
        """Leaves the file without its end."""
        self._file.close()
