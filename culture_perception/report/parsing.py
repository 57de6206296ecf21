"""Results from the record that `experiments.record.to_record` made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from culture_perception.experiments.comparisons import Comparison, Effect, Gap
from culture_perception.experiments.failures import ReliabilityBin
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.results import (
    Ablation,
    CellResult,
    Confusion,
    Ladder,
    Product,
    Reliability,
    Result,
    Shown,
)
from culture_perception.experiments.texts import Cell

Record: TypeAlias = Mapping[str, Any]
Cells: TypeAlias = Mapping[str, Cell]
"""Title of a cell, as a record refers to it -> the cell."""


def results_of(record: Record) -> tuple[Result, ...]:
    """Every model's result.

    Args:
        record: what json.load gave.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it has another form.
    """
    return tuple(_result(one, record) for one in record["results"])


def _result(one: Record, record: Record) -> Result:
    own = [_cell_result(cell) for cell in record["cells"] if cell["model"] == one["model"]]
    cells = {found.cell.title: found.cell for found in own}
    return Result(
        experiment=str(record["experiment"]),
        figure=str(record["figure"]),
        segmenter=str(one["segmenter"]),
        encoder=str(one["encoder"]),
        cells=tuple(own),
        comparisons=tuple(_comparison(part, cells) for part in one["comparisons"]),
        effects=tuple(
            Effect(str(part["name"]), str(part["what"]), _estimate(part)) for part in one["effects"]
        ),
        gap=None if one["gap"] is None else _gap(one["gap"], cells),
        products=tuple(_product(part, cells) for part in one["products"]),
        confusions=tuple(_confusion(part, cells) for part in one["confusions"]),
        reliabilities=tuple(_reliability(part, cells) for part in one["reliabilities"]),
        ladders=tuple(
            Ladder(cells[part["cell"]], {rung: int(n) for rung, n in part["rungs"].items()})
            for part in one["ladders"]
        ),
        ablations=tuple(_ablation(part, cells) for part in one["ablations"]),
        shown=tuple(_shown(part, cells) for part in one["shown"]),
        seconds=tuple(float(value) for value in one["seconds"]),
        mask_figures={
            str(title): {str(name): _number(value) for name, value in figures.items()}
            for title, figures in one["mask_figures"].items()
        },
    )


def _cell_result(one: Record) -> CellResult:
    ece = one["calibration_error"]
    return CellResult(
        cell=Cell(*(str(one[name]) for name in Cell._fields)),
        figures={
            str(name): Estimate(_number(one[name]), *map(_number, ends))
            for name, ends in one["interval"].items()
        },
        paper={str(name): float(value) for name, value in one["paper"].items()},
        n=int(one["n"]),
        scenes=int(one["scenes"]),
        objects=int(one["objects"]),
        calibration_error=None if ece is None else float(ece),
    )


def _comparison(one: Record, cells: Cells) -> Comparison:
    return Comparison(
        first=cells[one["first"]],
        second=cells[one["second"]],
        changed=str(one["changed"]),
        difference=_estimate(one["difference"]),
        paired=bool(one["paired"]),
        only_first=int(one["only_first"]),
        only_second=int(one["only_second"]),
        p=_maybe(one["p"]),
        p_holm=_maybe(one["p_holm"]),
    )


def _gap(one: Record, cells: Cells) -> Gap:
    return Gap(
        best=cells[one["best"]],
        worst=cells[one["worst"]],
        best_value=float(one["best_value"]),
        worst_value=float(one["worst_value"]),
        difference=_estimate(one["difference"]),
    )


def _product(one: Record, cells: Cells) -> Product:
    return Product(
        cells[one["cell"]],
        str(one["concept_id"]),
        str(one["label"]),
        int(one["right"]),
        int(one["n"]),
    )


def _confusion(one: Record, cells: Cells) -> Confusion:
    concepts, labels = map(str, one["concepts"]), map(str, one["labels"])
    names, texts = tuple(concepts), tuple(labels)
    counts = np.asarray(one["counts"], dtype=np.intp).reshape(len(names), len(texts))
    return Confusion(cells[one["cell"]], names, texts, counts)


def _reliability(one: Record, cells: Cells) -> Reliability:
    bins = tuple(
        ReliabilityBin(
            low=float(part["low"]),
            high=float(part["high"]),
            n=int(part["n"]),
            confidence=float(part["confidence"]),
            accuracy=float(part["accuracy"]),
        )
        for part in one["bins"]
    )
    return Reliability(cells[one["cell"]], bins)


def _ablation(one: Record, cells: Cells) -> Ablation:
    return Ablation(
        cells[one["cell"]],
        str(one["option"]),
        str(one["value"]),
        _number(one["figure"]),
        _estimate(one["delta"]),
    )


def _shown(one: Record, cells: Cells) -> Shown:
    return Shown(
        seed=int(one["seed"]),
        cell=cells[one["cell"]],
        concept_id=str(one["concept_id"]),
        label=str(one["label"]),
        outline=_outline(one["outline"]),
        answer=str(one["answer"]),
        probability=float(one["probability"]),
        rung=one["rung"],
        found=_outline(one["found"]),
    )


def _outline(rings: Sequence[Sequence[Sequence[int]]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple((int(x), int(y)) for x, y in ring) for ring in rings)


def _estimate(one: Record) -> Estimate:
    low, high = one["interval"]
    return Estimate(_number(one["value"]), _number(low), _number(high))


def _number(value: float | None) -> float:
    """NaN is null in JSON."""
    return math.nan if value is None else float(value)


def _maybe(value: float | None) -> float | None:
    return None if value is None else float(value)
