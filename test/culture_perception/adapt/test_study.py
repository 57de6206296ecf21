"""Studies: what is varied, what is asked of each run, and a whole one that goes on."""

from __future__ import annotations

import io
import json
import math
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from culture_perception.adapt.sources import label_set
from culture_perception.adapt.study import Finished, Variant, cells_of, pooled, variants
from culture_perception.adapt.study_command import table_of
from culture_perception.cli import main
from culture_perception.runner import SystemFailure


def _cell(style: str, after: float, language: str = "fi", labels: str = "kauppa") -> dict[str, Any]:
    return {
        "label_set": labels,
        "language": language,
        "style": style,
        "before": 0.25,
        "after": after,
        "n": 8,
    }


def _finished(name: str, after: float, held_out: float = 0.5) -> Finished:
    record = {
        "passed": True,
        "card": {"label_sets": ["kauppa"]},
        "cells": [_cell("plain", after), _cell("plain", 0.9, labels="ycb")],
        "held_out": [_cell("plain", held_out)],
    }
    return Finished(Variant(name, {}), record)


def test_shots_are_one_to_sixteen_and_all() -> None:
    found = variants("shots", label_set("konbini"), ["en", "ja"])
    assert [one.changed["shots"] for one in found] == ["1", "2", "4", "8", "16", "all"]


def test_each_product_is_held_out_once() -> None:
    labels = label_set("konbini")
    parts = [one.changed["hold_out"] for one in variants("products", labels, ["en"])]
    assert [len(part) for part in parts] == [5, 5, 5]
    assert sorted(chain.from_iterable(parts)) == sorted(one.concept_id for one in labels.concepts)


def test_each_category_and_each_language_is_left_out_once() -> None:
    labels = label_set("konbini")
    by_name = {one.name: one.changed for one in variants("categories", labels, ["en"])}
    assert by_name["without-drink"] == {"hold_out": ["konbini.oi_ocha"]}
    assert len(by_name["without-seasoning"]["hold_out"]) == 3
    languages = variants("languages", labels, ["en", "ja"])
    assert [one.changed["languages"] for one in languages] == [["ja"], ["en"]]
    with pytest.raises(SystemFailure, match="1 of languages: a study that leaves one out"):
        variants("languages", labels, ["ja"])


def test_cells_are_the_targets_or_those_that_were_held_out() -> None:
    one = _finished("without-part-1", after=0.75)
    assert cells_of("shots", one) == {"fi plain": (0.25, 0.75, 8)}
    assert cells_of("products", one) == {"fi plain": (0.25, 0.5, 8)}


def test_runs_are_pooled_by_their_crops() -> None:
    before, after, spread, count = pooled([(0.0, 0.5, 10), (0.5, 1.0, 30)])
    assert (before, after, count) == (0.375, 0.875, 40)
    assert spread == pytest.approx(0.5 / math.sqrt(2))
    assert math.isnan(pooled([(0.0, 0.5, 10)])[2])


def test_the_table_has_a_row_a_variant_and_marks_the_language_that_was_left_out() -> None:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(table_of("products", [_finished("a", 0, 0.25), _finished("b", 0, 0.75)]))
    rows = [line.split() for line in console.export_text().splitlines() if "→" in line]
    assert rows[0] == ["a", "8", "25", "→", "25"]
    assert rows[2] == ["all", "16", "25", "→", "50"]
    console.print(table_of("languages", [_finished("without-fi", 0.75)]))
    assert "25 → 75°" in console.export_text()


def test_a_study_of_made_up_products_is_run_once_and_then_read(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [
        *("adapt-study", "products", "--labels", str(shop / "kauppa.yaml"), "--languages", "fi"),
        *("--images", str(shop / "pictures"), "--keep-scenes", "0", "--steps", "8", "--batch", "8"),
        *(
            "--every",
            "8",
            "--learning-rate",
            "0.003",
            "--threads",
            "1",
            "--out",
            str(tmp_path / "study"),
        ),
    ]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert said.count("→") >= 8
    record = json.loads((tmp_path / "study" / "study.json").read_text())
    assert [run["variant"] for run in record["runs"]] == [
        *("without-part-1", "without-part-2", "without-part-3")
    ]
    assert set(record["runs"][0]["cells"]) >= {"fi plain", "fi brand"}
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "study").glob("*.safetensors")}
    assert len(files) == 3
    assert main(asked) == 0  # all is there
    assert files == {path: path.stat().st_mtime_ns for path in files}
    assert main([*asked, "--alpha", "9"]) == 1
    assert "is of a run with other options" in capsys.readouterr().err
