"""Bars of each product: how often it was right, by each of the cells that name it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from culture_perception.experiments.comparisons import VERBATIM
from culture_perception.experiments.results import Product
from culture_perception.experiments.texts import Cell
from culture_perception.report.charts.drawing import (
    BLUE,
    INK,
    NARROW,
    ArmChart,
    Chart,
    percent_axis,
    shortened,
    styled,
)
from culture_perception.report.names import (
    STYLES,
    cell_name,
    concept_name,
    language_name,
    products_name,
)
from culture_perception.report.reading import Run

_TRACK = "#e9edf1"


def product_charts(run: Run) -> list[ArmChart]:
    """A chart for each kind of products and arm of its labels."""
    found = run.result.products
    kinds = dict.fromkeys((one.cell.products, one.cell.arm) for one in found)
    return [
        ArmChart(
            arm, _chart([one for one in found if one.cell[0] == products and one.cell[2] == arm])
        )
        for products, arm in kinds
    ]


@styled
def _chart(own: Sequence[Product]) -> Chart:
    """Of one kind of products and arm."""
    cell = own[0].cell
    said = "" if cell.arm == VERBATIM else f", {cell.arm} labels"
    return Chart(
        f"products-{cell.products}-{cell.arm}",
        f"{products_name(cell.products)}{said}: how often each product was right. "
        "The label that it is asked by stands in its bar.",
        _alt(own),
        _figure(own, narrow=False),
        _figure(own, narrow=True),
    )


def _figure(own: Sequence[Product], narrow: bool) -> Figure:
    """Panels beside each other with names at the left; below each other, without, where narrow."""
    cells = list(dict.fromkeys(one.cell for one in own))
    concepts = list(dict.fromkeys(one.concept_id for one in own))
    count, height = len(cells), 0.5 + 0.34 * len(concepts)
    size = (NARROW, 0.2 + height * count) if narrow else (2.2 + 2.3 * max(count, 2), height + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    shape = (count, 1) if narrow else (1, count)
    panels = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, cell in zip(panels, cells, strict=True):
        axes.set_title(cell_name(cell) if narrow else _short_name(cell))
        _panel(axes, [one for one in own if one.cell == cell], concepts)
    names = [] if narrow else [shortened(concept_name(one)) for one in concepts]
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(concepts) - 0.5, -0.5)
    return figure


def _short_name(cell: Cell) -> str:
    return f"{language_name(cell.language)}\n{STYLES.get(cell.style, cell.style)}"


def _panel(axes: Axes, products: Sequence[Product], concepts: Sequence[str]) -> None:
    percent_axis(axes)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.set(xlim=(0, 122), xticks=(0, 50, 100))
    for one in products:
        row, share = concepts.index(one.concept_id), one.right / one.n if one.n else 0.0
        axes.barh(row, 100, height=0.78, color=_TRACK)
        axes.barh(row, 100 * share, height=0.78, color=BLUE, alpha=0.45)
        axes.text(2, row, shortened(one.label), va="center", fontsize=7, color=INK, clip_on=True)
        axes.text(104, row, f"{one.right}/{one.n}", va="center", fontsize=7.5, color=INK)


def _alt(products: Iterable[Product]) -> str:
    parts = [
        f"{cell_name(one.cell)}, {one.label or one.concept_id}: {one.right} of {one.n}"
        for one in products
    ]
    return "Right answers by product. " + "; ".join(parts) + "."
