"""The benchmark as JSON: `cells` as other verbs have them, gaps, comparisons and provenance."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

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
            {**asdict(one), "difference": _estimate(one.difference)} for one in comparisons
        ],
        "majority": majority,
        "provenance": provenance(
            items=path.name,
            items_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            models={one.title: one.name for one in results},
            seconds=round(seconds, 1),
        ),
    }


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
        "broken": one.scores.broken,
        "unread": dict(one.scores.unread),
        "gaps": {
            dimension: {
                "best": gap.best,
                "worst": gap.worst,
                "difference": _estimate(gap.difference),
            }
            for dimension, gap in one.scores.gaps.items()
        },
    }


def _estimate(one: Estimate) -> Record:
    return {"value": _number(one.value), "interval": [_number(one.low), _number(one.high)]}


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
