"""The paper's tables with our figures, and models beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from culture_perception.experiments.results import CellResult, Result
from culture_perception.report.names import (
    NOTHING,
    STYLES,
    cell_name,
    figure_name,
    group_name,
    percent,
    percent_interval,
)
from culture_perception.report.reading import Run
from culture_perception.report.table import Entry, Heading, Row, Table


def paper_table(run: Run) -> Table:
    """The paper's layout: a group a row, both styles beside each other; below, what it prints."""
    result = run.result
    names = list(result.cells[0].figures)
    styles = list(dict.fromkeys(one.cell.style for one in result.cells))
    rows = []
    for group, cells in _grouped(result).items():
        both = [cells.get(style) for style in styles]
        counts = [one.n for one in both if one is not None]
        ours = tuple(_figure(one, name) for one in both for name in names)
        printed = tuple(_printed(one, name) for one in both for name in names)
        spread = str(counts[0]) if len(set(counts)) == 1 else ", ".join(map(str, counts))
        known = any(one is not None and one.paper for one in both)
        rows.append(Row(group, (*ours, Entry(spread)), name="here", span=2 if known else 1))
        if known:
            rows.append(Row("", (*printed, Entry(NOTHING)), "paper", "the paper"))
    return Table(
        caption="In percent; below each figure its 95 % interval.",
        headings=("", "", *(figure_name(name) for _ in styles for name in names), "n"),
        rows=tuple(rows),
        groups=(
            Heading("", 2),
            *(Heading(STYLES.get(style, style), len(names)) for style in styles),
            Heading(""),
        ),
        named=True,
    )


def _grouped(result: Result) -> dict[str, dict[str, CellResult]]:
    groups: dict[str, dict[str, CellResult]] = {}
    for one in result.cells:
        groups.setdefault(group_name(one.cell), {})[one.cell.style] = one
    return groups


def _figure(one: CellResult | None, name: str) -> Entry:
    if one is None:
        return Entry(NOTHING)
    figure = one.figures[name]
    return Entry(percent(figure.value), percent_interval(figure))


def _printed(one: CellResult | None, name: str) -> Entry:
    return Entry(NOTHING if one is None or name not in one.paper else percent(one.paper[name]))


def models_table(runs: Sequence[Run]) -> Table:
    """The main figure of several models, a row a model."""
    cells = list(dict.fromkeys(one.cell for run in runs for one in run.result.cells))
    rows = []
    for run in runs:
        figures = {one.cell: one for one in run.result.cells}
        name = run.result.figure
        rows.append(Row(run.title, tuple(_figure(figures.get(cell), name) for cell in cells)))
    return Table(
        caption=f"{figure_name(runs[0].result.figure)} of each model, in percent, with intervals.",
        headings=("model", *(cell_name(cell) for cell in cells)),
        rows=tuple(rows),
    )
