"""What the demo shows, and how it reports it."""

import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from culture_perception.demo import Cell, DemoOptions, cells_of
from culture_perception.demo_report import (
    adapted_table,
    add_before,
    print_report,
    provenance,
    score_table,
    write_record,
)
from culture_perception.labels import LabelError


def cell(label_set: str, language: str, style: str, top1: float | None = 0.5) -> dict[str, Any]:
    return {
        "label_set": label_set,
        "language": language,
        "style": style,
        "frames": 1,
        "n": 5,
        "mask_recall_iou50": 0.8,
        "mean_iou": 0.6,
        "mean_iou_matched": 0.75,
        "top1": top1,
        "precision": 1.0,
        "recall": 0.4,
        "f1": 4 / 7,
        "unknown_rate": 0.0,
        "latency_ms_p50": 1234.4,
        "latency_ms_p99": 1300.0,
    }


def record() -> dict[str, Any]:
    return {
        "cells": [
            cell("konbini", "ja", "plain", top1=None),
            cell("konbini", "en", "brand"),
            cell("konbini", "en", "plain"),
            cell("ycb", "en", "plain"),
        ],
        "frames": {"received": 4, "scored": 3, "dropped": 1, "pending": 0},
        "provenance": {},
    }


def printed(width: int) -> str:
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(score_table(record()["cells"]))
    return console.export_text()


def test_cells_are_every_language_and_style_of_a_set() -> None:
    cells = cells_of(["ycb", "konbini"])
    assert cells["ycb"] == [Cell("ycb", "en", "plain"), Cell("ycb", "en", "brand")]
    assert [(one.language, one.style) for one in cells["konbini"]] == [
        ("en", "plain"),
        ("en", "brand"),
        ("ja", "plain"),
        ("ja", "brand"),
    ]
    with pytest.raises(LabelError, match="no label set garden; there is konbini, ycb"):
        cells_of(["ycb", "garden"])


def test_a_demo_that_shows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 scenes"):
        DemoOptions(Path(), scenes=0)
    with pytest.raises(ValueError, match="more than 0 s"):
        DemoOptions(Path(), seconds=0)


def test_the_table_fits_eighty_columns_and_is_ordered() -> None:
    lines = [line for line in printed(80).splitlines() if line.strip()]
    assert all(len(line.rstrip()) <= 80 for line in lines)
    rows = [line.split()[:3] for line in lines[2:]]
    assert rows == [
        ["YCB", "en", "plain"],
        ["Konbini", "en", "plain"],
        ["Konbini", "en", "brand"],
        ["Konbini", "ja", "plain"],
    ]
    assert lines[2].split()[3:] == [
        *("5", "0.80", "0.75", "50%", "100%", "40%", "57%", "0%", "1234", "1300")
    ]
    assert lines[5].split()[6] == "–"  # no sample


def test_what_the_bare_encoder_made_of_it_stands_beside_what_the_adapter_did() -> None:
    after, before = record(), record()
    before["cells"] = [one | {"f1": 0.0, "top1": None} for one in before["cells"][:2]]
    before["provenance"] = {"adapters": ""}
    add_before(after, before)
    assert after["provenance"] == {"before": {"adapters": ""}}
    assert ["before" in one for one in after["cells"]] == [True, True, False, False]
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(adapted_table(after["cells"]))
    lines = [line for line in console.export_text().splitlines() if line.strip()]
    assert [line.split() for line in lines[2:]] == [
        ["Konbini", "en", "brand", "–", "→", "50%", "0.00", "→", "0.57", "0.46"],
        ["Konbini", "ja", "plain", "–", "→", "–", "0.00", "→", "0.57", "0.26"],
    ]


def test_the_record_is_written_to_both_places_as_strict_json(tmp_path: Path) -> None:
    own, asked = tmp_path / "out" / "scores.json", tmp_path / "else" / "mine.json"
    assert write_record(record(), own, asked) == asked
    assert write_record(record(), own, None) == own
    assert json.loads(own.read_text()) == json.loads(asked.read_text()) == record()
    broken = record() | {"provenance": {"x": math.nan}}
    with pytest.raises(ValueError, match="JSON"):
        write_record(broken, own, None)


def test_the_report_says_where_things_are(capsys: pytest.CaptureFixture[str]) -> None:
    pictures = [Path("runs/demo/a.png"), Path("runs/demo/b.png")]
    print_report(record(), Path("mine.json"), pictures, Console(width=80))
    said = capsys.readouterr().out
    assert "4 received, 3 scored, 1 dropped" in said
    assert "2 overlay pictures in runs/demo" in said
    assert "scores as JSON in mine.json" in said


def test_provenance_names_facts_and_versions() -> None:
    facts = provenance(renderer="egl")
    assert facts["renderer"] == "egl"
    assert {"python", "numpy"} <= set(facts["versions"])
