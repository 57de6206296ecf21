"""The demo's result: a table for people, JSON for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table

from culture_perception.experiments.paper import TABLE_2

Record: TypeAlias = dict[str, Any]

_DISTRIBUTIONS: Final = ("culture_perception", "numpy", "torch", "open_clip_torch", "pybullet")
_NAMES: Final = {"ycb": "YCB", "konbini": "Konbini"}
_COLUMNS: Final = (
    ("found", "mask_recall_iou50", "share"),
    ("IoU", "mean_iou_matched", "share"),
    ("top-1", "top1", "percent"),
    ("prec.", "precision", "percent"),
    ("recall", "recall", "percent"),
    ("F1", "f1", "percent"),
    ("unkn.", "unknown_rate", "percent"),
    ("p50 ms", "latency_ms_p50", "whole"),
    ("p99 ms", "latency_ms_p99", "whole"),
)
_LEGEND: Final = """\
n      products on the table, over all frames
found  share of them that a mask covers with IoU .5 or more; IoU: mean of these
top-1  share of the found whose first name is right; unkn.: that got no name
prec.  right names of the names given; recall: right names of the products
ms     from the camera's stamp to the result's arrival"""
_ADAPTED: Final = (("top-1", "top1", "percent"), ("F1", "f1", "share"))
_ADAPTED_LEGEND: Final = """\
before  the bare encoder on the same scenes; after: with the shipped adapter
paper   SAM and CLIP on other pictures of these products (its Table II)"""
_FORMS: Final = {"share": "{:.2f}", "percent": "{:.0%}", "whole": "{:.0f}"}


def provenance(**facts: Any) -> Record:
    """What the figures depend on: the facts given, and the versions of what computed them."""
    versions = {name: found for name in _DISTRIBUTIONS if (found := _version(name))}
    return {**facts, "versions": {"python": platform.python_version(), **versions}}


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def write_record(record: Record, path: Path, copy: Path | None) -> Path:
    """Writes the record to `path`, and to `copy` if given; gives the one a person looks for."""
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    for target in (path, copy):
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return copy or path


def print_report(
    record: Record, json_path: Path, pictures: Sequence[Path], console: Console
) -> None:
    """Prints the table, and where pictures and JSON are."""
    console.print(score_table(record["cells"]))
    console.print(_LEGEND, style="dim", highlight=False)
    if any("before" in cell for cell in record["cells"]):
        console.print(adapted_table(record["cells"]))
        console.print(_ADAPTED_LEGEND, style="dim", highlight=False)
    frames = record["frames"]
    console.print(
        f"frames: {frames['received']} received, {frames['scored']} scored, "
        f"{frames['dropped']} dropped"
    )
    if pictures:
        console.print(f"{len(pictures)} overlay pictures in {pictures[0].parent}", soft_wrap=True)
    console.print(f"scores as JSON in {json_path}", soft_wrap=True)


def score_table(cells: Sequence[Record]) -> Table:
    """A row a cell, in the order of label set, language and style."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)  # fits 80 columns
    for heading in ("labels", "lang", "style"):
        table.add_column(heading, no_wrap=True)
    for heading in ("n", *(heading for heading, _, _ in _COLUMNS)):
        table.add_column(heading, justify="right", no_wrap=True)
    for cell in sorted(cells, key=_order):
        figures = [_figure(cell[key], form) for _, key, form in _COLUMNS]
        name = _NAMES.get(cell["label_set"], cell["label_set"])
        table.add_row(name, cell["language"], cell["style"], str(cell["n"]), *figures)
    return table


def add_before(record: Record, before: Record) -> None:
    """Puts what the bare encoder made of the same scenes into each cell that it saw."""
    record["provenance"]["before"] = before["provenance"]
    bare = {_key(cell): cell for cell in before["cells"]}
    for cell in record["cells"]:
        if _key(cell) in bare:
            cell["before"] = bare[_key(cell)]


def adapted_table(cells: Sequence[Record]) -> Table:
    """A row for each cell that has figures before: without and with the culture adapter."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    for heading in ("adapted", "lang", "style"):
        table.add_column(heading, no_wrap=True)
    for heading in (*(f"{heading} before after" for heading, _, _ in _ADAPTED), "paper F1"):
        table.add_column(heading, justify="right", no_wrap=True)
    for cell in (one for one in sorted(cells, key=_order) if "before" in one):
        pairs = [
            f"{_figure(cell['before'][key], form)} → {_figure(cell[key], form):>4}"
            for _, key, form in _ADAPTED
        ]
        printed = TABLE_2.get(_key(cell), {}).get("f1")
        name = _NAMES.get(cell["label_set"], cell["label_set"])
        table.add_row(name, cell["language"], cell["style"], *pairs, _figure(printed, "share"))
    return table


def _key(cell: Record) -> tuple[str, str, str]:
    return cell["label_set"], cell["language"], cell["style"]


def _order(cell: Record) -> tuple[bool, str, str, bool]:
    return cell["label_set"] != "ycb", cell["label_set"], cell["language"], cell["style"] == "brand"


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else _FORMS[form].format(value)
