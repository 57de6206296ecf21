"""`culture-perception labels`: which label sets there are, and what is wrong with their texts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.concepts import STYLES, LabelError, LabelSet
from culture_perception.linting.sources import find_label_sets
from culture_perception.runner import SystemFailure

if TYPE_CHECKING:
    from culture_perception.linting.lint import LintReport
    from culture_perception.linting.tokens import TokenCounter

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FOUND_ERRORS: Final = 1
"""Exit code where a finding is an error; warnings leave it at 0."""
_LINT_HELP: Final = """\
Finds duplicate and nested labels, typos, stray white space and odd widths, attributes that one
language names and another does not, and what an encoder's tokenizer cuts or does not know.
Errors, with exit code 1: duplicates, labels cut at their end, unknown or empty to the tokenizer.
All else is a warning."""


def lint_labels(arguments: argparse.Namespace, console: Console) -> int:
    """Prints what is wrong with label sets; exit code 1 where there are errors."""
    from culture_perception.linting.lint import lint, words_for
    from culture_perception.linting.report import as_record, counts_table

    sets = find_label_sets(arguments.names)
    _check_language(arguments.language, sets.values())
    counter = _counter(arguments.encoder, arguments.encoder_pretrained)
    reports = [
        lint(path, one, words_for(path), counter).only(arguments.language, arguments.style)
        for path, one in sets.items()
    ]
    for finding in (finding for report in reports for finding in report.findings):
        console.print(str(finding), soft_wrap=True, markup=False, highlight=False)
    console.print(counts_table(reports))
    console.print(_summary(reports, counter), highlight=False, soft_wrap=True)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(as_record(reports, counter), indent=2, ensure_ascii=False)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return FOUND_ERRORS if any(report.errors for report in reports) else 0


def list_labels(arguments: argparse.Namespace, console: Console) -> int:
    """Prints label sets; of those that are named, every concept and text."""
    sets = find_label_sets(arguments.names)
    if arguments.names:
        for one in sets.values():
            console.print(_concepts_table(one))
    else:
        console.print(_sets_table(sets.values()))
    return 0


def _counter(encoder: str, pretrained: str) -> TokenCounter:
    from culture_perception.models.tokenizers import load_token_counter

    try:
        return load_token_counter(encoder, pretrained)
    except ValueError as error:  # no such encoder or file: the message says what to do
        raise SystemFailure(str(error)) from error


def _check_language(language: str, sets: Iterable[LabelSet]) -> None:
    written = list(dict.fromkeys(tag for one in sets for tag in one.languages))
    if language and language not in written:
        raise LabelError(f"no label is written in {language!r}; there is {', '.join(written)}")


def _summary(reports: list[LintReport], counter: TokenCounter) -> str:
    errors = sum(report.errors for report in reports)
    warnings = sum(len(report.findings) for report in reports) - errors
    return (
        f"errors: {errors}, warnings: {warnings}, label sets: {len(reports)}; "
        f"encoder {counter.name} reads {counter.context_length} tokens of a prompt"
    )


def _sets_table(sets: Iterable[LabelSet]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("labels", "arm of", "culture", "languages"):
        table.add_column(heading, no_wrap=True)
    table.add_column("concepts", justify="right")
    for one in sets:
        languages = " ".join(one.languages)
        concepts = str(len(one.concepts))
        table.add_row(one.name, one.arm_of or "", one.culture, languages, concepts)
    return table


def _concepts_table(label_set: LabelSet) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("concept", no_wrap=True)
    table.add_column("in")
    for style in STYLES:
        table.add_column(style, overflow="fold")
    for concept in label_set.concepts:
        for tag in label_set.languages:
            first = concept.concept_id if tag == label_set.languages[0] else ""
            table.add_row(first, tag, *(concept.texts[tag][style] for style in STYLES))
    return table


def add_parser(verbs: Verbs) -> None:
    """Adds the verb, with verbs of its own, to the command line."""
    parser = verbs.add_parser("labels", help="list label sets, or check their texts")
    own = parser.add_subparsers(dest="labels_verb", required=True, metavar="lint|list")
    listing = own.add_parser("list", help="label sets; of named ones, every concept and text")
    listing.set_defaults(run=list_labels)
    checking = own.add_parser("lint", help="check texts", description=_LINT_HELP)
    checking.set_defaults(run=lint_labels)
    for one in (listing, checking):
        one.add_argument(
            "names", nargs="*", metavar="NAME|FILE.yaml", help="left out: all that are shipped"
        )
    checking.add_argument("--language", default="", metavar="TAG", help="only findings of it: ja")
    checking.add_argument("--style", default="", choices=STYLES, help="only findings of it")
    checking.add_argument(
        "--encoder", default="embedded", metavar="NAME", help="whose tokenizer is asked (embedded)"
    )
    checking.add_argument(
        "--encoder-pretrained", default="", metavar="TAG", help="its weights, which may be left out"
    )
    checking.add_argument("--json", type=Path, metavar="PATH", help="write the findings there")
