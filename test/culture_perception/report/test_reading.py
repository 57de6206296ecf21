from __future__ import annotations

import json
import math
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.experiments.results import Result
from culture_perception.report.errors import ReportError
from culture_perception.report.reading import read_experiments, runs_of


def comparable(result: Result) -> dict[str, Any]:
    """Its fields, arrays as lists and NaN as text, which equals itself."""
    plain = {one.name: getattr(result, one.name) for one in fields(result)}
    plain["mask_figures"] = result.mask_figures or {}  # a record tells no difference
    plain["confusions"] = [(one.cell, one.concepts, one.labels) for one in result.confusions]
    return {name: repr(value).replace("np.float64(", "(") for name, value in plain.items()}


def test_results_are_read_as_they_were_before_they_were_written(
    toy_files: list[Path], toy_results: list[Result]
) -> None:
    found = read_experiments(toy_files)
    assert [one.kind for one in found] == ["identification", "segmentation"]
    for one, written in zip(found, toy_results, strict=True):
        (result,) = one.results
        assert comparable(result) == comparable(written)
        for read, kept in zip(result.confusions, written.confusions, strict=True):
            np.testing.assert_array_equal(read.counts, kept.counts)


def test_a_figure_that_there_is_none_of_is_nan(toy_files: list[Path], tmp_path: Path) -> None:
    record = json.loads(toy_files[0].read_text(encoding="utf-8"))
    record["cells"][0]["top1"] = None
    record["cells"][0]["interval"]["top1"] = [None, None]
    path = tmp_path / "nan.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    figure = read_experiments([path])[0].results[0].cells[0].figures["top1"]
    assert all(map(math.isnan, (figure.value, figure.low, figure.high)))


def test_pictures_lie_beside_the_file(toy_files: list[Path]) -> None:
    pictures = read_experiments([toy_files[1]])[0].pictures
    assert len(pictures) == 8
    one = pictures["konbini/2"]
    assert one.path == toy_files[1].parent / "konbini-2.png"
    assert (one.shape_hw, one.target) == ((48, 64), "konbini.blue_box")


def test_options_and_versions_are_read(toy_files: list[Path]) -> None:
    one = read_experiments([toy_files[0]])[0]
    assert [(choice.name, choice.value) for choice in one.choices][-1] == ("judged", "all")
    assert one.seconds == 1.5
    assert "numpy" in one.versions


def test_table_1_comes_first_and_each_file_once(toy_files: list[Path]) -> None:
    again = toy_files[1].parent / "." / toy_files[1].name
    runs = runs_of(read_experiments([toy_files[1], toy_files[0], again]))
    assert [run.key for run in runs] == ["identification-1", "segmentation-1"]
    assert [run.title for run in runs] == ["toy-encoder", "toy-segmenter + toy-encoder"]


def test_runs_of_the_same_models_are_told_apart_by_their_files(
    toy_files: list[Path], tmp_path: Path
) -> None:
    copy = shutil.copy(toy_files[0], tmp_path / "second.json")
    runs = runs_of(read_experiments([toy_files[0], Path(copy)]))
    assert [(run.key, run.title) for run in runs] == [
        ("identification-1", "toy-encoder (identification)"),
        ("identification-2", "toy-encoder (second)"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "holds no experiment; write one with"),
        ('{"cells": [], "frames": {}}', "holds no experiment"),  # of the demo
        ('{"experiment": "segmentation"}', "holds no experiment"),
        ('{"experiment": "other", "results": []}', "holds no experiment"),
        (
            '{"experiment": "segmentation", "figure": "f1", "cells": [], "results": [], '
            '"options": [], "scenes": {}}',
            "is empty: it has no figures",
        ),
        (
            '{"experiment": "segmentation", "results": [{}], "cells": [], "options": []}',
            "is damaged, or of another version",
        ),
        (
            '{"experiment": "segmentation", "results": [], "options": [7], "scenes": {}}',
            "is damaged, or of another version",
        ),
    ],
)
def test_what_is_no_experiment_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=said) as caught:
        read_experiments([path])
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("missing", ["products", "shown", "gap", "mask_figures"])
def test_a_result_that_lacks_a_part_is_damaged(
    missing: str, toy_files: list[Path], tmp_path: Path
) -> None:
    record = json.loads(toy_files[1].read_text(encoding="utf-8"))
    del record["results"][0][missing]
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ReportError, match=f"KeyError\\('{missing}'\\)"):
        read_experiments([path])


def test_no_file_at_all_is_said() -> None:
    with pytest.raises(ReportError, match="no file to report on"):
        read_experiments([])


def test_bytes_that_are_no_text_are_no_json(tmp_path: Path) -> None:
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ReportError, match="is no JSON"):
        read_experiments([path])
