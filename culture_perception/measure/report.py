"""Measured figures as tables for people and as JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.measure.figures import NOTHING, Figure, Form, written

Record: TypeAlias = dict[str, Any]

_HEADINGS: Final = ("figure", "value", "95 % interval", "n", "target", "met")
_COMMAND: Final = "culture-perception measure"
PARTS_OF: Final = {
    "segmenter": "segmenter",
    "scores": "segmenter",
    "encoder": "encoder",
    "held": "encoder",
    "rejection": "encoder",
}
"""Which part of the measurement gives figures of these keys; the others need all."""


def print_tables(figures: Sequence[Figure], console: Console) -> None:
    """Prints a table a section."""
    for section, rows in _by_section(figures):
        table = Table(title=section, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
        table.add_column(_HEADINGS[0])
        for heading in _HEADINGS[1:]:
            table.add_column(heading, justify="right", no_wrap=True)
        for figure in rows:
            style = {True: "green", False: "red", None: ""}[figure.is_met]
            table.add_row(*_cells(figure), style=style)
        console.print(table)


def markdown(figures: Sequence[Figure], conditions: Sequence[str], options: str) -> str:
    """The same tables for a model card, each under the command that prints it.

    Args:
        figures: in order.
        conditions: sentences.
        options: of the command.
    """
    lines = ["# Measured figures", "", f"Printed by `{_COMMAND}{options} --markdown FILE`.", ""]
    lines += [*conditions, ""]
    for section, rows in _by_section(figures):
        part = PARTS_OF.get(rows[0].key.partition(".")[0])
        only = f" --parts {part}" if part else ""
        lines += [f"## {section}", "", f"`{_COMMAND}{only}{options}`", ""]
        lines += [_row(_HEADINGS), "|---|" + "---:|" * 4 + "---|"]
        lines += [_row(_cells(figure)) for figure in rows]
        lines.append("")
    return "\n".join(lines)


def write_json(path: Path, figures: Sequence[Figure], about: Record) -> None:
    """Writes the figures, and what they were measured with, as JSON."""
    record = {**about, "figures": [figure.to_json() for figure in figures]}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def missed(figures: Sequence[Figure]) -> list[Figure]:
    """Those that do not reach their target."""
    return [figure for figure in figures if figure.is_met is False]


def _by_section(figures: Sequence[Figure]) -> list[tuple[str, list[Figure]]]:
    """In the order in which sections and figures come first."""
    order = list(dict.fromkeys(figure.section for figure in figures))
    ordered = sorted(figures, key=lambda figure: order.index(figure.section))
    return [(name, list(rows)) for name, rows in groupby(ordered, lambda figure: figure.section)]


def _cells(figure: Figure) -> tuple[str, ...]:
    low, high = figure.interval
    target = figure.target
    return (
        figure.what,
        written(figure.value, figure.form),
        NOTHING
        if math.isnan(low)
        else f"{written(low, figure.form)} to {written(high, figure.form)}",
        f"{figure.n} {figure.unit}",
        NOTHING
        if target is None
        else f"{'at most' if target.at_most else 'at least'} {_limit(target.limit, figure.form)}",
        {True: "yes", False: "no", None: ""}[figure.is_met],
    )


def _limit(value: float, form: Form) -> str:
    return f"{100 * value:.0f} %" if form == "percent" else f"{value:g}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
