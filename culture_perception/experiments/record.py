"""An experiment as JSON: `cells` as the demo has them, and all that a report is drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

from culture_perception.demo_report import provenance
from culture_perception.experiments.comparisons import FEW_OBJECTS, Comparison, Gap
from culture_perception.experiments.options import ExperimentOptions
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import CellResult, Confusion, Result
from culture_perception.experiments.texts import Cell

Record: TypeAlias = dict[str, Any]


def to_record(
    results: Sequence[Result],
    options: ExperimentOptions,
    scenes: Record,
    seconds: float,
) -> Record:
    """One record of all models.

    Args:
        results: of one experiment, one of each pair of models.
        options: that it ran with.
        scenes: "products/seed" -> picture and size.
        seconds: that it took.
    """
    return {
        "experiment": results[0].experiment,
        "figure": results[0].figure,
        "options": [asdict(one) for one in options.choices()],
        "cells": [_cell(one, result, options) for result in results for one in result.cells],
        "results": [_result(result) for result in results],
        "scenes": scenes,
        "provenance": provenance(seconds=round(seconds, 1)),
    }


def model_title(result: Result) -> str:
    """Segmenter and encoder, or the encoder alone."""
    return f"{result.segmenter} + {result.encoder}" if result.segmenter else result.encoder


def _cell(one: CellResult, result: Result, options: ExperimentOptions) -> Record:
    return {
        "model": model_title(result),
        **one.cell._asdict(),
        "n": one.n,
        "scenes": one.scenes,
        "objects": one.objects,
        "small_sample": one.objects < FEW_OBJECTS,
        **{name: _number(figure.value) for name, figure in one.figures.items()},
        "calibration_error": _number(one.calibration_error),
        "interval": {name: _interval(figure) for name, figure in one.figures.items()},
        "paper": dict(one.paper),
        "options": {choice.name: choice.value for choice in options.choices()},
    }


def _result(result: Result) -> Record:
    return {
        "model": model_title(result),
        "segmenter": result.segmenter,
        "encoder": result.encoder,
        "comparisons": [_comparison(one) for one in result.comparisons],
        "effects": [
            {"name": one.name, "what": one.what, **_estimate(one.estimate)}
            for one in result.effects
        ],
        "gap": None if result.gap is None else _gap(result.gap),
        "products": [_with_cell(one.cell, asdict(one)) for one in result.products],
        "confusions": [_confusion(one) for one in result.confusions],
        "reliabilities": [_with_cell(one.cell, asdict(one)) for one in result.reliabilities],
        "ladders": [{"cell": one.cell.title, "rungs": dict(one.rungs)} for one in result.ladders],
        "ablations": [
            {
                "cell": one.cell.title,
                "option": one.option,
                "value": one.value,
                "figure": _number(one.figure),
                "delta": _estimate(one.delta),
            }
            for one in result.ablations
        ],
        "shown": [
            {**_with_cell(one.cell, asdict(one)), "scene": f"{one.cell.products}/{one.seed}"}
            for one in result.shown
        ],
        "seconds": list(result.seconds),
        "mask_figures": {
            title: {name: _number(value) for name, value in figures.items()}
            for title, figures in (result.mask_figures or {}).items()
        },
    }


def _with_cell(cell: Cell, fields: Record) -> Record:
    return {**fields, "cell": cell.title}


def _comparison(one: Comparison) -> Record:
    return {
        "first": one.first.title,
        "second": one.second.title,
        "changed": one.changed,
        "difference": _estimate(one.difference),
        "paired": one.paired,
        "only_first": one.only_first,
        "only_second": one.only_second,
        "p": one.p,
        "p_holm": one.p_holm,
    }


def _gap(one: Gap) -> Record:
    return {
        "best": one.best.title,
        "worst": one.worst.title,
        "best_value": one.best_value,
        "worst_value": one.worst_value,
        "difference": _estimate(one.difference),
    }


def _confusion(one: Confusion) -> Record:
    return {
        "cell": one.cell.title,
        "concepts": list(one.concepts),
        "labels": list(one.labels),
        "counts": one.counts.tolist(),
    }


def _estimate(one: Estimate) -> Record:
    return {"value": _number(one.value), "interval": _interval(one)}


def _interval(one: Estimate) -> list[float | None]:
    return [_number(one.low), _number(one.high)]


def _number(value: float | None) -> float | None:
    """JSON has no NaN."""
    return None if value is None or not math.isfinite(value) else float(value)
