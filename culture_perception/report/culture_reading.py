"""Reads the files that `culture-perception culture-bench … --json PATH` writes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from culture_perception.experiments.resampling import Estimate
from culture_perception.report.errors import ReportError

Record: TypeAlias = Mapping[str, Any]

BENCHMARKS: Final = ("culture", "culture-transfer")


@dataclass(frozen=True)
class CultureCell:
    """One model's accuracy on one group of items.

    Attributes:
        model: title.
        mode: "image" or "blind".
        dimension: what items are grouped by; "all" for all of them.
        group: for example "JP".
        n: items.
        concepts: different ones among them.
        accuracy: 0 to 1.
    """

    model: str
    mode: str
    dimension: str
    group: str
    n: int
    concepts: int
    accuracy: Estimate


@dataclass(frozen=True)
class CultureGap:
    """The gap of one model in one dimension: best less worst."""

    model: str
    dimension: str
    best: str
    worst: str
    difference: Estimate


@dataclass(frozen=True)
class CultureComparison:
    """Two series of answers to the same items, of a language or all; p by McNemar and Holm."""

    first: str
    second: str
    language: str
    n: int
    difference: Estimate
    p_holm: float


@dataclass(frozen=True)
class CultureRun:
    """One file.

    Attributes:
        path: of the file.
        items: name of the file of items.
        models: titles, in order.
        cells: of all models.
        gaps: of all models.
        comparisons: between them.
        counts: title -> broken items and unread answers.
        majority: accuracy of the most frequent letter.
        abouts: title -> which of its weights were used for what; "": the same for all.
    """

    path: Path
    items: str
    models: tuple[str, ...]
    cells: tuple[CultureCell, ...]
    gaps: tuple[CultureGap, ...]
    comparisons: tuple[CultureComparison, ...]
    counts: Mapping[str, tuple[int, int]]
    majority: float
    abouts: Mapping[str, str] = field(default_factory=dict)


def culture_files(paths: Sequence[Path]) -> list[Path]:
    """Those of the files that `culture-bench` wrote; what can not be read is none of them."""
    return [path for path in paths if _is_culture(path)]


def _is_culture(path: Path) -> bool:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # told by whoever reads it as something else
        return False
    return isinstance(record, dict) and record.get("benchmark") in BENCHMARKS


def read_culture(path: Path) -> CultureRun:
    """One file.

    Raises:
        ReportError: it is damaged or of another version.
    """
    record = json.loads(path.read_text(encoding="utf-8"))
    try:
        return CultureRun(
            path=path,
            items=str(record["provenance"]["items"]),
            models=tuple(str(one["model"]) for one in record["results"]),
            cells=tuple(_cell(one) for one in record["cells"]),
            gaps=tuple(_gaps(record)),
            comparisons=tuple(_comparison(one) for one in record["comparisons"]),
            counts={
                str(one["model"]): (int(one["broken"]), sum(one["unread"].values()))
                for one in record["results"]
            },
            majority=float(record["majority"]),
            abouts={str(one["model"]): str(one["about"]) for one in record["results"]},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(
            f"{path} is damaged, or of another version ({error!r}); run culture-bench again"
        ) from error


def _cell(one: Record) -> CultureCell:
    return CultureCell(
        str(one["model"]), str(one["mode"]), str(one["dimension"]), str(one["group"]),
        int(one["n"]), int(one["concepts"]), estimate_of(one["accuracy"], one["interval"]),
    )  # fmt: skip


def _gaps(record: Record) -> Iterator[CultureGap]:
    for one in record["results"]:
        for dimension, gap in one["gaps"].items():
            difference = estimate_of(**gap["difference"])
            yield CultureGap(one["model"], dimension, gap["best"], gap["worst"], difference)


def _comparison(one: Record) -> CultureComparison:
    difference = estimate_of(**one["difference"])
    return CultureComparison(
        str(one["first"]), str(one["second"]), str(one["language"]), int(one["n"]), difference,
        float(one["p_holm"]),
    )  # fmt: skip


def estimate_of(value: float | None, interval: Sequence[float | None]) -> Estimate:
    """A figure as records have it: null is no number."""
    low, high = interval
    return Estimate(_float(value), _float(low), _float(high))


def _float(value: float | None) -> float:
    return math.nan if value is None else float(value)
