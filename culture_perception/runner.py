"""Runs a system's processes without a launch system, and leaves none behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

from culture_perception.process import Process, System
from culture_perception.resources import share_path
from culture_perception.respawn import Respawn

START_TIMEOUT_S = 180.0  # the first start draws all products, and a busy machine loads slowly
INTERRUPT_S = 5.0  # a node has this long to write its results after SIGINT
TERMINATE_S = 2.0
TAIL_LINES = 20
MAX_THREADS = 4
CONFIGURATION_ERROR = 2  # the exit code of a node that refuses its parameters
PROFILES_FILE = "FASTDDS_DEFAULT_PROFILES_FILE"
LIFELINE = "CULTURE_PERCEPTION_LIFELINE"
"""Environment variable: set to stdin where a node shall end once its standard input is closed."""


class SystemFailure(RuntimeError):
    """The system did not do what was asked; the message says what and what to look at."""


class ProcessDied(SystemFailure):
    """A process of the system ended by itself; the message says which and why."""


@dataclass
class _Child:
    process: Process
    popen: subprocess.Popen[bytes]
    log: Path
    respawn: Respawn = field(default_factory=Respawn)


class Runner:
    """Context manager: starts all processes on entry, stops all on exit.

    Each process leads its own process group, so that Ctrl-C in a terminal reaches only the
    caller, which stops them in order; a group is killed whole. Where the system says so, a process
    that ends is started again, later each time it ends soon.
    """

    def __init__(
        self,
        system: System,
        log_dir: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Prepares to run.

        Args:
            system: What to run.
            log_dir: Made where missing; gets one log a process, `<name>.log`.
            environment: The processes' whole environment; see `ros_environment`.
            say: Told when a process ended and is started again.
        """
        self._system = system
        self._log_dir = log_dir
        self._environment = dict(environment)
        self._say = say
        self._children: list[_Child] = []

    def __enter__(self) -> Runner:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        try:
            for process in self._system.processes:
                self._start(process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def log_dir(self) -> Path:
        """Where the logs are."""
        return self._log_dir

    @property
    def pids(self) -> dict[str, int]:
        """Process name to process id, of all that were started; the last one of each."""
        return {child.process.name: child.popen.pid for child in self._children}

    @property
    def restarts(self) -> dict[str, int]:
        """Process name to how often it was started again."""
        return {child.process.name: child.respawn.count for child in self._children}

    def check(self) -> None:
        """Starts again what has ended and is due.

        Raises:
            ProcessDied: A process has ended and is not to be started again: the system is not to
                do so, or it could not even start as it is configured.
        """
        for child in self._children:
            code = child.popen.poll()
            if code is not None:
                self._on_end(child, code)

    def _on_end(self, child: _Child, code: int) -> None:
        never_ran = code == CONFIGURATION_ERROR and not child.respawn.count
        if never_ran or not self._system.respawn:
            raise ProcessDied(
                f"process {child.process.name} {_ending(code)}. The end of {child.log}:\n"
                f"{tail(child.log)}"
            )
        now_s = time.monotonic()
        if child.respawn.due_s is None:
            delay_s = child.respawn.ended(now_s)
            self._say(
                f"process {child.process.name} {_ending(code)}; starting it again in "
                f"{delay_s:g} s, for the {_ordinal(child.respawn.count + 1)} time"
            )
        elif now_s >= child.respawn.due_s:
            _signal_groups([child], signal.SIGKILL)  # what it may have left behind
            child.popen.communicate()
            child.popen = self._popen(child.process, child.log)
            child.respawn.started(now_s)

    def _start(self, process: Process) -> None:
        log = self._log_dir / f"{process.name}.log"
        log.write_bytes(b"")
        self._children.append(_Child(process, self._popen(process, log), log))

    def _popen(self, process: Process, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                process.command(self._log_dir),
                # Closed with this process, however it ends: the nodes' sign to end as well.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**self._environment, LIFELINE: "stdin"},
                start_new_session=True,
            )

    def _stop(self) -> None:
        with _signals_ignored():
            for number, wait_s in ((signal.SIGINT, INTERRUPT_S), (signal.SIGTERM, TERMINATE_S)):
                _signal_groups(self._children, number)
                _wait_for_end(self._children, wait_s)
            _signal_groups(self._children, signal.SIGKILL)
            for child in self._children:
                child.popen.communicate()


def ros_environment(
    domain_id: int | None, local_only: bool, shared_memory: bool = True
) -> dict[str, str]:
    """This process's environment with what the nodes need to find each other and to run well.

    Args:
        domain_id: ROS_DOMAIN_ID; None: as it is.
        local_only: Whether only processes on this machine are to be found.
        shared_memory: Whether Fast DDS gets our profile, whose shared memory holds whole images,
            unless there is another profile already; False: its own defaults.
    """
    environment = dict(os.environ)
    if shared_memory:
        profiles = str(share_path("config", "fastdds_shared_memory.xml"))
        environment.setdefault(PROFILES_FILE, profiles)
    else:
        environment.pop(PROFILES_FILE, None)
    # More threads than this gain little for the embedded models and slow the other nodes down.
    environment.setdefault("OMP_NUM_THREADS", str(min(MAX_THREADS, os.cpu_count() or 1)))
    environment["PYTHONUNBUFFERED"] = "1"
    if domain_id is not None:
        environment["ROS_DOMAIN_ID"] = str(domain_id)
    if local_only:
        environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    return environment


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, indented; a remark where it is empty."""
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join(f"  {line}" for line in text) or "  (it wrote nothing)"


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP raise KeyboardInterrupt, as Ctrl-C does, so that all is stopped."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _HANDLED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def _signals_ignored() -> Iterator[None]:
    # An impatient second Ctrl-C must not leave a process behind.
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _HANDLED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signal_groups(children: list[_Child], number: signal.Signals) -> None:
    for child in children:
        # The group may outlive its leader, hence no poll() first; gone is as good as stopped.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.popen.pid, number)


def _wait_for_end(children: list[_Child], wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and any(one.popen.poll() is None for one in children):
        time.sleep(0.02)


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
