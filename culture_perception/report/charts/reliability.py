"""Reliability diagrams: how sure the answers are, and how often they are right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from culture_perception.experiments.comparisons import VERBATIM
from culture_perception.experiments.results import Reliability
from culture_perception.experiments.texts import Cell
from culture_perception.report.charts.drawing import (
    BLUE,
    FAINT,
    NARROW,
    ArmChart,
    Chart,
    styled,
)
from culture_perception.report.names import NOTHING, cell_name, percent
from culture_perception.report.reading import Run

Errors: TypeAlias = Mapping[Cell, "float | None"]


def reliability_charts(run: Run) -> list[ArmChart]:
    """A chart for each arm of the labels, a panel a cell; none without cells."""
    found = run.result.reliabilities
    errors = {one.cell: one.calibration_error for one in run.result.cells}
    return [
        ArmChart(arm, _chart(arm, [one for one in found if one.cell.arm == arm], errors))
        for arm in dict.fromkeys(one.cell.arm for one in found)
    ]


@styled
def _chart(arm: str, found: Sequence[Reliability], errors: Errors) -> Chart:
    said = "" if arm == VERBATIM else f"{arm.capitalize()} labels: how"
    return Chart(
        f"reliability-{arm}",
        f"{said or 'How'} often answers are right (up) that are given with a probability (across); "
        "on the line they are as often right as they are sure. Larger circles are more answers. "
        "Error: the calibration error, the mean distance to the line, each circle as heavy as its "
        "answers.",
        "Reliability. " + "; ".join(_said(one, errors.get(one.cell)) for one in found) + ".",
        _figure(found, errors, columns=min(4, len(found)), inches=2.75),
        _figure(found, errors, columns=min(2, len(found)), inches=NARROW / 2 - 0.15),
    )


def _figure(found: Sequence[Reliability], errors: Errors, columns: int, inches: float) -> Figure:
    rows = math.ceil(len(found) / columns)
    size = 0.3 + inches * columns, 0.4 + (inches + 0.15) * rows
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, one in zip(panels, found, strict=False):
        _panel(axes, one, errors.get(one.cell))
    for axes in panels[len(found) :]:
        axes.set_visible(False)
    figure.supxlabel("mean probability of the answers, %", fontsize=9)
    figure.supylabel("right, %", fontsize=9)
    return figure


def _panel(axes: Axes, one: Reliability, error: float | None) -> None:
    total = sum(part.n for part in one.bins)
    axes.plot((0, 100), (0, 100), color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    axes.scatter(
        [100 * part.confidence for part in one.bins],
        [100 * part.accuracy for part in one.bins],
        s=[20 + 300 * part.n / total for part in one.bins],
        color=BLUE, alpha=0.65, edgecolor="white", clip_on=False, zorder=3,
    )  # fmt: skip
    title = cell_name(one.cell._replace(arm=VERBATIM))  # the caption says which arm
    axes.set_title(title.replace(") ", ")\n"), fontsize=8)
    axes.text(4, 94, f"error {_error(error)}", fontsize=8, color=FAINT, va="top")
    axes.set(xlim=(0, 100), ylim=(0, 100), xticks=(0, 50, 100), yticks=(0, 50, 100), aspect="equal")


def _error(error: float | None) -> str:
    return NOTHING if error is None else f"{percent(error)} %"


def _said(one: Reliability, error: float | None) -> str:
    bins = ", ".join(
        f"{part.n} answers of mean probability {percent(part.confidence)} % are right in "
        f"{percent(part.accuracy)} %"
        for part in one.bins
    )
    return f"{cell_name(one.cell)}, calibration error {_error(error)}: {bins or 'no answers'}"
