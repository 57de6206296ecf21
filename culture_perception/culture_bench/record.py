"""The benchmark as JSON: `cells` as other verbs have them, gaps, comparisons and provenance."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console

from culture_perception.culture_bench.comparing import Comparison, ModelResult
from culture_perception.culture_bench.figures import Scores
from culture_perception.demo_report import provenance
from culture_perception.experiments.comparisons import FEW_OBJECTS
from culture_perception.experiments.resampling import Estimate

Record: TypeAlias = dict[str, Any]


def to_record(
    path: Path,
    results: Sequence[ModelResult],
    comparisons: Sequence[Comparison],
    majority: float,
    seconds: float,
) -> Record:
    """One record of all models.

    Args:
        path: of the items.
        results: one a model.
        comparisons: between them.
        majority: accuracy of the letter that is right most often.
        seconds: that it took.
    """
    return {
        "benchmark": "culture",
        "cells": [cell for one in results for cell in _cells(one)],
        "results": [_result(one) for one in results],
        "comparisons": [
            {**asdict(one), "difference": estimate_record(one.difference)} for one in comparisons
        ],
        "majority": majority,
        "provenance": items_provenance(
            path, seconds, models={one.title: one.name for one in results}
        ),
    }


def items_provenance(path: Path, seconds: float, **about: Any) -> Record:
    """What made a record of the items of a file in so many seconds."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return provenance(items=path.name, items_sha256=digest, **about, seconds=round(seconds, 1))


def write_record(record: Record, path: Path, console: Console) -> None:
    """Writes a record as JSON, and says where.

    Raises:
        OSError: the file can not be written.
    """
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    console.print(f"figures in {path}", soft_wrap=True)


def _cells(one: ModelResult) -> list[Record]:
    """A cell a model, mode, dimension and group; the dimension "all" has one group."""
    found = _mode_cells(one.title, "image", one.scores)
    return found + (
        _mode_cells(one.title, "blind", one.blind_scores) if one.blind_scores is not None else []
    )


def _mode_cells(title: str, mode: str, scores: Scores) -> list[Record]:
    rows = [("all", "all", scores.n, scores.concepts, scores.accuracy)]
    rows += [
        (dimension, group.name, group.n, group.concepts, group.accuracy)
        for dimension, groups in scores.groups.items()
        for group in groups
    ]
    return [
        {
            "model": title,
            "mode": mode,
            "dimension": dimension,
            "group": name,
            "n": n,
            "concepts": concepts,
            "small_sample": concepts < FEW_OBJECTS,
            "accuracy": _number(accuracy.value),
            "interval": [_number(accuracy.low), _number(accuracy.high)],
        }
        for dimension, name, n, concepts, accuracy in rows
    ]


def _result(one: ModelResult) -> Record:
    return {
        "model": one.title,
        "name": one.name,
        "about": one.about,
        "broken": one.scores.broken,
        "unread": dict(one.scores.unread),
        "gaps": {
            dimension: {
                "best": gap.best,
                "worst": gap.worst,
                "difference": estimate_record(gap.difference),
            }
            for dimension, gap in one.scores.gaps.items()
        },
    }


def estimate_record(one: Estimate) -> Record:
    """A figure and its interval; null where there is none."""
    return {"value": _number(one.value), "interval": [_number(one.low), _number(one.high)]}


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
