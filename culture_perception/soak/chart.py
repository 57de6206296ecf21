"""Curves of a run: memory of each process, and latency, over time."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from culture_perception.soak.summary import Result, Sample

MISSING: Final = "no curve: pip install 'culture_perception[report]' (matplotlib) draws it"
_INCHES: Final = (9.0, 6.0)


def write_csv(results: Sequence[Result], samples: Sequence[Sample], folder: Path) -> None:
    """Writes memory.csv (MiB and processor seconds over time) and results.csv (one a row)."""
    names = list(samples[0].usage) if samples else []
    with (folder / "memory.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        heads = [f"{name}_{what}" for name in names for what in ("rss_mib", "cpu_s")]
        writer.writerow(["at_s", *heads])
        for sample in samples:
            values = [v for name in names for v in vars(sample.usage[name]).values()]
            writer.writerow([f"{value:.2f}" for value in (sample.at_s, *values)])
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["at_s", "latency_ms", "masks", "named"])
        for one in results:
            writer.writerow([f"{one.at_s:.3f}", f"{one.latency_ms:.1f}", one.masks, one.named])


def draw(results: Sequence[Result], samples: Sequence[Sample], path: Path) -> bool:
    """Draws the curves into a PNG; whether that was possible: matplotlib is an extra."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=_INCHES, layout="constrained")
    memory, latency = figure.subplots(2, 1, sharex=True)
    for name in samples[0].usage if samples else ():
        minutes = [sample.at_s / 60 for sample in samples]
        memory.plot(minutes, [sample.usage[name].rss_mib for sample in samples], label=name)
    memory.set(ylabel="resident memory, MiB", ylim=(0, None))
    memory.legend(ncols=4, fontsize="small")
    minutes = [result.at_s / 60 for result in results]
    latency.plot(minutes, [result.latency_ms for result in results], ".", markersize=2)
    latency.set(ylabel="stamp to result, ms", xlabel="minutes", ylim=(0, None))
    figure.savefig(path, dpi=100)
    return True
