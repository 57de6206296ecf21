"""Reads SQLite files of rosbag2, whole ones and those without their end."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import apsw

from culture_perception.bags.definitions import Definition
from culture_perception.bags.errors import UnreadableBagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.storage import Channel, RawMessage, full_name
from culture_perception.bags.whole_pages import is_cut_off, page_size, whole_pages

_TRIES: Final = 1000  # messages in a row that can not be read, before the rest is given up
_URI: Final = apsw.SQLITE_OPEN_URI


class SqliteStorage:
    """One .db3 file; see storage.Storage."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self._path = path
        self._faults = faults
        self._cut_off = False
        self._last = 0  # number of the message that was read, or given up, last
        self.progress = 0.0

    def messages(self, topics: Collection[str]) -> Iterator[RawMessage]:
        """Messages of these topics, in the order of the file."""
        if not page_size(self._path):
            raise UnreadableBagError(f"{self._path} does not begin as SQLite does")
        self._cut_off = is_cut_off(self._path)
        if self._cut_off:
            self._faults.add("cut_off", f"{self._path.name} at byte {self._path.stat().st_size}")
        with closing(self._connect()) as database:
            channels = self._channels(database, topics)
            yield from self._messages(database, channels)
        self.progress = 1.0

    def _connect(self) -> apsw.Connection:
        uri, flags = f"file:{quote(str(self._path))}", apsw.SQLITE_OPEN_READONLY | _URI
        if self._cut_off:
            database = apsw.Connection(f"{uri}?immutable=1", flags, whole_pages().name)
            # Without this, SQLite opens no file that is shorter than it says itself.
            database.pragma("writable_schema", True)
            return database
        database = apsw.Connection(f"{uri}?mode=ro", flags)
        try:
            database.pragma("schema_version")
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            # A journal lies beside it and nothing may be written there, so it stays unused.
            database.close()
            self._faults.add("cut_off", f"{self._path.name}: its journal can not be applied")
            return apsw.Connection(f"{uri}?immutable=1", flags)
        return database

    def _channels(self, database: apsw.Connection, topics: Collection[str]) -> dict[int, Channel]:
        try:
            found = list(_rows(database, "SELECT id, name, type FROM topics"))
        except apsw.Error as error:
            raise UnreadableBagError(f"{self._path} lists no topics: {error}") from error
        definitions, encodings = _definitions(database), _encodings(database)
        return {
            number: Channel(
                name,
                full_name(str(msgtype)),
                definitions.get(msgtype, Definition()),
                encodings.get(number, "cdr"),
            )
            for number, name, msgtype in found
            if name in topics
        }

    def _messages(
        self, database: apsw.Connection, channels: dict[int, Channel]
    ) -> Iterator[RawMessage]:
        failures = 0
        while failures < _TRIES:
            before = self._last
            error = yield from self._read_on(database, channels)
            if error is None:
                return
            failures = 0 if self._last > before else failures
            if failures == 0 and not self._cut_off:
                example = f"{self._path.name} after message {self._last}: {error}"
                self._faults.add("damaged", example)
            failures += 1
            self._last += 1  # given up

    def _read_on(
        self, database: apsw.Connection, channels: dict[int, Channel]
    ) -> Generator[RawMessage, None, apsw.Error | None]:
        """Messages from where reading is, to the end (None) or to what can not be read."""
        marks = ",".join("?" * len(channels))
        query = (
            "SELECT id, topic_id, timestamp, data FROM messages "
            f"WHERE id > ? AND topic_id IN ({marks}) "
            "AND typeof(timestamp) = 'integer' AND typeof(data) = 'blob' ORDER BY id"
        )
        newest = _newest(database)
        try:
            for number, topic, received_ns, data in _rows(database, query, self._last, *channels):
                self._last = number
                self.progress = min(1.0, number / newest)
                yield RawMessage(channels[topic], received_ns, data)
        except apsw.Error as error:
            return error
        return None


def _definitions(database: apsw.Connection) -> dict[str, Definition]:
    """By message type; nothing of a bag that is older than ROS 2 Iron."""
    query = "SELECT topic_type, encoding, encoded_message_definition FROM message_definitions"
    try:
        return {name: Definition(*rest) for name, *rest in _rows(database, query)}
    except apsw.Error:
        return {}


def _encodings(database: apsw.Connection) -> dict[int, str]:
    """By number of the topic; nothing of a bag of rosbag2's very first days."""
    try:
        return dict(_rows(database, "SELECT id, serialization_format FROM topics"))
    except apsw.Error:
        return {}


def _newest(database: apsw.Connection) -> int:
    """The highest message number, or as good as it is known, for the progress alone."""
    try:
        ((newest,),) = _rows(database, "SELECT max(id) FROM messages")
    except apsw.Error:
        return 2**62
    return int(newest or 1)


def _rows(database: apsw.Connection, query: str, *values: int) -> Iterator[Any]:
    yield from database.execute(query, values)
