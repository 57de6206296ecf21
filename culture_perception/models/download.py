"""One file from the web into a folder: resumed where it broke off, checked, or not there at all."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final
from urllib.parse import urlsplit

from tqdm import tqdm

from culture_perception.models.errors import CheckpointError
from culture_perception.models.network import is_reachable

_CHUNK_BYTES: Final = 1 << 20
_READ_TIMEOUT_S: Final = 30.0
_REMEDY: Final = "give the path of a checkpoint file instead"


@dataclass(frozen=True)
class RemoteFile:
    """A file on the web whose content is known beforehand.

    Attributes:
        url: where it is.
        sha256: of its content, 64 hex digits.
        size_bytes: of its content.
    """

    url: str
    sha256: str
    size_bytes: int

    @property
    def name(self) -> str:
        """What the file is called, here as there."""
        return PurePosixPath(urlsplit(self.url).path).name


def fetched(file: RemoteFile, folder: Path) -> Path:
    """The file in the folder, downloaded if it is not there yet.

    What is there under its name is whole and was checked: it gets the name only then. Until then
    it is called NAME.part, and the next call goes on with that where one was interrupted.

    Raises:
        CheckpointError: it is not there and its host cannot be reached (said within seconds), the
            download broke off, it has another content, or the disk has no room for it.
    """
    target = folder / file.name
    if target.is_file():
        return target
    if not is_reachable(file.url):
        raise CheckpointError(
            f"{file.name} is not in {folder} and {file.url} cannot be reached: {_REMEDY}, or "
            f"download it elsewhere and put it into that folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / f"{file.name}.part") as partial:
        if not target.is_file():  # another process may have been faster
            _complete(file, partial)
            _check(file, partial)
            os.fsync(partial.fileno())
            Path(partial.name).replace(target)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    """The file opened for appending, by one process at a time; an empty one does not stay."""
    with path.open("a+b") as partial:
        try:
            fcntl.flock(partial, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CheckpointError(
                f"{path} is being downloaded by another process: wait until it is done"
            ) from error
        try:
            yield partial
        finally:
            if not _size(partial):
                path.unlink(missing_ok=True)


def _complete(file: RemoteFile, partial: IO[bytes]) -> None:
    """Appends what is missing; goes on after each break as long as something arrives."""
    here = _size(partial)
    if here > file.size_bytes:
        here = _emptied(partial)
    free = shutil.disk_usage(Path(partial.name).parent).free
    if free < file.size_bytes - here:
        raise CheckpointError(
            f"{partial.name} needs {_mb(file.size_bytes - here)} more and the disk has "
            f"{_mb(free)}: make room, or let XDG_CACHE_HOME name a folder on another disk"
        )
    while here < file.size_bytes:
        reason = _append(file, partial)
        before, here = here, _size(partial)
        if here <= before < file.size_bytes:
            raise CheckpointError(
                f"{file.url}: the download broke off after {_mb(here)} of {_mb(file.size_bytes)} "
                f"({reason}): start it again, it goes on from there; or {_REMEDY}"
            )


def _append(file: RemoteFile, partial: IO[bytes]) -> str:
    """Appends what the server sends until it stops; returns why it stopped."""
    here = _size(partial)
    request = urllib.request.Request(file.url, headers={"User-Agent": "culture_perception"})
    if here:
        request.add_header("Range", f"bytes={here}-")
    try:
        with urllib.request.urlopen(request, timeout=_READ_TIMEOUT_S) as response:
            if here and not _continues(response, here):
                _emptied(partial)
            _copy(response, partial, file)
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return "the server closed the connection"


def _continues(response: http.client.HTTPResponse, here: int) -> bool:
    """Whether the answer is the rest that was asked for; some servers send all, from the start."""
    sent = response.headers.get("Content-Range", "")
    return response.status == http.client.PARTIAL_CONTENT and sent.startswith(f"bytes {here}-")


def _copy(response: http.client.HTTPResponse, partial: IO[bytes], file: RemoteFile) -> None:
    bar = tqdm(
        desc=file.name,
        total=file.size_bytes,
        initial=_size(partial),
        unit="B",
        unit_scale=True,
        # A log file takes one line where a terminal takes many, over each other.
        mininterval=0.2 if sys.stderr.isatty() else 30.0,
    )
    with bar:
        while chunk := response.read(_CHUNK_BYTES):
            partial.write(chunk)
            bar.update(len(chunk))
            if _size(partial) > file.size_bytes:
                return  # another file than expected, of any length: the check says so


def _check(file: RemoteFile, partial: IO[bytes]) -> None:
    partial.seek(0)
    digest = hashlib.sha256()
    while chunk := partial.read(_CHUNK_BYTES):
        digest.update(chunk)
    if digest.hexdigest() != file.sha256:
        _emptied(partial)
        raise CheckpointError(
            f"{file.url}: SHA-256 {digest.hexdigest()} instead of {file.sha256}, so it is damaged "
            f"or another file; it was removed: download it again, or {_REMEDY}"
        )


def _size(partial: IO[bytes]) -> int:
    partial.seek(0, os.SEEK_END)
    return partial.tell()


def _emptied(partial: IO[bytes]) -> int:
    partial.truncate(0)
    return 0


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB"
