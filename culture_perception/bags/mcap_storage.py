"""Reads MCAP files, whole ones and those without their end."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

import zstandard
from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]
from mcap import records
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile, InvalidMagic, McapError
from mcap.opcode import Opcode
from mcap.stream_reader import StreamReader, breakup_chunk

from culture_perception.bags.definitions import Definition
from culture_perception.bags.errors import UnreadableBagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.storage import Channel, RawMessage, full_name

_BROKEN: Final = (McapError, ValueError, RuntimeError, struct.error, zstandard.ZstdError)
"""What parsing damaged bytes raises: lz4 has no error of its own."""


class McapStorage:
    """One MCAP file; see storage.Storage."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self._path = path
        self._faults = faults
        self._size = max(1, path.stat().st_size)
        self._schemas: dict[int, records.Schema] = {}
        self._channels: dict[int, Channel] = {}
        self.progress = 0.0

    def messages(self, topics: Collection[str]) -> Iterator[RawMessage]:
        """Messages of these topics, in the order of the file."""
        with self._path.open("rb") as file:
            for record in self._records(file):
                if isinstance(record, records.Message):
                    channel = self._channels.get(record.channel_id)
                    if channel is not None and channel.topic in topics:
                        yield RawMessage(channel, record.log_time, record.data)
                else:
                    self._learn(record)

    def _records(self, file: IO[bytes]) -> Iterator[records.McapRecord]:
        read_up_to = 0
        try:
            for record in StreamReader(_whole_reads(file, self._size), emit_chunks=True).records:
                read_up_to = file.tell()
                self.progress = read_up_to / self._size
                if isinstance(record, records.DataEnd):
                    return  # what follows is an index
                yield from self._unpacked(record)
        except InvalidMagic as error:
            raise UnreadableBagError(f"{self._path} does not begin as MCAP does") from error
        except EndOfFile:
            self._faults.add("cut_off", f"{self._path.name} after byte {read_up_to}")
        except _BROKEN as error:
            why = f"{self._path.name} from byte {read_up_to} to its end: {error}"
            self._faults.add("damaged", why)
        file.seek(read_up_to)
        yield from _rest_of_chunk(file.read())

    def _unpacked(self, record: records.McapRecord) -> Iterator[records.McapRecord]:
        if not isinstance(record, records.Chunk):
            yield record
            return
        try:
            yield from breakup_chunk(record, validate_crc=True)
        except _BROKEN as error:
            self._faults.add("damaged", f"{self._path.name}: a chunk: {error}")

    def _learn(self, record: records.McapRecord) -> None:
        if isinstance(record, records.Schema):
            self._schemas[record.id] = record
        elif isinstance(record, records.Channel):
            schema = self._schemas.get(record.schema_id)
            text = schema.data.decode("utf-8", errors="replace") if schema else ""
            definition = Definition(schema.encoding if schema else "", text)
            msgtype = full_name(schema.name) if schema else ""
            self._channels[record.id] = Channel(
                record.topic, msgtype, definition, record.message_encoding
            )


class _WholeReads:
    """Raises where a file ends, in place of giving less than was asked for."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._size = size

    def read(self, length: int) -> bytes:
        # A damaged length may be any number, which is not to be allocated.
        if length > self._size - self._file.tell():
            raise EndOfFile
        return self._file.read(length)


def _whole_reads(file: IO[bytes], size: int) -> Any:
    return _WholeReads(file, size)  # all of IO[bytes] that StreamReader uses


def _rest_of_chunk(data: bytes) -> Iterator[records.McapRecord]:
    """Records of a chunk that the file does not hold to its end, as far as they go."""
    stream = ReadDataStream(BytesIO(data))
    try:
        if stream.read1() != Opcode.CHUNK:
            return
        stream.read8()  # its length
        stream.read(28)  # times, size, checksum
        compression = stream.read_prefixed_string()
        stream.read8()
        inside = _decompressed(data[stream.count :], compression)
        whole = _whole_reads(BytesIO(inside), len(inside))
        yield from StreamReader(whole, skip_magic=True).records
    except _BROKEN:
        return  # told already: the file is cut off


def _decompressed(data: bytes, compression: str) -> bytes:
    """As much as the beginning of a chunk gives."""
    if compression == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    if compression == "lz4":
        return bytes(LZ4FrameDecompressor().decompress(data))
    return data
