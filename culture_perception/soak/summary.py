"""From samples to figures: rate, latency, what became of the frames, and whether memory grew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from culture_perception.masks import FloatArray
from culture_perception.soak.usage import Usage

Record: TypeAlias = dict[str, Any]

WARM_UP_SHARE: Final = 0.25
"""Of the run: allocators fill, and the evaluator's store of frames that nobody recognised, before
memory can be flat."""
FLAT_MIB: Final = 10.0
"""Growth after the warm-up, from its first to its last tenth, that still counts as flat. What came
before is to be seen beside it: memory at the first result, when the models are loaded."""


@dataclass(frozen=True)
class Result:
    """One result: when it arrived, seconds from the start; its age then; masks and names in it."""

    at_s: float
    latency_ms: float
    masks: int
    named: int


@dataclass(frozen=True)
class Sample:
    """What the processes held and had used at a moment, seconds from the start."""

    at_s: float
    usage: Mapping[str, Usage]


def summarise(
    results: Sequence[Result], samples: Sequence[Sample], seconds: float, frames: Mapping[str, int]
) -> Record:
    """The figures of a run.

    Args:
        results: in the order in which they arrived.
        samples: in order of time, at least two, each of the same processes.
        seconds: how long the run was.
        frames: perception's own counts over the run: received, processed, dropped, failed.

    Returns:
        results_per_s, latency_ms (p50, p99, max; None without results), masks_a_result, frames,
        processes: for each rss_mib (at the first result, without any at the first sample; settled:
        median of the first tenth after the warm-up; end: of the last tenth; peak; growth: from
        settled to end) and cores used; and flat: whether no process grew.
    """
    latencies = np.array([result.latency_ms for result in results])
    first_s = results[0].at_s if results else 0.0
    processes = {name: _process_record(name, samples, first_s) for name in samples[0].usage}
    return {
        "seconds": round(seconds, 1),
        "results": len(results),
        "results_per_s": round(len(results) / seconds, 3),
        "with_names_share": _mean([float(result.named > 0) for result in results]),
        "masks_a_result": _mean([float(result.masks) for result in results]),
        "latency_ms": {
            "p50": _quantile(latencies, 0.5),
            "p99": _quantile(latencies, 0.99),
            "max": _quantile(latencies, 1.0),
        },
        "frames": dict(frames),
        "processes": processes,
        "flat": all(one["rss_mib"]["growth"] <= FLAT_MIB for one in processes.values()),
    }


def _process_record(name: str, samples: Sequence[Sample], first_s: float) -> Record:
    memory = np.array([sample.usage[name].rss_mib for sample in samples])
    at_first = next((i for i, one in enumerate(samples) if one.at_s >= first_s), len(samples) - 1)
    after = memory[int(len(memory) * WARM_UP_SHARE) :]
    tenth = max(1, len(after) // 10)
    first, last = samples[0], samples[-1]
    used_s = last.usage[name].cpu_s - first.usage[name].cpu_s
    settled, end = float(np.median(after[:tenth])), float(np.median(after[-tenth:]))
    return {
        "rss_mib": {
            "first_result": round(float(memory[at_first]), 1),
            "settled": round(settled, 1),
            "end": round(end, 1),
            "peak": round(float(memory.max()), 1),
            "growth": round(end - settled, 1),
        },
        "cores": round(used_s / (last.at_s - first.at_s), 3),
    }


def _quantile(values: FloatArray, share: float) -> float | None:
    return round(float(np.quantile(values, share)), 1) if values.size else None


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None
