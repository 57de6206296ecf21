"""One bag: a folder as rosbag2 makes it, or a single file of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Final

import yaml
import zstandard

from culture_perception.bags.errors import UnreadableBagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.mcap_storage import McapStorage
from culture_perception.bags.sqlite_storage import SqliteStorage
from culture_perception.bags.storage import RawMessage, Storage

STORAGES: Final[dict[str, type[McapStorage] | type[SqliteStorage]]] = {
    ".mcap": McapStorage,
    ".db3": SqliteStorage,
}
COMPRESSED: Final = ".zstd"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"  # no serialised message begins like this
_PART: Final = 1 << 20


class Bag:
    """Reads the messages of a bag, whichever storage and compression it has."""

    def __init__(self, path: Path, faults: Faults) -> None:
        """Finds the bag's files.

        Args:
            path: A folder, with or without metadata.yaml, or a .mcap or .db3 file, which may be
                compressed (.zstd).
            faults: Gets what is wrong with it.

        Raises:
            UnreadableBagError: There is no such file, or nothing in the folder is one.
        """
        self._faults = faults
        self._files = _files_of(path, faults)
        self._done = 0
        self._storage: Storage | None = None

    @property
    def progress(self) -> float:
        """How much of the bag was read, 0 to 1."""
        share = self._storage.progress if self._storage else 0.0
        return min(1.0, (self._done + share) / len(self._files))

    def messages(self, topics: Collection[str]) -> Iterator[RawMessage]:
        """Messages of these topics, in the order in which they were written.

        Raises:
            UnreadableBagError: A file is of no storage at all.
        """
        for path in self._files:
            try:
                yield from self._of_file(path, topics)
            except UnreadableBagError as error:
                if len(self._files) == 1:
                    raise
                self._faults.add("damaged", str(error))
            self._storage = None
            self._done += 1

    def _of_file(self, path: Path, topics: Collection[str]) -> Iterator[RawMessage]:
        try:
            with TemporaryDirectory(prefix="culture_perception_bag_") as folder:
                plain = _decompressed(path, Path(folder)) if path.suffix == COMPRESSED else path
                self._storage = STORAGES[plain.suffix](plain, self._faults)
                for message in self._storage.messages(topics):
                    yield self._decompressed(message)
        except OSError as error:
            raise UnreadableBagError(f"{path}: {error.strerror}") from error

    def _decompressed(self, message: RawMessage) -> RawMessage:
        if not message.data.startswith(_ZSTD_MAGIC):
            return message
        try:
            data = zstandard.ZstdDecompressor().decompressobj().decompress(message.data)
        except zstandard.ZstdError:
            return message  # it will not decode, and be counted so
        return message._replace(data=data)


def _files_of(path: Path, faults: Faults) -> list[Path]:
    if path.is_file():
        if not _is_storage(path):
            raise UnreadableBagError(f"{path} is no bag; give a folder or one of {_endings()}")
        return [path]
    if not path.is_dir():
        raise UnreadableBagError(f"{path}: there is no such bag")
    files = _listed(path, faults) or _found(path)
    if not files:
        raise UnreadableBagError(f"{path} holds no bag: no file in it ends {_endings()}")
    return files


def _listed(folder: Path, faults: Faults) -> list[Path]:
    """The files that metadata.yaml names and that are there; none without a metadata.yaml."""
    path = folder / "metadata.yaml"
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))["rosbag2_bagfile_information"]
        names = [PurePath(one).name for one in listed["relative_file_paths"]]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        faults.add("no_metadata", f"{path}: {type(error).__name__}")
        return []
    for name in names:
        if not (folder / name).is_file():
            faults.add("missing_file", str(folder / name))
    return [folder / name for name in names if (folder / name).is_file() and _is_storage(name)]


def _found(folder: Path) -> list[Path]:
    names = {path.name for path in folder.iterdir() if path.is_file() and _is_storage(path)}
    # Of a file and its compressed copy, the copy may be half written.
    names -= {f"{name}{COMPRESSED}" for name in names}
    return [folder / name for name in sorted(names, key=_by_number)]


def _is_storage(path: str | PurePath) -> bool:
    suffixes = PurePath(path).suffixes
    return (suffixes[:-1] if suffixes[-1:] == [COMPRESSED] else suffixes)[-1:] in (
        [suffix] for suffix in STORAGES
    )


def _by_number(name: str) -> list[tuple[int, str]]:
    """Sorts bag_2 before bag_10."""
    return [(int(part or 0), text) for text, part in re.findall(r"(\D*)(\d*)", name)]


def _endings() -> str:
    return ", ".join(f"{suffix} or {suffix}{COMPRESSED}" for suffix in STORAGES)


def _decompressed(path: Path, folder: Path) -> Path:
    """A decompressed copy, as far as the file goes."""
    copy = folder / path.stem
    with path.open("rb") as source, copy.open("wb") as target:
        try:
            for part in zstandard.ZstdDecompressor().read_to_iter(source, read_size=_PART):
                target.write(part)
        except zstandard.ZstdError as error:
            raise UnreadableBagError(f"{path} is no zstd file: {error}") from error
    return copy
