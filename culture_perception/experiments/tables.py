"""What an experiment prints: the paper's table, ours beside it, and what may be said of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.experiments.comparisons import FEW_OBJECTS
from culture_perception.experiments.options import ExperimentOptions
from culture_perception.experiments.record import model_title
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import CellResult, Result

PRODUCTS: Final = {"ycb": "YCB", "konbini": "Konbini", "scans": "YCB scans"}
HEADINGS: Final[Mapping[str, str]] = {
    "top1": "top-1",
    "score": "score",
    "f1": "F1",
    "iou": "IoU",
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "iou_of_hits": "IoU of hits",
}
_MOST_FIGURES: Final = 4  # beside each other on 80 columns
STYLE_HEADINGS: Final = {"plain": "w/o brand", "brand": "w/ brand"}


def print_result(result: Result, options: ExperimentOptions, console: Console) -> None:
    """The table, the comparisons, and the options with which they were made."""
    console.print(f"[bold]{model_title(result)}[/bold]", highlight=False)
    for table in paper_tables(result):
        console.print(table)
    if result.mask_figures:
        console.print(_mask_table(result.mask_figures))
    if result.gap is not None:
        gap = result.gap
        console.print(
            f"worst group {gap.worst.title} {gap.worst_value:.0%}, best {gap.best.title} "
            f"{gap.best_value:.0%}: a gap of {_points(gap.difference)}",
            highlight=False,
        )
    console.print(_comparison_table(result))
    console.print(_effects_table(result))
    if result.ladders:
        console.print(_ladder_table(result))
    _print_options(options, console)
    few = sorted({one.objects for one in result.cells if one.objects < FEW_OBJECTS})
    if few:
        console.print(
            f"A small sample: {' or '.join(map(str, few))} different products a row. Intervals "
            "(95 %) draw scenes and products anew; McNemar's p takes cases as independent.",
            style="dim",
            highlight=False,
        )


def paper_tables(result: Result) -> list[Table]:
    """A row a set and language, the paper's figures below ours.

    Both styles stand side by side as in the paper, or, where that is too wide, in two tables.
    """
    styles = list(dict.fromkeys(one.cell.style for one in result.cells))
    if len(styles) * len(result.cells[0].figures) <= _MOST_FIGURES:
        return [_paper_table(result, styles)]
    return [_paper_table(result, [style]) for style in styles]


def _paper_table(result: Result, styles: Sequence[str]) -> Table:
    title = STYLE_HEADINGS.get(styles[0], styles[0]) if len(styles) == 1 else None
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left"
    )
    table.add_column("labels")
    names = list(result.cells[0].figures)
    for style in styles:
        above = "" if title else f"{STYLE_HEADINGS.get(style, style)}\n"
        for name in names:
            table.add_column(above + HEADINGS[name], justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    for key, row in _rows(result.cells).items():
        figures = [_figure(row[style], name) for style in styles for name in names]
        table.add_row(key, *figures, str(next(iter(row.values())).n))
        printed = [_paper(row[style], name) for style in styles for name in names]
        if any(printed):
            table.add_row("  the paper", *printed, "", style="dim")
    return table


def _rows(cells: Sequence[CellResult]) -> dict[str, dict[str, CellResult]]:
    rows: dict[str, dict[str, CellResult]] = {}
    for one in cells:
        cell = one.cell
        arm = "" if cell.arm == "verbatim" else f", {cell.arm}"
        name = f"{PRODUCTS.get(cell.products, cell.products)} ({cell.language}{arm})"
        rows.setdefault(name, {})[cell.style] = one
    return rows


def _figure(one: CellResult, name: str) -> str:
    figure = one.figures[name]
    if not math.isfinite(figure.value):
        return "–"
    ends = "" if math.isnan(figure.low) else f"\n{100 * figure.low:.0f}–{100 * figure.high:.0f}"
    return f"{100 * figure.value:.1f}{ends}"


def _paper(one: CellResult, name: str) -> str:
    return f"{100 * one.paper[name]:.1f}" if name in one.paper else ""


def _mask_table(figures: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("masks of")
    for name in next(iter(figures.values())):
        table.add_column(name.upper(), justify="right")
    for title, row in figures.items():
        table.add_row(title, *(_percent(value) for value in row.values()))
    return table


def _comparison_table(result: Result) -> Table:
    """Pairs of rows on the same masks, with McNemar's test; the others have an interval alone."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("first", "less second", f"points of {HEADINGS[result.figure]}", "p", "Holm"):
        table.add_column(heading)
    for one in result.comparisons:
        table.add_row(
            one.first.title,
            one.second.title,
            _points(one.difference),
            "–" if one.p is None else f"{one.p:.2g}",
            "–" if one.p_holm is None else f"{one.p_holm:.2g}",
        )
    return table


def _effects_table(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for heading in ("effect", "of", f"points of {HEADINGS[result.figure]}"):
        table.add_column(heading)
    for one in result.effects:
        table.add_row(one.name, one.what, _points(one.estimate))
    return table


def _ladder_table(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("what became of the objects", no_wrap=True)
    for rung in result.ladders[0].rungs:
        table.add_column(rung, justify="right")
    for one in result.ladders:
        total = sum(one.rungs.values())
        table.add_row(
            one.cell.title,
            *(f"{count / total:.0%}" if total else "–" for count in one.rungs.values()),
        )
    return table


def _print_options(options: ExperimentOptions, console: Console) -> None:
    console.print("What the paper leaves open:", highlight=False)
    for one in options.choices():
        default = "" if one.value == one.default else f" (default {one.default})"
        console.print(f"  [bold]{one.name} = {one.value}[/bold]{default}: {one.meaning}")
        console.print(f"    the paper: {one.paper}", style="dim", highlight=False)


def comparison_table(results: Sequence[Result]) -> Table:
    """The main figure of several models, a row a model."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model")
    for one in results[0].cells:
        table.add_column(one.cell.title, justify="right")
    for result in results:
        table.add_row(model_title(result), *(_figure(one, result.figure) for one in result.cells))
    return table


def _points(one: Estimate) -> str:
    if not math.isfinite(one.value):
        return "–"
    return f"{100 * one.value:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f})"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}" if math.isfinite(value) else "–"
