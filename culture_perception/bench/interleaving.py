"""Two ways of doing the same, in turns, again and again, in one process.

What else runs on the machine then slows both. Processor seconds are taken as well: they hold even
where a neighbour takes half of the processor away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch

from culture_perception.bench.memory import PeakMemory

Work: TypeAlias = Callable[[], Mapping[str, float]]
"""Does the work; gives milliseconds by stage."""


@dataclass(frozen=True)
class Run:
    """One run of one way.

    Attributes:
        seconds: on the clock.
        cpu_s: processor seconds of this process, all threads.
        peak_mib: the most resident memory above that at the run's start; None: not known here.
        stage_ms: milliseconds by stage.
        peak_gpu_mib: as peak_mib, of what torch holds on a GPU; None: the work is not done there.
    """

    seconds: float
    cpu_s: float
    peak_mib: float | None
    stage_ms: Mapping[str, float]
    peak_gpu_mib: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Pairs of runs, one of the reference and one of ours each.

    Attributes:
        reference: its runs, in order.
        ours: as many.
        first: the pair before these. Its times count nowhere, as libraries choose their kernels in
            it; its memory does, as only here none was held from a run before.
    """

    reference: Sequence[Run]
    ours: Sequence[Run]
    first: tuple[Run, Run]

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
    """Milliseconds by stage, mean of the runs; a run without a stage spent none on it."""
    names = dict.fromkeys(name for run in runs for name in run.stage_ms)
    return {
        name: round(float(np.mean([run.stage_ms.get(name, 0.0) for run in runs])), 2)
        for name in names
    }


def highest(peaks: Sequence[float | None]) -> float | None:
    """The highest known peak, one decimal; None where none is known."""
    known = [peak for peak in peaks if peak is not None]
    return round(max(known), 1) if known else None


def interleave(
    pairs: Sequence[tuple[Work, Work]],
    repeat: int,
    on_run: Callable[[], None],
    device: torch.device,
) -> Comparison:
    """Runs all pairs `repeat` times; which way goes first in a pair alternates.

    Args:
        pairs: reference and ours, a pair an input, at least one; it begins with the first, once
            more than the others.
        repeat: at least 1.
        on_run: called after each run, unrecorded ones included.
        device: where they compute.
    """

    def run(work: Work, is_first: bool) -> Run:
        done = _timed(work, device, give_back=is_first)
        on_run()
        return done

    first = run(pairs[0][0], True), run(pairs[0][1], True)
    runs: tuple[list[Run], list[Run]] = ([], [])
    for turn, pair in enumerate(list(pairs) * repeat):
        for way in (0, 1) if turn % 2 == 0 else (1, 0):
            runs[way].append(run(pair[way], False))
    return Comparison(*runs, first)


def runs_in(pairs: int, repeat: int) -> int:
    """How often `interleave` calls `on_run`."""
    return 2 * (pairs * repeat + 1)


def _timed(work: Work, device: torch.device, give_back: bool) -> Run:
    memory = PeakMemory(device, give_back)
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    stage_ms = work()
    seconds, cpu_s = time.perf_counter() - started_s, time.process_time() - started_cpu_s
    return Run(seconds, cpu_s, memory.host_mib(), stage_ms, memory.gpu_mib())
