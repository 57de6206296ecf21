"""Differences with their intervals, beside a line at nothing: effects and ablations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.texts import Cell
from culture_perception.report.charts.drawing import (
    BLUE,
    FAINT,
    NARROW,
    WIDE,
    Chart,
    error_lengths,
    label_rows,
    shortened,
    styled,
)
from culture_perception.report.names import (
    STYLES,
    cell_name,
    figure_name,
    language_name,
    points,
    points_interval,
    products_name,
    readable,
)
from culture_perception.report.reading import Run

_COLUMNS = 4


@dataclass(frozen=True)
class _Line:
    name: str
    estimate: Estimate


def effect_charts(run: Run) -> list[Chart]:
    """One chart of language, brand and culture; none where there is nothing to compare."""
    return [_effects(run)] if run.result.effects else []


@styled
def _effects(run: Run) -> Chart:
    lines = [_Line(readable(f"{one.name}: {one.what}"), one.estimate) for one in run.result.effects]
    unit = f"points of {figure_name(run.result.figure)}"
    return Chart(
        "effects",
        "What language, brand and culture do to the figure, all else alike; an interval that "
        "reaches over the line at 0 says that there may be no effect.",
        "Effects in points. " + "; ".join(map(_said, lines)) + ".",
        _effects_figure(lines, unit, narrow=False),
        _effects_figure(lines, unit, narrow=True),
    )


def _effects_figure(lines: Sequence[_Line], unit: str, narrow: bool) -> Figure:
    count = len(lines)
    size = (NARROW, 0.9 + 0.55 * count) if narrow else (WIDE, 0.8 + 0.4 * count)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    label_rows(axes, [line.name for line in lines], narrow)
    _forest(axes, lines, [line.name for line in lines])
    axes.set_xlabel(unit)
    return figure


def ablation_charts(run: Run) -> list[Chart]:
    """A chart for each kind of products, a panel a cell."""
    cells = list(dict.fromkeys(one.cell for one in run.result.ablations))
    return [
        _ablations(run, products, [cell for cell in cells if cell.products == products])
        for products in dict.fromkeys(cell.products for cell in cells)
    ]


@styled
def _ablations(run: Run, products: str, cells: Sequence[Cell]) -> Chart:
    lines = {
        cell: [
            _Line(f"{one.option}: {one.value}", one.delta)
            for one in run.result.ablations
            if one.cell == cell
        ]
        for cell in cells
    }
    unit = f"points of {figure_name(run.result.figure)}"
    return Chart(
        f"ablations-{products}",
        f"{products_name(products)}: the figure with one option changed, less the figure as it is "
        "above. Paired, with 95 % intervals.",
        _ablations_alt(lines),
        _ablations_figure(lines, unit, narrow=False),
        _ablations_figure(lines, unit, narrow=True),
    )


def _ablations_figure(lines: Mapping[Cell, Sequence[_Line]], unit: str, narrow: bool) -> Figure:
    names = list(dict.fromkeys(line.name for some in lines.values() for line in some))
    columns = 1 if narrow else min(_COLUMNS, len(lines))
    rows = math.ceil(len(lines) / columns)
    width = NARROW if narrow else 2.2 + 2.3 * max(columns, 2)
    figure = Figure(figsize=(width, (0.7 + 0.3 * len(names)) * rows + 0.5), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    label_rows(panels[0, 0], [shortened(name) for name in names], narrow=False)
    for axes, (cell, some) in zip(panels.ravel(), lines.items(), strict=False):
        _forest(axes, some, names)
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_title(f"{language_name(cell.language)} {STYLES.get(cell.style, cell.style)}")
    for axes in panels.ravel()[len(lines) :]:
        axes.set_visible(False)
    figure.supxlabel(unit, fontsize=9)
    return figure


def _forest(axes: Axes, lines: Sequence[_Line], names: Sequence[str]) -> None:
    rows = {name: row for row, name in enumerate(names)}
    axes.axvline(0, color=FAINT, linewidth=1)
    for line in lines:
        one = line.estimate
        value, low, high = (100 * end for end in (one.value, one.low, one.high))
        if math.isfinite(value):
            axes.errorbar(
                value, rows[line.name], xerr=error_lengths(value, low, high), fmt="o", color=BLUE,
                markersize=6, elinewidth=2,
            )  # fmt: skip


def _ablations_alt(lines: Mapping[Cell, Sequence[_Line]]) -> str:
    parts = [f"{cell_name(cell)}, {_said(line)}" for cell, some in lines.items() for line in some]
    return "Change of the figure in points. " + "; ".join(parts) + "."


def _said(line: _Line) -> str:
    ends = points_interval(line.estimate)
    return f"{line.name} {points(line.estimate.value)}{f' ({ends})' if ends else ''}"
