"""What became of the objects: a bar a cell, cut by the rung that took them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from culture_perception.experiments.results import Ladder
from culture_perception.report.charts.drawing import (
    INK,
    NARROW,
    RUNG_COLOURS,
    WIDE,
    Chart,
    label_rows,
    percent_axis,
    styled,
)
from culture_perception.report.names import cell_name, rung_meaning
from culture_perception.report.reading import Run

_LEAST_WRITTEN = 3.5
_WHITE_ON = ("right", "encoder wrong")


def ladder_charts(run: Run) -> list[Chart]:
    """One chart; none where there is no ladder."""
    return [_chart(run)] if run.result.ladders else []


@styled
def _chart(run: Run) -> Chart:
    ladders = run.result.ladders
    return Chart(
        "ladder",
        "What became of the objects: the first rung that applies takes an object. "
        + " ".join(f"{rung.capitalize()}: {text}." for rung, text in _meanings(run).items()),
        "What became of the objects. " + "; ".join(map(_said, ladders)) + ".",
        _figure(ladders, narrow=False),
        _figure(ladders, narrow=True),
    )


def _meanings(run: Run) -> dict[str, str]:
    rungs = run.result.ladders[0].rungs
    return {str(rung): meaning for rung in rungs if (meaning := rung_meaning(rung, run.result))}


def _figure(ladders: Sequence[Ladder], narrow: bool) -> Figure:
    count = len(ladders)
    size = (NARROW, 1.7 + 0.6 * count) if narrow else (WIDE, 1.1 + 0.42 * count)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    label_rows(axes, [cell_name(one.cell) for one in ladders], narrow)
    for row, one in enumerate(ladders):
        _bar(axes, row, one, height=0.45 if narrow else 0.7)
    percent_axis(axes)
    axes.grid(visible=False)
    axes.set_xlabel("% of the objects; in the bars their number")
    rungs = list(ladders[0].rungs)
    patches = [Patch(color=_colour(rung), label=rung) for rung in rungs]
    figure.legend(handles=patches, loc="outside upper left", ncols=2 if narrow else len(rungs),
                  fontsize=8.5, handlelength=1, columnspacing=1.2)  # fmt: skip
    return figure


def _bar(axes: Axes, row: int, one: Ladder, height: float) -> None:
    total, left = sum(one.rungs.values()), 0.0
    for rung, count in one.rungs.items():
        if not count:
            continue
        share = 100 * count / total
        axes.barh(row, share, left=left, height=height, color=_colour(rung), edgecolor="white")
        if share >= _LEAST_WRITTEN:
            axes.text(
                left + share / 2, row, str(count), ha="center", va="center", fontsize=8,
                color="white" if rung in _WHITE_ON else INK,
            )  # fmt: skip
        left += share


def _colour(rung: str) -> str:
    return RUNG_COLOURS.get(rung, "#444444")


def _said(one: Ladder) -> str:
    parts = ", ".join(f"{rung} {count}" for rung, count in one.rungs.items())
    return f"{cell_name(one.cell)}: {parts}"
