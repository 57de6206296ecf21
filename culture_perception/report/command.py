"""The verb `report`: experiments as one page, and its figures as files."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.console import Console
from rich.progress import Progress

from culture_perception.report.errors import ReportError

if TYPE_CHECKING:
    from culture_perception.report.page import Page

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

NEEDED: Final = ("matplotlib", "jinja2")
MISSING: Final = tuple(name for name in NEEDED if importlib.util.find_spec(name) is None)
"""Libraries that are not installed."""


def add_parser(verbs: Verbs) -> None:
    """Adds the verb to a command line."""
    parser = verbs.add_parser("report", help="experiments as one page that opens without network")
    parser.set_defaults(run=report)
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="RESULT.json",
        help="what `experiment … --json` wrote, of one model or several, or `culture-bench`",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("report.html"), metavar="FILE", help="(report.html)"
    )
    parser.add_argument(
        "--figures", type=Path, metavar="DIR",
        help="write the charts as PNG and the tables as CSV there",
    )  # fmt: skip


def report(arguments: argparse.Namespace, console: Console) -> int:
    """Draws the report and says where it is."""
    if MISSING:
        raise ReportError(
            f"a report needs {' and '.join(MISSING)}: pip install 'culture_perception[report]'"
        )
    from culture_perception.report.culture_reading import culture_files

    if found := culture_files(arguments.results):
        return _report_culture(arguments, found, console)
    from culture_perception.report.contents import sections_of
    from culture_perception.report.export import export
    from culture_perception.report.page import build_page
    from culture_perception.report.reading import read_experiments, runs_of

    runs = runs_of(read_experiments(arguments.results))
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("drawing", total=len(runs) + 1)
        sections = sections_of(runs, lambda: progress.advance(task))
        page = build_page(sections)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page.html, encoding="utf-8")
    _say(page, arguments.out, console)
    if arguments.figures:
        files = export(sections, arguments.figures)
        console.print(f"{len(files)} charts and tables in {arguments.figures}", soft_wrap=True)
    return 0


def _report_culture(arguments: argparse.Namespace, found: list[Path], console: Console) -> int:
    """The page of the culture benchmark, which has one of its own."""
    from culture_perception.report.culture_page import culture_page, export_culture
    from culture_perception.report.culture_transfer import read_run

    others = [path for path in arguments.results if path not in found]
    if others:
        raise ReportError(f"{others[0]} is not of culture-bench, as {found[0]} is: two reports")
    runs = [read_run(path) for path in dict.fromkeys(found)]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(culture_page(runs), encoding="utf-8")
    console.print(f"report in {arguments.out}", soft_wrap=True)
    if arguments.figures:
        files = export_culture(runs, arguments.figures)
        console.print(f"{len(files)} charts in {arguments.figures}", soft_wrap=True)
    return 0


def _say(page: Page, out: Path, console: Console) -> None:
    size = out.stat().st_size / 1e6
    console.print(
        f"report in {out} ({size:.1f} MB, {len(page.pictures.jpegs)} pictures)", soft_wrap=True
    )
    missing = page.pictures.missing
    if missing:
        console.print(
            f"{len(missing)} pictures are missing, {missing[0]} for example: the gallery shows "
            "outlines without them", style="yellow", soft_wrap=True,
        )  # fmt: skip
    if page.pictures.left_out:
        console.print(
            f"{page.pictures.left_out} pictures left out, to keep the file small", style="yellow"
        )
    if page.undrawable:
        console.print(f"boxes in charts instead of: {page.undrawable}", style="yellow")
