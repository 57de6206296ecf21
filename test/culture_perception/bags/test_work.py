"""Bags scored in several processes: how they end when they do not end well."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "culture_perception.cli", "score", "--recompute", "--workers", "2"]
WAIT_S = 60.0


def workers_of(parent: int) -> list[int]:
    """Processes of a pool; each of them loads models for seconds."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):  # it has ended meanwhile
            ppid = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if ppid == parent and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize(
    ("number", "whom", "code", "said"),
    [
        (signal.SIGKILL, "worker", 1, "a process that scored a bag was ended"),
        (signal.SIGINT, "parent", 130, "stopped"),
        (signal.SIGTERM, "parent", 130, "stopped"),
        (signal.SIGKILL, "parent", -9, ""),
    ],
)
def test_no_process_is_left(
    bag_of: Callable[..., Path], number: signal.Signals, whom: str, code: int, said: str
) -> None:
    bags = [bag_of(1, name=name) for name in "ab"]
    # What is killed can not clear its temporary folder away.
    environment = {**os.environ, "TMPDIR": str(bags[0].parent)}
    with subprocess.Popen(
        [*COMMAND, *map(str, bags)], stderr=subprocess.PIPE, text=True, env=environment
    ) as parent:
        wait_for(lambda: len(workers_of(parent.pid)) == 2, "two processes")
        workers = workers_of(parent.pid)
        os.kill(workers[0] if whom == "worker" else parent.pid, number)
        _, error = parent.communicate(timeout=WAIT_S)
    assert parent.returncode == code, error
    assert said in error
    assert "Traceback" not in error
    wait_for(lambda: all(map(is_gone, workers)), f"the end of {workers}")
