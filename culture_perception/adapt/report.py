"""What an adaptation tells people and programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table

from culture_perception.demo_report import provenance

if TYPE_CHECKING:
    from culture_perception.adapt.gate import CellResult
    from culture_perception.adapt.running import Outcome


def print_outcome(outcome: Outcome, out: Path, console: Console) -> None:
    """A table of the cells, and what the gate says."""
    card = outcome.adapter.card
    console.print(_table("cell", outcome.verdict.cells))
    console.print(
        "top-1 on ground-truth masks of pictures kept apart; ECE: expected calibration error; "
        "*: what the adapter is for",
        soft_wrap=True,
    )
    training, validation, test = outcome.counts
    console.print(
        f"{training} crops to train on, {validation} to choose by, {test} to test on; best after "
        f"{outcome.best_step} steps, used at scale {card.scale:g}; written to {out}",
        highlight=False,
        soft_wrap=True,
    )
    if outcome.held_out:
        console.print(_table("held-out products", outcome.held_out))
    _print_verdict(outcome, console)


def _table(title: str, cells: Sequence[CellResult]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (title, "n", "before", "after", "change", "ECE"):
        justify: JustifyMethod = "left" if heading == title else "right"
        table.add_column(heading, justify=justify, no_wrap=True)
    for one in cells:
        table.add_row(*_row(one))
    return table


def _print_verdict(outcome: Outcome, console: Console) -> None:
    if outcome.verdict.passed:
        console.print("the gate lets it pass")
        return
    for fault in outcome.verdict.faults:
        console.print(f"the gate: {fault}", highlight=False, soft_wrap=True)
    scale = outcome.passing_scale
    if scale is not None:
        console.print(
            f"it would pass at --scale {scale:g}; give that with the same options and --resume",
            highlight=False,
            soft_wrap=True,
        )
    else:
        console.print(
            "no scale of it would pass: give more pictures, more --replay, or a lower "
            "--learning-rate",
            soft_wrap=True,
        )


def _row(one: CellResult) -> tuple[str, ...]:
    low, high = (100 * end for end in one.change_interval)
    return (
        "/".join(one.cell) + (" *" if one.is_target else ""),
        str(one.count),
        f"{one.before.top1:.1%}",
        f"{one.after.top1:.1%}",
        f"{100 * one.change:+.1f} [{low:+.0f}, {high:+.0f}]".replace("[", r"\["),
        f"{one.before.calibration_error:.3f} {one.after.calibration_error:.3f}",
    )


def write_json(path: Path, outcome: Outcome, **facts: Any) -> None:
    """The same for programs: `cells`, each with `before` and `after`, and `passed`.

    Args:
        path: of the file; its folder is made.
        outcome: of the adaptation.
        facts: more keys, fit for JSON.
    """
    card = outcome.adapter.card
    training, validation, test = outcome.counts
    record = provenance(
        passed=outcome.verdict.passed,
        faults=list(outcome.verdict.faults),
        passing_scale=outcome.passing_scale,
        cells=[one.record() for one in outcome.verdict.cells],
        held_out=[one.record() for one in outcome.held_out],
        validation=[
            {"scale": scale, "target": target, "others": None if others != others else others}
            for scale, (target, others) in outcome.curve.items()
        ],
        best_step=outcome.best_step,
        crops={"training": training, "validation": validation, "test": test},
        card=asdict(card),
        **facts,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
