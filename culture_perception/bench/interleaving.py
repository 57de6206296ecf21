"""Two ways of doing the same, one after the other, again and again, in one process.

What else runs on the machine then slows both. Processor seconds are taken as well: they hold even
where a neighbour takes half of the processor away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

Work: TypeAlias = Callable[[], Mapping[str, float]]
"""Does the work; gives milliseconds by stage."""

_MIB_OF_KIB: Final = 1 / 1024
_RESET_PEAK: Final = "5"  # see proc(5), clear_refs


@dataclass(frozen=True)
class Run:
    """One run of one way.

    Attributes:
        seconds: on the clock.
        cpu_s: processor seconds of this process, all threads.
        peak_mib: the most resident memory above that at the run's start; None: not known here.
        stage_ms: milliseconds by stage.
    """

    seconds: float
    cpu_s: float
    peak_mib: float | None
    stage_ms: Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """Pairs of runs, the reference's first in each."""

    reference: Sequence[Run]
    ours: Sequence[Run]

    @property
    def ratio(self) -> float:
        """How many times faster ours is on the clock, all runs together."""
        return total_s(self.reference) / total_s(self.ours)

    @property
    def cpu_ratio(self) -> float:
        """The same in processor seconds."""
        return sum(run.cpu_s for run in self.reference) / sum(run.cpu_s for run in self.ours)

    @property
    def ratio_range(self) -> tuple[float, float]:
        """The least and the greatest ratio of a pair."""
        ratios = [a.seconds / b.seconds for a, b in zip(self.reference, self.ours, strict=True)]
        return min(ratios), max(ratios)


def total_s(runs: Sequence[Run]) -> float:
    """Seconds on the clock of all runs together."""
    return sum(run.seconds for run in runs)


def mean_stages(runs: Sequence[Run]) -> dict[str, float]:
    """Milliseconds by stage, mean of the runs."""
    return {
        stage: round(float(np.mean([run.stage_ms[stage] for run in runs])), 2)
        for stage in runs[0].stage_ms
    }


def peak_mib(runs: Sequence[Run]) -> float | None:
    """The highest peak of the runs; None where none is known."""
    known = [run.peak_mib for run in runs if run.peak_mib is not None]
    return round(max(known), 1) if known else None


def interleave(
    pairs: Sequence[tuple[Work, Work]], repeat: int, on_run: Callable[[], None]
) -> Comparison:
    """Runs each pair, reference first, and all of them `repeat` times.

    Args:
        pairs: reference and ours, a pair an input.
        repeat: at least 1.
        on_run: called after each run.
    """
    reference: list[Run] = []
    ours: list[Run] = []
    for _ in range(repeat):
        for first, second in pairs:
            reference.append(_timed(first))
            on_run()
            ours.append(_timed(second))
            on_run()
    return Comparison(reference, ours)


def _timed(work: Work) -> Run:
    before_mib = _restart_peak()
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    stage_ms = work()
    seconds, cpu_s = time.perf_counter() - started_s, time.process_time() - started_cpu_s
    peak = None if before_mib is None else max(0.0, _status_mib("VmHWM") - before_mib)
    return Run(seconds, cpu_s, peak, stage_ms)


def _restart_peak() -> float | None:
    """Makes the kernel forget the peak of this process; its memory now, None where it cannot."""
    try:
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return None
    return _status_mib("VmRSS")


def _status_mib(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return float(line.split()[1]) * _MIB_OF_KIB
    raise OSError(f"/proc/self/status has no {name}; this kernel does not count it")
