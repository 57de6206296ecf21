"""The gap between the worst and the best group, in numbers and in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from culture_perception.experiments.comparisons import VERBATIM, Gap
from culture_perception.experiments.results import CellResult, Result
from culture_perception.report.charts.gap import charted_figures
from culture_perception.report.names import (
    cell_name,
    figure_name,
    percent,
    percent_sign,
    points,
    points_interval,
)
from culture_perception.report.reading import TABLES, Run


@dataclass(frozen=True)
class Headline:
    """The gap of one run.

    Attributes:
        key: of the run, to link to.
        title: table and models.
        figure: what the values are of, in words.
        worst: name of the group; "" where there is no gap.
        worst_percent: its figure.
        best: name of the group.
        best_percent: its figure.
        gap: in points.
        interval: of the gap, in points; "" where there is none.
        sentences: the same in words, and the paper's gap.
    """

    key: str
    title: str
    figure: str
    worst: str
    worst_percent: str
    best: str
    best_percent: str
    gap: str
    interval: str
    sentences: tuple[str, ...]


def headline(run: Run) -> Headline:
    """The gap between the worst and the best group."""
    result, gap = run.result, run.result.gap
    title = f"{TABLES[result.experiment]}: {run.title}"
    figure = figure_name(result.figure)
    if gap is None:
        said = "There is no gap to tell of: fewer than two groups have a figure."
        return Headline(run.key, title, figure, "", "", "", "", "", "", (said,))
    return Headline(
        run.key,
        title,
        figure,
        cell_name(gap.worst),
        percent_sign(gap.worst_value),
        cell_name(gap.best),
        percent_sign(gap.best_value),
        points(gap.difference.value).lstrip("+"),
        points_interval(gap.difference).replace("+", ""),
        tuple(_sentences(result, gap)),
    )


def _sentences(result: Result, gap: Gap) -> list[str]:
    counts = {one.cell: one for one in result.cells}
    said = [_groups(result, gap, counts[gap.worst], counts[gap.best]), _certainty(gap)]
    printed = _paper_gap(result)
    return [*said, *([printed] if printed else [])]


def _groups(result: Result, gap: Gap, worst: CellResult, best: CellResult) -> str:
    low, high = percent_sign(gap.worst_value), percent_sign(gap.best_value)
    if result.figure == "top1":
        return (
            f"Of {worst.n} objects of the group {cell_name(gap.worst)} {low} are named right, "
            f"of {best.n} of {cell_name(gap.best)} {high}."
        )
    return (
        f"{figure_name(result.figure)} is {low} in {cell_name(gap.worst)} ({worst.n} objects) "
        f"and {high} in {cell_name(gap.best)} ({best.n})."
    )


def _certainty(gap: Gap) -> str:
    low, high = gap.difference.low, gap.difference.high
    if not (math.isfinite(low) and math.isfinite(high)):
        return "The gap has no interval: there is too little to draw from."
    if low > 0:
        return "Its 95 % interval stays above 0: other products most likely show a gap as well."
    return "Its 95 % interval reaches 0: with other scenes and products there may be no gap."


def _paper_gap(result: Result) -> str:
    name = charted_figures(result)[-1]
    printed = {
        one.cell: one.paper[name]
        for one in result.cells
        if one.cell.arm == VERBATIM and name in one.paper
    }
    if len(printed) < 2:
        return ""
    worst, best = (pick(printed, key=lambda cell: printed[cell]) for pick in (min, max))
    return (
        f"In the paper the gap is {percent(printed[best] - printed[worst])} points "
        f"({figure_name(name)}): from {cell_name(worst)}, {percent_sign(printed[worst])}, to "
        f"{cell_name(best)}, {percent_sign(printed[best])}."
    )
