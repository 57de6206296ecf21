"""The gap chart: all groups on one axis, ours with intervals, and the paper's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from culture_perception.experiments.comparisons import VERBATIM
from culture_perception.experiments.results import CellResult, Result
from culture_perception.experiments.texts import Cell
from culture_perception.report.charts.drawing import (
    COLOURS,
    FAINT,
    INK,
    NARROW,
    WIDE,
    ArmChart,
    Chart,
    error_lengths,
    label_rows,
    percent_axis,
    styled,
)
from culture_perception.report.names import cell_name, figure_name, percent, percent_interval
from culture_perception.report.reading import TABLES, Run

_MARKS: Final = ("o", "s")
"""Of the main figure, and of the one that the paper prints where that is another."""
_APART: Final = 0.26


def charted_figures(result: Result) -> tuple[str, ...]:
    """The main figure; and the first that the paper prints, where it does not print the main."""
    printed = [name for one in result.cells for name in one.figures if name in one.paper]
    if not printed or result.figure in printed:
        return (result.figure,)
    return result.figure, printed[0]


def gap_charts(runs: Sequence[Run]) -> list[ArmChart]:
    """Of all runs of one experiment, 1 or more: a chart for each arm of the labels."""
    names = charted_figures(runs[0].result)
    arms = dict.fromkeys(one.cell.arm for run in runs for one in run.result.cells)
    return [ArmChart(arm, _chart([_only(run, arm) for run in runs], arm, names)) for arm in arms]


def _only(run: Run, arm: str) -> Run:
    """The run with the cells of one arm; the gap is of the verbatim ones."""
    cells = tuple(one for one in run.result.cells if one.cell.arm == arm)
    gap = run.result.gap if arm == VERBATIM else None
    return replace(run, result=replace(run.result, cells=cells, gap=gap))


@styled
def _chart(runs: Sequence[Run], arm: str, names: Sequence[str]) -> Chart:
    said = "" if arm == VERBATIM else f"{arm.capitalize()} labels: each"
    return Chart(
        f"gap-{runs[0].result.experiment}-{arm}",
        f"{said or 'Each'} group on one axis. Filled marks are the figures of this report with "
        "their 95 % intervals, hollow diamonds those that the paper prints.",
        _alt(runs, names),
        _figure(runs, names, narrow=False),
        _figure(runs, names, narrow=True),
    )


def _figure(runs: Sequence[Run], names: Sequence[str], narrow: bool) -> Figure:
    cells = list(dict.fromkeys(one.cell for run in runs for one in run.result.cells))
    lines = len(runs) * len(names)
    rows = len(cells) * max(1.0, 0.62 * lines)
    size = (NARROW, 2.4 + 0.6 * rows) if narrow else (WIDE, 1.8 + 0.42 * rows)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    label_rows(axes, [cell_name(cell) for cell in cells], narrow)
    step = min(_APART, 0.8 / lines)
    shifts = {key: step * (i - (lines - 1) / 2) for i, key in enumerate(_keys(runs, names))}
    for number, run in enumerate(runs):
        for mark, name in zip(_MARKS, names, strict=False):
            for one in run.result.cells:
                row = cells.index(one.cell) + shifts[run.key, name]
                _draw(axes, row, one, name, mark, COLOURS[number % len(COLOURS)])
    _draw_paper(axes, cells, runs, names, step * (lines - 1) / 2)
    percent_axis(axes)
    axes.set_xlabel("%")
    for row in range(len(cells) - 1):
        axes.axhline(row + 0.5, color="#eef1f4", linewidth=1)
    _bracket(axes, runs)
    _legend(figure, runs, names, narrow)
    return figure


def _keys(runs: Sequence[Run], names: Sequence[str]) -> list[tuple[str, str]]:
    return [(run.key, name) for run in runs for name in names]


def _draw(axes: Axes, row: float, one: CellResult, name: str, mark: str, colour: str) -> None:
    figure = one.figures[name]
    value, low, high = (100 * end for end in (figure.value, figure.low, figure.high))
    if math.isfinite(value):
        axes.errorbar(
            value, row, xerr=error_lengths(value, low, high), fmt=mark, color=colour,
            markersize=7 if mark == "o" else 6, elinewidth=2, capsize=0, clip_on=False, zorder=3,
        )  # fmt: skip


def _draw_paper(
    axes: Axes, cells: Sequence[Cell], runs: Sequence[Run], names: Sequence[str], down: float
) -> None:
    """Its diamonds, level with the lowest mark of a group: there is the figure that it prints."""
    known = {one.cell: one.paper for run in runs for one in run.result.cells}
    for row, cell in enumerate(cells):
        value = known[cell].get(names[-1])
        if value is not None:
            axes.plot(
                100 * value, row + (down if len(runs) == 1 else 0.0), "D", color=INK,
                markerfacecolor="none", markeredgewidth=1.6, markersize=8, clip_on=False, zorder=4,
            )  # fmt: skip


def _bracket(axes: Axes, runs: Sequence[Run]) -> None:
    """The gap above the groups, of a single run: of several it would be a thicket."""
    gap = runs[0].result.gap
    if len(runs) > 1 or gap is None:
        return
    low, high = 100 * gap.worst_value, 100 * gap.best_value
    axes.set_ylim(axes.get_ylim()[0], -1.15)
    for end in (low, high):
        axes.axvline(end, color=FAINT, linewidth=1, linestyle=(0, (2, 3)), zorder=1)
    arrow = {"arrowstyle": "<->", "color": INK, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (high, -0.72), (low, -0.72), arrowprops=arrow)
    axes.text(
        (low + high) / 2, -0.78, f"gap {percent(high / 100 - low / 100)} points", ha="center",
        va="bottom", fontweight="bold",
    )  # fmt: skip


def _legend(figure: Figure, runs: Sequence[Run], names: Sequence[str], narrow: bool) -> None:
    handles = [
        Line2D([], [], color=COLOURS[i % len(COLOURS)], marker=mark, linestyle="-", linewidth=2,
               label=figure_name(name) + (f", {run.title}" if len(runs) > 1 else ""))
        for i, run in enumerate(runs)
        for mark, name in zip(_MARKS, names, strict=False)
    ]  # fmt: skip
    if any(one.paper for run in runs for one in run.result.cells):
        handles.append(
            Line2D([], [], color=INK, marker="D", markerfacecolor="none", linestyle="",
                   markeredgewidth=1.6, label=f"{figure_name(names[-1])}, printed in the paper")
        )  # fmt: skip
    columns = 1 if narrow else 3 if len(runs) == 1 else 2
    figure.legend(handles=handles, loc="outside upper left", ncols=columns, fontsize=8.5,
                  labelcolor=FAINT)  # fmt: skip


def _alt(runs: Sequence[Run], names: Sequence[str]) -> str:
    title = TABLES[runs[0].result.experiment]
    parts = [
        f"{run.title}, {cell_name(one.cell)}: {figure_name(name)} {_said(one, name)}"
        for run in runs
        for one in run.result.cells
        for name in names
    ]
    return f"{title}, figures by group. " + "; ".join(parts) + "."


def _said(one: CellResult, name: str) -> str:
    figure = one.figures[name]
    ends = percent_interval(figure)
    printed = f", the paper {percent(one.paper[name])}" if name in one.paper else ""
    return f"{percent(figure.value)} %{f' ({ends})' if ends else ''}{printed}"
