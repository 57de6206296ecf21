"""How SQLite has to see a file that was cut off: only the pages that are there whole."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import apsw

MAGIC: Final = b"SQLite format 3\x00"


def page_size(path: Path) -> int:
    """Of a database file, bytes; 0 where the file does not begin as one."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        return 0
    size = int.from_bytes(head[16:18], "big")
    return 65536 if size == 1 else size


def is_cut_off(path: Path) -> bool:
    """Whether the file is shorter than it says itself."""
    with path.open("rb") as file:
        pages = int.from_bytes(file.read(32)[28:], "big")
    return path.stat().st_size < pages * page_size(path)


@lru_cache(maxsize=1)
def whole_pages() -> WholePages:
    """Registered once a process; apsw.Connection takes its name."""
    return WholePages()


class WholePages(apsw.VFS):
    """Ends a file with its last whole page.

    Without it SQLite takes a page that is cut off for one that ends in zeros, and gives messages
    that nobody has sent.
    """

    name: Final = "culture_perception_whole_pages"

    def __init__(self) -> None:
        super().__init__(self.name, "")

    def xOpen(  # noqa: N802
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        """Called by SQLite."""
        return _WholePagesFile("", name, flags)


class _WholePagesFile(apsw.VFSFile):
    def __init__(self, vfs: str, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(vfs, name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._page_size = page_size(Path(path)) if path else 0

    def xFileSize(self) -> int:  # noqa: N802
        size = super().xFileSize()
        return size - size % self._page_size if self._page_size else size
