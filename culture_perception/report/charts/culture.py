"""Bars of the culture benchmark: a chart for each thing that items are grouped by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from culture_perception.report.charts.drawing import (
    COLOURS,
    FAINT,
    INK,
    NARROW,
    WIDE,
    Chart,
    error_lengths,
    label_rows,
    percent_axis,
    styled,
)
from culture_perception.report.culture_reading import CultureCell, CultureRun

CHANCE: Final = 25.0
_HIGH: Final = 0.8
"""Of the place of a group, how much its bars take."""


def culture_charts(run: CultureRun) -> list[Chart]:
    """One a dimension, in their order; "all" has none of its own."""
    dimensions = dict.fromkeys(one.dimension for one in run.cells if one.dimension != "all")
    return [_chart(run, dimension) for dimension in dimensions]


@styled
def _chart(run: CultureRun, dimension: str) -> Chart:
    cells = [one for one in run.cells if one.dimension == dimension]
    return Chart(
        f"culture-{dimension.replace(' ', '-')}",
        f"Accuracy by {dimension}, with 95 % intervals. Upright strokes: the same model without "
        "the picture. Dotted: chance.",
        f"Accuracy by {dimension}. " + "; ".join(_said(one) for one in cells) + ".",
        _figure(run.models, cells, narrow=False),
        _figure(run.models, cells, narrow=True),
    )


def _said(one: CultureCell) -> str:
    blind = ", blind" if one.mode == "blind" else ""
    return f"{one.model}{blind}, {one.group}: {100 * one.accuracy.value:.0f} % of {one.n}"


def _figure(models: Sequence[str], cells: Sequence[CultureCell], narrow: bool) -> Figure:
    sizes = {one.group: one.n for one in cells}
    groups = list(sizes)
    rows = len(groups) * max(1.0, 0.6 * len(models))
    size = (NARROW, 1.6 + 0.6 * rows) if narrow else (WIDE, 1.2 + 0.4 * rows)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    label_rows(axes, [f"{one.replace('_', ' ')}, n = {sizes[one]}" for one in groups], narrow)
    step = (_HIGH if not narrow else 0.5) / len(models)
    for one in cells:
        number = models.index(one.model)
        row = groups.index(one.group) + step * (number - (len(models) - 1) / 2)
        _draw(axes, one, row, step, COLOURS[number % len(COLOURS)])
    axes.axvline(CHANCE, color=FAINT, linewidth=1, linestyle=(0, (1, 2)), zorder=1)
    percent_axis(axes)
    axes.set_xlabel("%")
    _legend(figure, models, cells, narrow)
    return figure


def _draw(axes: Axes, one: CultureCell, row: float, height: float, colour: str) -> None:
    value, low, high = (
        100 * end for end in (one.accuracy.value, one.accuracy.low, one.accuracy.high)
    )
    if not math.isfinite(value):
        return
    if one.mode == "blind":
        ends = [row - height / 2, row + height / 2]
        axes.plot([value, value], ends, color=INK, linewidth=2, zorder=4, clip_on=False)
        return
    axes.barh(row, value, height=0.9 * height, color=colour, alpha=0.75, zorder=2)
    lengths = error_lengths(value, low, high)
    if lengths is not None:
        axes.errorbar(
            value, row, xerr=lengths, fmt="none", ecolor=FAINT, elinewidth=1.6, capsize=2,
            clip_on=False, zorder=3,
        )  # fmt: skip


def _legend(
    figure: Figure, models: Sequence[str], cells: Sequence[CultureCell], narrow: bool
) -> None:
    handles: list[Patch | Line2D] = [
        Patch(color=COLOURS[i % len(COLOURS)], alpha=0.75, label=model)
        for i, model in enumerate(models)
    ]
    if any(one.mode == "blind" for one in cells):
        handles.append(
            Line2D([], [], color=INK, marker="|", linestyle="", markersize=9, label="blind")
        )
    figure.legend(
        handles=handles, loc="outside upper left", ncols=1 if narrow else 4, fontsize=8.5,
        labelcolor=FAINT,
    )  # fmt: skip
