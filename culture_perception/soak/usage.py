"""Memory and processor time of processes, as Linux counts them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIB: Final = 2**20


class NoSuchProcess(OSError):
    """A process has ended, or this system has no /proc to look at."""


@dataclass(frozen=True)
class Usage:
    """What a process holds and has used.

    Attributes:
        rss_mib: resident memory, MiB; pages that processes share count in each.
        cpu_s: processor seconds since its start, of all its threads.
    """

    rss_mib: float
    cpu_s: float


def usage_of(pid: int) -> Usage:
    """The usage of one process, without its children.

    Raises:
        NoSuchProcess: there is no such process, or no /proc.
    """
    folder = Path("/proc") / str(pid)
    try:
        pages = int((folder / "statm").read_text(encoding="ascii").split()[1])
        # The name, in brackets, may hold spaces and brackets itself.
        fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (OSError, IndexError) as error:
        raise NoSuchProcess(f"process {pid} cannot be read in /proc: {error}") from error
    ticks = int(fields[11]) + int(fields[12])
    return Usage(pages * os.sysconf("SC_PAGE_SIZE") / MIB, ticks / os.sysconf("SC_CLK_TCK"))
