"""Reads the files that `culture-perception experiment … --json PATH` writes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from culture_perception.experiments.options import Choice
from culture_perception.experiments.record import model_title
from culture_perception.experiments.results import Result
from culture_perception.report.errors import ReportError
from culture_perception.report.parsing import Record, results_of

TABLES: Final[Mapping[str, str]] = {"identification": "Table I", "segmentation": "Table II"}
"""Kinds of experiments, in the order of a report -> the paper's table."""
_HINT: Final = "write one with: culture-perception experiment identification --json PATH"


@dataclass(frozen=True)
class ScenePicture:
    """Where a scene's picture lies, and what it was made for.

    Attributes:
        path: of the picture; it may be gone.
        shape_hw: pixels, as outlines count them.
        target: concept id; "" for none.
    """

    path: Path
    shape_hw: tuple[int, int]
    target: str


@dataclass(frozen=True)
class Experiment:
    """One file.

    Attributes:
        path: of the file.
        kind: a key of TABLES.
        choices: options that it ran with.
        results: one of each pair of models, 1 or more.
        pictures: "products/seed" -> picture.
        seconds: that it took; None where that is not recorded.
        versions: of what computed it.
    """

    path: Path
    kind: str
    choices: tuple[Choice, ...]
    results: tuple[Result, ...]
    pictures: Mapping[str, ScenePicture]
    seconds: float | None
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """One result in a report.

    Attributes:
        key: for links and file names, for example "identification-1".
        title: the models; with the file's name where two runs would have the same.
        result: of them.
        source: the file that it is from.
    """

    key: str
    title: str
    result: Result
    source: Experiment


def read_experiments(paths: Sequence[Path]) -> list[Experiment]:
    """Reads files; one that is named twice counts once.

    Raises:
        ReportError: one is no experiment, or empty, or there is none at all.
        OSError: one cannot be read.
    """
    if not paths:
        raise ReportError(f"no file to report on; {_HINT}")
    return [_read(path) for path in {path.resolve(): path for path in paths}.values()]


def runs_of(experiments: Sequence[Experiment]) -> list[Run]:
    """All results, those of Table I first."""
    found = [
        (kind, result, source)
        for kind in TABLES
        for source in experiments
        if source.kind == kind
        for result in source.results
    ]
    often = Counter((kind, model_title(result)) for kind, result, _ in found)
    runs: list[Run] = []
    for kind, result, source in found:
        title = model_title(result)
        if often[kind, title] > 1:
            title = f"{title} ({source.path.stem})"
        number = sum(run.source.kind == kind for run in runs) + 1
        runs.append(Run(f"{kind}-{number}", title, result, source))
    return runs


def _read(path: Path) -> Experiment:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # also a file that is not UTF-8
        raise ReportError(f"{path} is no JSON ({error}); {_HINT}") from error
    kind = str(record.get("experiment")) if isinstance(record, dict) else ""
    if kind not in TABLES or not isinstance(record.get("results"), list):
        raise ReportError(f"{path} holds no experiment; {_HINT}")
    try:
        found = _experiment(path, kind, record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(
            f"{path} is damaged, or of another version ({error!r}); run the experiment again"
        ) from error
    if not found.results or any(not result.cells for result in found.results):
        raise ReportError(f"{path} is empty: it has no figures; run the experiment again")
    return found


def _experiment(path: Path, kind: str, record: Record) -> Experiment:
    about = record.get("provenance", {})
    return Experiment(
        path=path,
        kind=kind,
        choices=tuple(_choice(one) for one in record["options"]),
        results=results_of(record),
        pictures={str(name): _picture(one, path.parent) for name, one in record["scenes"].items()},
        seconds=about.get("seconds"),
        versions={str(name): str(value) for name, value in about.get("versions", {}).items()},
    )


def _choice(one: Record) -> Choice:
    fields: dict[str, Any] = {
        name: one[name] for name in ("name", "value", "default", "meaning", "paper")
    }
    return Choice(**fields)


def _picture(one: Record, folder: Path) -> ScenePicture:
    shape_hw = int(one["height"]), int(one["width"])
    return ScenePicture(folder / str(one["image"]), shape_hw, str(one["target"]))
