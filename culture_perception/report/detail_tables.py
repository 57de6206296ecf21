"""Tables of what lies behind the figures: pairs, effects, ablations, masks, options."""

from __future__ import annotations

from typing import Final

from culture_perception.experiments.comparisons import VERBATIM, Comparison
from culture_perception.experiments.resampling import Estimate
from culture_perception.report.names import (
    MASK_FIGURES,
    NOTHING,
    cell_name,
    figure_name,
    percent,
    points,
    points_interval,
    probability,
    readable,
)
from culture_perception.report.reading import Run
from culture_perception.report.table import Entry, Row, Table

_PAIR_HEADINGS: Final = (
    "first", "second", "difference", "alone right", "p", "p (Holm)",
)  # fmt: skip


def comparison_tables(run: Run) -> tuple[Table, Table]:
    """Pairs of groups that differ in one thing: of the paper's texts, and of other arms."""
    name = figure_name(run.result.figure)
    own: list[Row] = []
    others: list[Row] = []
    for one in run.result.comparisons:
        verbatim = one.first.arm == one.second.arm == VERBATIM
        (own if verbatim else others).append(_comparison(one))
    about = (
        f"{name} of the first less that of the second, in points. On the same pictures the "
        "difference is paired: objects that the first alone has right, and the second alone; "
        "McNemar's exact p; and p after Holm, over all pairs of the run."
    )
    return (
        Table(f"Pairs that differ in one thing. {about}", _PAIR_HEADINGS, tuple(own), words=1),
        Table("The same of other texts of the labels.", _PAIR_HEADINGS, tuple(others), words=1),
    )


def _comparison(one: Comparison) -> Row:
    return Row(
        cell_name(one.first),
        (
            Entry(cell_name(one.second)),
            _points(one.difference),
            Entry(f"{one.only_first} : {one.only_second}" if one.paired else NOTHING),
            Entry(probability(one.p)),
            Entry(probability(one.p_holm)),
        ),
    )


def effect_table(run: Run) -> Table:
    """What language, brand and culture do."""
    rows = [
        Row(readable(one.name), (Entry(readable(one.what)), _points(one.estimate)))
        for one in run.result.effects
    ]
    heading = f"points of {figure_name(run.result.figure)}"
    return Table("Effects.", ("effect", "of", heading), tuple(rows), words=1)


def ablation_table(run: Run) -> Table:
    """One option changed at a time."""
    rows = [
        Row(
            cell_name(one.cell),
            (
                Entry(one.option),
                Entry(one.value),
                Entry(percent(one.figure)),
                _points(one.delta),
            ),
        )
        for one in run.result.ablations
    ]
    name = figure_name(run.result.figure)
    headings = ("group", "option", "changed to", f"{name}, %", "change, points")
    return Table("Ablations.", headings, tuple(rows), words=2)


def mask_table(run: Run) -> Table:
    """COCO's average precision and panoptic quality of the masks."""
    figures = run.result.mask_figures or {}
    titles = {one.cell.title: cell_name(one.cell) for one in run.result.cells}
    names = list(dict.fromkeys(name for row in figures.values() for name in row))
    rows = [
        Row(
            titles.get(title) or readable(title),
            tuple(Entry(percent(row[name]) if name in row else NOTHING) for name in names),
        )
        for title, row in figures.items()
    ]
    return Table(
        caption=(
            "COCO's average precision and recall of the masks (pycocotools), and their panoptic, "
            "segmentation and recognition quality (torchmetrics), in percent. Without a name every "
            "mask counts, whatever it is called; with one, only masks of the right label."
        ),
        headings=("masks of", *(MASK_FIGURES.get(name, name) for name in names)),
        rows=tuple(rows),
    )


def option_table(run: Run) -> Table:
    """Options as used."""
    rows = [
        Row(
            one.name,
            (Entry(_value(one.value)), Entry(_value(one.default)), Entry(one.meaning),
             Entry(one.paper)),
            "changed" if one.value != one.default else "",
        )
        for one in run.source.choices
    ]  # fmt: skip
    headings = ("option", "used", "default", "what it decides", "what the paper says")
    return Table("Options as they were used.", headings, tuple(rows), words=4)


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _points(one: Estimate) -> Entry:
    return Entry(points(one.value), points_interval(one))
