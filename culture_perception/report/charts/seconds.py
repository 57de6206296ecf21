"""How long the models took for a scene."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from culture_perception.report.charts.drawing import BLUE, INK, NARROW, WIDE, Chart, styled
from culture_perception.report.reading import Run

Seconds: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"

_BINS = 24


def seconds_charts(run: Run) -> list[Chart]:
    """A histogram; none where nothing was timed."""
    known = [value for value in run.result.seconds if math.isfinite(value)]
    return [_chart(np.array(known))] if known else []


@styled
def _chart(seconds: Seconds) -> Chart:
    said = ", ".join(f"{name} {value:.2f} s" for name, value in _marks(seconds).items())
    return Chart(
        "seconds",
        f"Seconds that segmenter and encoder took for a scene, of {len(seconds)} scenes.",
        f"Histogram of seconds a scene: {len(seconds)} scenes, {said}, "
        f"at most {seconds.max():.2f} s.",
        _figure(seconds, WIDE),
        _figure(seconds, NARROW),
    )


def _marks(seconds: Seconds) -> dict[str, float]:
    return {f"p{rank}": float(np.percentile(seconds, rank)) for rank in (50, 95)}


def _figure(seconds: Seconds, width: float) -> Figure:
    figure = Figure(figsize=(width, 2.7), layout="constrained")
    axes = figure.subplots()
    axes.hist(seconds, bins=min(_BINS, len(seconds)), color=BLUE, alpha=0.75, edgecolor="white")
    for side, (name, value) in zip(("right", "left"), _marks(seconds).items(), strict=True):
        axes.axvline(value, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
        axes.annotate(
            f" {name} {value:.2f} s ", (value, 1.0), va="bottom", ha=side, fontsize=8.5,
            xycoords=("data", "axes fraction"),
        )  # fmt: skip
    axes.set(xlabel="seconds a scene, segmenter and encoder", ylabel="scenes")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False, axis="x")
    return figure
