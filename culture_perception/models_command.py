"""`culture-perception models`: what can be chosen, what is here, under which licence."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from culture_perception.models.catalogue import ModelEntry

KINDS: Final = ("segmenter", "encoder", "adapter")
UNKNOWN: Final = "?"
_HEADINGS: Final = ("model", "weights", "state", "million", "MB", "lang.", "licence")
_NUMBERS: Final = ("million", "MB")
_LEAST_FOR_NAMES: Final = 21
LEGEND: Final = """\
embedded  comes with the package; cached: is here, with all that it needs
download  at first use, all or the rest; MB: of the weights
≈         estimated: float32 weights; published files may be half of it
?         unknown, and nothing is guessed: look where it is published
mul       many languages; million: parameters; licence: of the weights, as
          published; where that is stated: --json
+         needs: pip install 'culture_perception[transformers]'
Chosen by --set perception.segmenter=MODEL, or
--set perception.encoder=MODEL --set perception.encoder_pretrained=WEIGHTS.
Adapters change the embedded encoder for the labels they are for, which
`culture-perception adapters show` tells; the shipped ones are the default.
Also a .safetensors file, a folder or hf:ORGANISATION/NAME as segmenter;
a file as WEIGHTS; local-dir:FOLDER or hf-hub:ORGANISATION/NAME as encoder."""


def models(arguments: argparse.Namespace, console: Console) -> int:
    """Lists models."""
    from culture_perception.models.catalogue import catalogue

    found = [entry for entry in catalogue() if _wanted(entry, arguments)]
    if arguments.json:
        records = [{**asdict(entry), "arguments": entry.arguments} for entry in found]
        json.dump(records, sys.stdout, indent=2, ensure_ascii=False)
        print()
    elif found:
        console.print(_table(found, console.width), crop=False)
        console.print(LEGEND, highlight=False, markup=False)
    else:
        console.print("no model is like that: leave out a filter")
    return 0


def _wanted(entry: ModelEntry, arguments: argparse.Namespace) -> bool:
    kinds = [kind for kind in KINDS if getattr(arguments, f"{kind}s")]
    return (
        (not kinds or entry.kind in kinds)
        and arguments.text.lower() in entry.name.lower()
        and (not arguments.language or arguments.language in entry.languages)
        and not (arguments.cached and entry.state == "download")
    )


def _table(entries: list[ModelEntry], width: int) -> Table:
    """Of this many columns: names are folded into what the rest leaves, and nothing is cut."""
    rows = {entry.name: _cells(entry) for entry in entries}
    needed = [max(map(len, column)) for column in zip(_HEADINGS, *rows.values(), strict=True)]
    left = max(width - sum(needed[2:]) - len(needed), _LEAST_FOR_NAMES)  # a blank after each
    weights = min(needed[1], left * 3 // 7)
    names = max(needed[0], *(len(f"{entry.kind}s") for entry in entries))
    widths = [min(names, left - weights), weights, *needed[2:]]
    table = Table(box=None, padding=(0, 1, 0, 0))
    for heading, size in zip(_HEADINGS, widths, strict=True):
        side: Literal["left", "right"] = "right" if heading in _NUMBERS else "left"
        table.add_column(heading, overflow="fold", justify=side, width=size)
    for kind in KINDS:
        listed = [entry for entry in entries if entry.kind == kind]
        if listed:
            table.add_row(f"[bold]{kind}s[/bold]")
        for entry in listed:
            table.add_row(*rows[entry.name])
    return table


def _cells(entry: ModelEntry) -> list[str]:
    name, tag = (*entry.chosen_by.values(), "")[:2]
    languages = " ".join(entry.languages) or UNKNOWN
    return [
        name + (" +" if entry.needs_transformers else ""),
        tag,
        entry.state,
        _in_millions(entry.parameters),
        ("≈" if entry.size_is_estimate else "") + _in_millions(entry.size_bytes),
        languages if entry.kind != "segmenter" else "",
        entry.licence or UNKNOWN,
    ]


def _in_millions(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value / 1e6:,.0f}"


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the verb to the command line."""
    parser = verbs.add_parser("models", help="list models: available, cached, embedded")
    parser.set_defaults(run=models)
    parser.add_argument("text", nargs="?", default="", help="only those whose name has this in it")
    for kind in KINDS:
        parser.add_argument(f"--{kind}s", action="store_true", help="only those")
    parser.add_argument("--language", default="", metavar="TAG", help="only those that know it: ja")
    parser.add_argument("--cached", action="store_true", help="only what needs no network")
    parser.add_argument("--json", action="store_true", help="for programs, with sources")
