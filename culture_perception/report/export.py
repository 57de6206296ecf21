"""The figures of a report as files: charts as PNG, tables as CSV with all digits."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from culture_perception.experiments.resampling import Estimate
from culture_perception.report.charts.drawing import png_of
from culture_perception.report.contents import Section, charts_of
from culture_perception.report.reading import Run

Line: TypeAlias = Mapping[str, object]


def export(sections: Sequence[Section], folder: Path) -> list[Path]:
    """Writes every chart and table; gives the files, sorted.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for section in sections:
        for name, chart in charts_of(section):
            path = folder / f"{name}.png"
            path.write_bytes(png_of(chart.figure))
            written.append(path)
        for run in section.runs:
            written += _write_tables(run, folder)
    return sorted(written)


def _write_tables(run: Run, folder: Path) -> list[Path]:
    tables: dict[str, Iterable[Line]] = {
        "cells": _cells(run),
        "comparisons": _comparisons(run),
        "effects": ({"effect": one.name, "of": one.what, **_estimate(one.estimate)}
                    for one in run.result.effects),
        "products": _products(run),
        "confusions": _confusions(run),
        "reliability": ({"cell": one.cell.title, **vars(part)}
                        for one in run.result.reliabilities for part in one.bins),
        "ladders": ({"cell": one.cell.title, "rung": rung, "n": n}
                    for one in run.result.ladders for rung, n in one.rungs.items()),
        "ablations": _ablations(run),
        "masks": ({"masks": title, "figure": name, "value": _number(value)}
                  for title, row in (run.result.mask_figures or {}).items()
                  for name, value in row.items()),
        "seconds": ({"seconds": value} for value in run.result.seconds),
        "options": (vars(one) for one in run.source.choices),
    }  # fmt: skip
    written = []
    for name, lines in tables.items():
        rows = [{"model": run.title, **line} for line in lines]
        if rows:
            path = folder / f"{run.key}-{name}.csv"
            _write(rows, path)
            written.append(path)
    return written


def _write(rows: Sequence[Line], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _cells(run: Run) -> Iterator[Line]:
    for one in run.result.cells:
        for name, figure in one.figures.items():
            yield {
                **one.cell._asdict(),
                "figure": name,
                **_estimate(figure),
                "paper": one.paper.get(name, ""),
                "n": one.n,
                "scenes": one.scenes,
                "objects": one.objects,
                "calibration_error": _number(one.calibration_error),
            }


def _comparisons(run: Run) -> Iterator[Line]:
    for one in run.result.comparisons:
        yield {
            "first": one.first.title,
            "second": one.second.title,
            "changed": one.changed,
            **_estimate(one.difference),
            "paired": one.paired,
            "only_first": one.only_first,
            "only_second": one.only_second,
            "p": _number(one.p),
            "p_holm": _number(one.p_holm),
        }


def _products(run: Run) -> Iterator[Line]:
    for one in run.result.products:
        yield {
            "cell": one.cell.title,
            "concept_id": one.concept_id,
            "label": one.label,
            "right": one.right,
            "n": one.n,
        }


def _confusions(run: Run) -> Iterator[Line]:
    for one in run.result.confusions:
        for concept, label, counts in zip(one.concepts, one.labels, one.counts, strict=True):
            for answer, count in zip(one.labels, counts.tolist(), strict=True):
                yield {
                    "cell": one.cell.title,
                    "concept_id": concept,
                    "true": label,
                    "answer": answer,
                    "n": count,
                }


def _ablations(run: Run) -> Iterator[Line]:
    for one in run.result.ablations:
        yield {
            "cell": one.cell.title,
            "option": one.option,
            "changed_to": one.value,
            "figure": _number(one.figure),
            **{f"delta_{name}": value for name, value in _estimate(one.delta).items()},
        }


def _estimate(one: Estimate) -> dict[str, object]:
    return {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}


def _number(value: float | None) -> object:
    """Empty where there is none."""
    return "" if value is None or not math.isfinite(value) else value
