"""`culture-perception adapters`: what culture adapters say of themselves."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.models.adapter_card import AdapterCard

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def list_adapters(arguments: argparse.Namespace, console: Console) -> int:
    """Prints a line for each adapter."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("adapter", "base", "label sets", "languages", "kB"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "kB" else "left")
    for path in _files(arguments.files):
        card = _card(path)
        table.add_row(
            card.name,
            f"{card.base_name} {card.base_hash}",
            " ".join(card.label_sets),
            " ".join(card.languages),
            f"{path.stat().st_size / 1000:.0f}",
        )
    console.print(table if table.row_count else "no adapter is there")
    return 0


def show_adapters(arguments: argparse.Namespace, console: Console) -> int:
    """Prints the whole card of each adapter."""
    cards = {path: _card(path) for path in _files(arguments.files)}
    if arguments.json:
        records = [{"file": str(path), **asdict(card)} for path, card in cards.items()]
        json.dump(records, sys.stdout, indent=2, ensure_ascii=False)
        print()
        return 0
    for card in cards.values():
        for table in describe(card):
            console.print(table)
    return 0


def describe(card: AdapterCard) -> tuple[Table, ...]:
    """A card for people: a table of what it is, and, where there are any, one of figures."""
    about = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _facts(card).items():
        about.add_row(f"[bold]{name}", value)
    if not card.figures:
        return (about,)
    figures = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("figure", "before", "after"):
        figures.add_column(heading, justify="left" if heading == "figure" else "right")
    for one in card.figures:
        figures.add_row(one.what, f"{one.before:.3f}", f"{one.after:.3f}")
    return about, figures


def _facts(card: AdapterCard) -> dict[str, str]:
    options, own = card.options, card.calibration
    return {
        "adapter": card.name,
        "base": f"{card.base_name}, weights {card.base_hash}",
        "label sets": ", ".join(card.label_sets),
        "languages": ", ".join(card.languages),
        "changes": f"{' and '.join(options.towers)} tower: {', '.join(options.kinds)}",
        "size": f"rank {options.rank}, alpha {options.alpha:g}, scale {card.scale:g}",
        "trained on": card.data or "not stated",
        "licence": card.licence or "not stated",
        "calibration": "the base's own"
        if own is None
        else f"logit scale {own.logit_scale:.1f}, least probability {own.min_probability:.2f}, "
        f"least cosine {own.min_similarity:.2f}, least match {own.min_match:.2f}",
    }


def _files(given: list[Path]) -> list[Path]:
    """Those that are named, and those of folders that are; a folder may hold other weights too."""
    from culture_perception.models.adapter_card import AdapterError, is_adapter
    from culture_perception.models.shipped_adapters import shipped_files

    if not given:
        return shipped_files()
    files = []
    try:
        for path in given:
            inside = filter(is_adapter, sorted(path.glob("*.safetensors")))
            files += list(inside) if path.is_dir() else [path]
    except AdapterError as error:
        raise SystemFailure(str(error)) from error
    return files


def _card(path: Path) -> AdapterCard:
    from culture_perception.models.adapter_card import AdapterError, read_card

    try:
        return read_card(path)
    except AdapterError as error:
        raise SystemFailure(str(error)) from error


def add_parser(verbs: Verbs) -> None:
    """Adds the verb, with verbs of its own, to the command line."""
    parser = verbs.add_parser("adapters", help="what culture adapters are for, and their figures")
    own = parser.add_subparsers(dest="adapters_verb", required=True, metavar="list|show")
    listing = own.add_parser("list", help="a line for each")
    listing.set_defaults(run=list_adapters)
    showing = own.add_parser("show", help="all that their files say")
    showing.set_defaults(run=show_adapters)
    showing.add_argument("--json", action="store_true", help="for programs")
    for one in (listing, showing):
        one.add_argument(
            "files", nargs="*", type=Path, metavar="FILE|FOLDER", help="(those that are shipped)"
        )
