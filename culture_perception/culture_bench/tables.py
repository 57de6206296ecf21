"""What the benchmark prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.culture_bench.comparing import Comparison, ModelResult
from culture_perception.culture_bench.figures import Group, Scores
from culture_perception.culture_bench.items import DIMENSIONS, OPTIONS
from culture_perception.experiments.comparisons import FEW_OBJECTS
from culture_perception.experiments.resampling import Estimate

CHANCE: Final = 1 / OPTIONS


def print_results(
    results: Sequence[ModelResult],
    comparisons: Sequence[Comparison],
    majority: float,
    console: Console,
) -> None:
    """Tables of all models: overall, by group, and against each other.

    Args:
        results: at least one.
        comparisons: between them.
        majority: accuracy of the letter that is right most often.
        console: where to.
    """
    console.print(_overall(results, majority))
    for one in results:
        if one.about:
            console.print(f"{one.title}: {one.about}", highlight=False, soft_wrap=True)
    for dimension in DIMENSIONS:
        console.print(_by_group(results, dimension))
    for one in results:
        _print_gaps(one, console)
        _print_left_out(one.title, one.scores, console)
    if comparisons:
        console.print(_comparison_table(comparisons))
    concepts = results[0].scores.concepts
    few = f"A small sample: {concepts} concepts. " if concepts < FEW_OBJECTS else ""
    console.print(
        f"{few}Intervals (95 %) draw concepts anew; McNemar's p takes items as independent.",
        style="dim",
        highlight=False,
    )


def _overall(results: Sequence[ModelResult], majority: float) -> Table:
    table = new_table("model", "n", "concepts", "accuracy", "blind", "no option read", "broken")
    for one in results:
        blind = one.blind_scores
        table.add_row(
            one.title,
            str(one.scores.n),
            str(one.scores.concepts),
            figure(one.scores.accuracy),
            "–" if blind is None else figure(blind.accuracy),
            str(sum(one.scores.unread.values())),
            str(one.scores.broken),
        )
    table.add_row("most frequent letter", "", "", f"{100 * majority:.1f}", "", "", "", style="dim")
    table.add_row("chance", "", "", f"{100 * CHANCE:.1f}", "", "", "", style="dim")
    return table


def _by_group(results: Sequence[ModelResult], dimension: str) -> Table:
    table = new_table(dimension, "n", "concepts")
    for one in results:
        table.add_column(one.title, justify="right")
        if one.blind_scores is not None:
            table.add_column("blind", justify="right")
    for group in results[0].scores.groups[dimension]:
        cells = [text for one in results for text in _cells(one, dimension, group.name)]
        table.add_row(group.name, str(group.n), str(group.concepts), *cells)
    return table


def _cells(one: ModelResult, dimension: str, name: str) -> list[str]:
    parts = [one.scores] if one.blind_scores is None else [one.scores, one.blind_scores]
    found = [_group(part, dimension, name) for part in parts]
    return ["–" if group is None else figure(group.accuracy) for group in found]


def _group(scores: Scores, dimension: str, name: str) -> Group | None:
    return next((one for one in scores.groups[dimension] if one.name == name), None)


def _print_gaps(one: ModelResult, console: Console) -> None:
    for dimension, gap in one.scores.gaps.items():
        groups = {group.name: group.accuracy.value for group in one.scores.groups[dimension]}
        console.print(
            f"{one.title}, by {dimension}: worst {gap.worst} {groups[gap.worst]:.0%}, best "
            f"{gap.best} {groups[gap.best]:.0%}, a gap of {points(gap.difference)} points",
            highlight=False,
            soft_wrap=True,
        )


def _print_left_out(title: str, scores: Scores, console: Console) -> None:
    if scores.broken:
        console.print(f"{title}: {scores.broken} items left out, their picture is broken")
    for reason, count in scores.unread.items():
        console.print(f"{title}: {count} of {scores.n} answers count as wrong: {reason}")


def _comparison_table(comparisons: Sequence[Comparison]) -> Table:
    table = new_table("first", "items", "n", "points", "only first", "only second", "p", "Holm")
    for one in comparisons:
        table.add_row(
            f"{one.first}\nless {one.second}",
            one.language or "all",
            str(one.n),
            points(one.difference),
            str(one.only_first),
            str(one.only_second),
            f"{one.p:.2g}",
            f"{one.p_holm:.2g}",
        )
    return table


def figure(one: Estimate) -> str:
    """Per cent, with the interval below; a dash where there is none."""
    if not math.isfinite(one.value):
        return "–"
    ends = "" if math.isnan(one.low) else f"\n{100 * one.low:.0f}–{100 * one.high:.0f}"
    return f"{100 * one.value:.1f}{ends}"


def points(one: Estimate) -> str:
    """Percentage points with sign and interval."""
    if not math.isfinite(one.value):
        return "–"
    ends = "" if math.isnan(one.low) else f" ({100 * one.low:+.1f} to {100 * one.high:+.1f})"
    return f"{100 * one.value:+.1f}{ends}"


def new_table(first: str, *others: str) -> Table:
    """A table with these headings."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    for heading in others:
        table.add_column(heading, justify="right")
    return table
