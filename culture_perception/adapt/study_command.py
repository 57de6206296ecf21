"""`culture-perception adapt-study`: how few pictures suffice, and what carries over."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.adapt.arguments import add_options
from culture_perception.adapt.options import STUDIES, Study
from culture_perception.arguments import positive_int
from culture_perception.demo_report import provenance
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.adapt.study import Finished

_SAID: Final = {
    "shots": "of the target's cells, learned from so many crops of each product",
    "products": "of products that were neither shown nor named, among all names of the label set",
    "categories": "of categories that were neither shown nor named, among all names",
    "languages": "of the target's cells; those of the language that was left out are marked °",
}


_ALL: Final = "all"
_WITHOUT: Final = "without-"


def study(arguments: argparse.Namespace, console: Console) -> int:
    """Runs a study, prints its table and writes it."""
    from culture_perception.adapt.study import run_study

    arguments.out = arguments.out or Path("runs/adapt-study") / arguments.study
    try:
        finished = list(run_study(arguments.study, arguments))
    except ValueError as error:  # of models, options and labels: the message says what to do
        raise SystemFailure(str(error)) from error
    console.print(table_of(arguments.study, finished))
    console.print(f"top-1 before → after, {_SAID[arguments.study]}", highlight=False)
    path = arguments.json or arguments.out / "study.json"
    _write(path, arguments.study, finished)
    console.print(f"written to {path}; each run lies beside it", soft_wrap=True, highlight=False)
    return 0


def table_of(kind: Study, finished: Sequence[Finished]) -> Table:
    """A row a variant, its seeds together, and one of all together where parts were held out."""
    from culture_perception.adapt.study import cells_of, pooled

    cells = [cells_of(kind, one) for one in finished]
    headings = list(dict.fromkeys(heading for row in cells for heading in row))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    first = kind if kind == "shots" else f"without {kind}"
    for heading in (first, "n", *headings):
        table.add_column(heading, justify="left" if heading == first else "right", no_wrap=True)
    names = list(dict.fromkeys(one.variant.name for one in finished))
    rows = {name: [c for c, f in zip(cells, finished, strict=True) if f.variant.name == name]
            for name in names}  # fmt: skip
    if kind in ("products", "categories"):
        rows[_ALL] = cells
    for name, own in rows.items():
        found = [pooled([one[heading] for one in own if heading in one]) for heading in headings]
        marks = [_mark(kind, name, heading) for heading in headings]
        table.add_row(
            name.removeprefix(_WITHOUT),
            str(found[0][3]),
            *(_shown(*one[:3], name != _ALL) + m for one, m in zip(found, marks, strict=True)),
        )
    return table


def _mark(kind: Study, name: str, heading: str) -> str:
    return "°" if kind == "languages" and name == f"{_WITHOUT}{heading.split()[0]}" else ""


def _shown(before: float, after: float, spread: float, of_seeds: bool) -> str:
    """Percent, with the standard deviation over seeds where there are several."""
    over_seeds = f" ±{100 * spread:.0f}" if of_seeds and not math.isnan(spread) else ""
    return f"{100 * before:.0f} → {100 * after:.0f}{over_seeds}"


def _write(path: Path, kind: Study, finished: Sequence[Finished]) -> None:
    from culture_perception.adapt.study import cells_of

    rows = [
        {
            "variant": one.variant.name,
            "passed": one.record["passed"],
            "cells": {
                name: {"before": before, "after": after, "n": count}
                for name, (before, after, count) in cells_of(kind, one).items()
            },
        }
        for one in finished
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(provenance(study=kind, runs=rows), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the verb and its options, which are those of `adapt`."""
    parser = verbs.add_parser("adapt-study", help="adapt with few shots, or without some products")
    parser.set_defaults(run=study)
    parser.add_argument("study", choices=STUDIES, help="what is varied")
    parser.add_argument("--seeds", type=positive_int, default=1, metavar="N", help="of each (1)")
    add_options(parser)
