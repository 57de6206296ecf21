"""Training on one group and testing on others: what is printed, and the same as JSON."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from culture_perception.culture_bench.record import Record, estimate_record, items_provenance
from culture_perception.culture_bench.tables import figure, new_table, points
from culture_perception.culture_bench.transfer_cells import OTHERS, Transfer, TransferCell

BENCHMARK: Final = "culture-transfer"


def print_transfer(found: Transfer, console: Console) -> None:
    """A row for each group that was trained on, a column for each that was tested on."""
    console.print(_matrix(found))
    for one in found.trained:
        training, validation, test = one.items
        before, after = one.trust
        console.print(
            f"{one.group}: {training} items to train on, {validation} to choose by (probability of "
            f"the right option {before:.2f}, after {one.best_step} steps {after:.2f}), {test} to "
            "test on",
            highlight=False,
            soft_wrap=True,
        )
    for name, sizes in found.left_out.items():
        told = "/".join(map(str, sizes))
        console.print(f"{name} left out: {told} items to train on, choose by and test on")
    if found.leaked:
        console.print(f"{found.leaked} test items left out: what is learned gives them away")
    if found.broken:
        console.print(f"{found.broken} items left out, their picture is broken")
    console.print(
        "Accuracy in % with the adapter; below, points more than the bare encoder on the same "
        "items (95 %, concepts drawn anew). No concept is in two parts.",
        style="dim",
        highlight=False,
    )


def _matrix(found: Transfer) -> Table:
    tested = (*found.groups, OTHERS)
    rows = {name: [c for c in found.cells if c.trained_on == name] for name in found.groups}
    first = {one.tested_on: one for one in rows[found.groups[0]]}
    table = new_table("trained on", *(f"{name}\nn = {first[name].n}" for name in found.groups))
    table.add_column(OTHERS, justify="right")
    bare = [figure(first[name].before) for name in found.groups]
    table.add_row("nothing", *bare, "", style="dim")
    for name, cells in rows.items():
        by_name = {one.tested_on: one for one in cells}
        table.add_row(name, *(_changed(by_name[one]) for one in tested))
    return table


def _changed(one: TransferCell) -> str:
    return f"{100 * one.after.value:.1f}\n{points(one.difference)}"


def transfer_record(path: Path, found: Transfer, seconds: float) -> Record:
    """One record of all of it.

    Args:
        path: of the items.
        found: what came out.
        seconds: that it took.
    """
    return {
        "benchmark": BENCHMARK,
        "by": found.by,
        "groups": list(found.groups),
        "cells": [_cell(one) for one in found.cells],
        "trained": [asdict(one) for one in found.trained],
        "left_out": {name: list(sizes) for name, sizes in found.left_out.items()},
        "leaked": found.leaked,
        "broken": found.broken,
        "provenance": items_provenance(path, seconds, encoder=found.encoder),
    }


def _cell(one: TransferCell) -> Record:
    estimates = {
        name: estimate_record(getattr(one, name)) for name in ("before", "after", "difference")
    }
    return {**asdict(one), **estimates}
