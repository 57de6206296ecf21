"""Writes a bag from a thread of its own, so that a slow disk does not hold up who receives."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from rosbags.interfaces import Connection, Qos
from rosbags.rosbag2 import Writer
from rosbags.rosbag2.enums import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.rosbag2.storage_sqlite3 import Sqlite3Writer

from culture_perception.bags.errors import BagError
from culture_perception.bags.forms import Compression, Storage
from culture_perception.bags.mcap_writing import McapFile

MAX_WAITING: Final = 256 * 2**20  # bytes: nine seconds of images of 640 x 480 at 30 Hz
COMMIT_S: Final = 1.0  # what a recorder that is killed loses, in SQLite
_VERSION: Final = 8  # of metadata.yaml: what rosbag2 reads from ROS 2 Humble to Kilted


@dataclass(frozen=True)
class RecordedTopic:
    """A topic as a bag describes it.

    Attributes:
        name: of the topic.
        msgtype: for example "sensor_msgs/msg/Image".
        definition: text that describes the type; empty: nobody knows it.
        digest: hash of the type.
        qos: what its publishers offer.
    """

    name: str
    msgtype: str
    definition: str
    digest: str
    qos: tuple[Qos, ...] = ()


class BagRecording:
    """Context manager: a bag that is open for writing, and its thread.

    Attributes:
        written: topic -> messages written.
        dropped: topic -> messages given up because too much was waiting.
        size: bytes of the messages written.
    """

    def __init__(
        self,
        path: Path,
        storage: Storage = "mcap",
        compression: Compression = "none",
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Makes nothing yet.

        Args:
            path: Folder that the bag is to be; there must be nothing of that name.
            storage: What it is kept in.
            compression: zstd compresses chunks of an MCAP file, and messages in SQLite.
            max_waiting: Bytes of messages that may wait to be written.
        """
        self._path = path
        self._storage: Storage = storage
        self._compression: Compression = compression
        self._max_waiting = max_waiting
        self._tasks: deque[Callable[[Writer], None]] = deque()
        self._waiting = 0
        self._ended = False
        self._changed = threading.Condition()
        self._connections: dict[str, Connection] = {}
        self._thread = threading.Thread(target=self._run, name="bag writer", daemon=True)
        self._failure: Exception | None = None
        self.written: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self.size = 0

    def __enter__(self) -> BagRecording:
        if self._path.exists():
            raise BagError(f"{self._path} is there already; choose another name")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Writes what waits and closes the bag, also after an error.

        Raises:
            BagError: Writing failed and nothing else did.
        """
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()
        if kind is None:
            self.check()

    def check(self) -> None:
        """Raises BagError where writing has failed."""
        if self._failure is not None:
            why = f"{type(self._failure).__name__}: {self._failure}"
            raise BagError(f"{self._path} can not be written: {why}") from self._failure

    def add_topic(self, topic: RecordedTopic) -> None:
        """Makes the topic known; its messages come later."""
        self._put(lambda writer: self._add_connection(writer, topic))

    def put(self, topic: str, received_ns: int, data: bytes) -> bool:
        """Takes a serialised message; False where too much waits already, and it is dropped."""
        with self._changed:
            if self._waiting + len(data) > self._max_waiting:
                self.dropped[topic] += 1
                return False
            self._waiting += len(data)
        self._put(lambda writer: self._write(writer, topic, received_ns, data))
        return True

    def _put(self, task: Callable[[Writer], None]) -> None:
        with self._changed:
            self._tasks.append(task)
            self._changed.notify()

    def _run(self) -> None:
        """Thread: SQLite wants to be opened, used and closed by the same one."""
        try:
            writer = _Writer(
                self._path, version=_VERSION, storage_plugin=StoragePlugin[self._storage.upper()]
            )
            writer.set_compression(*_compression(self._storage, self._compression))
            with writer:
                self._write_all(writer)
        except Exception as error:  # any: a thread that ends without a word loses messages
            self._failure = error

    def _write_all(self, writer: Writer) -> None:
        committed_s = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._tasks or self._ended, timeout=COMMIT_S)
                task = self._tasks.popleft() if self._tasks else None
                ended = self._ended
            if task is not None:
                task(writer)
            elif ended:
                return
            if time.monotonic() - committed_s > COMMIT_S:
                committed_s = time.monotonic()
                _commit(writer)

    def _add_connection(self, writer: Writer, topic: RecordedTopic) -> None:
        self._connections[topic.name] = writer.add_connection(
            topic.name,
            topic.msgtype,
            msgdef=topic.definition,
            rihs01=topic.digest,
            offered_qos_profiles=topic.qos,
        )

    def _write(self, writer: Writer, topic: str, received_ns: int, data: bytes) -> None:
        writer.write(self._connections[topic], received_ns, data)
        with self._changed:
            self._waiting -= len(data)
        self.written[topic] += 1
        self.size += len(data)


class _Writer(Writer):
    """Writes MCAP in another way than rosbags itself."""

    STORAGE_PLUGINS = {**Writer.STORAGE_PLUGINS, StoragePlugin.MCAP: McapFile}  # noqa: RUF012


def _compression(
    storage: Storage, compression: Compression
) -> tuple[CompressionMode, CompressionFormat]:
    mode = CompressionMode.NONE
    if compression == "zstd":
        mode = CompressionMode.STORAGE if storage == "mcap" else CompressionMode.MESSAGE
    return mode, CompressionFormat.ZSTD


def _commit(writer: Writer) -> None:
    # rosbags commits at the end alone: of a recorder that is killed, nothing would be left.
    if isinstance(writer.storage, Sqlite3Writer):
        writer.storage.conn.commit()
