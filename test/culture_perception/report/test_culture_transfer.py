"""The matrix on the page: read, coloured by gain and loss, and refused where it is damaged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from culture_perception.cli import main
from culture_perception.culture_bench.transfer_cells import OTHERS, TransferCell
from culture_perception.experiments.resampling import Estimate
from culture_perception.report.culture_transfer import TransferRun, colour_of, read_run

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

GROUPS = ("JP<b>", "NG")


def estimate(value: float | None) -> dict[str, Any]:
    ends = [None, None] if value is None else [value - 0.1, value + 0.1]
    return {"value": value, "interval": ends}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Japan gains .3 of itself and loses .1 of Nigeria."""
    gains = {("JP<b>", "JP<b>"): 0.3, ("JP<b>", "NG"): -0.1}
    cells = [
        {
            "trained_on": group,
            "tested_on": name,
            "n": 8,
            "concepts": 4,
            "before": estimate(0.5),
            "after": estimate(0.5 + gains.get((group, name), 0.0)),
            "difference": estimate(gains.get((group, name), 0.0)),
        }
        for group in GROUPS
        for name in (*GROUPS, OTHERS)
    ]
    path = tmp_path / "transfer.json"
    content = {
        "benchmark": "culture-transfer",
        "by": "region",
        "groups": list(GROUPS),
        "cells": cells,
        "trained": [{"group": group, "items": [20, 6, 8]} for group in GROUPS],
        "leaked": 2,
        "provenance": {"items": "items.jsonl", "encoder": "colours-1"},
    }
    path.write_text(json.dumps(content))
    return path


def test_it_is_read_as_it_was_written(record: Path) -> None:
    run = read_run(record)
    assert isinstance(run, TransferRun)
    assert run.columns == (*GROUPS, OTHERS)
    assert run.cell("JP<b>", "NG").difference == Estimate(-0.1, -0.2, 0.0)
    assert run.trained["NG"] == (20, 6, 8)


def test_the_page_has_a_row_a_training(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert main(["report", str(record), "--out", str(out)]) == 0
    html = out.read_text(encoding="utf-8")
    assert "JP&lt;b&gt;" in html and "JP<b>" not in html
    assert "2 more were left" in html and "colours-1" in html
    rows = re.findall(r"<tr><th scope=\"row\">.*</tr>", html)
    assert len(rows) == 3  # without training, and one a group
    assert "80.0 % (70–90)<small>+30 (+20 to +40)</small>" in rows[1]
    assert rows[1].index('class="own"') < rows[1].index("-10 (-20 to +0)")
    assert 'title="before: 50.0 % (40–60), n = 8"' in rows[1]


def cell(difference: float) -> TransferCell:
    nothing = Estimate(0.5, 0.4, 0.6)
    return TransferCell("a", "b", 1, 1, nothing, nothing, Estimate(difference, 0.0, 0.0))


def test_gains_are_blue_losses_orange_and_large_ones_strong() -> None:
    assert colour_of(cell(0.2)) == "rgb(0 114 178 / 30%)"
    assert colour_of(cell(0.9)) == colour_of(cell(0.4)) == "rgb(0 114 178 / 60%)"
    assert colour_of(cell(-0.1)) == "rgb(213 94 0 / 15%)"
    assert colour_of(cell(0.0)) == "rgb(0 114 178 / 0%)"
    assert colour_of(cell(float("nan"))) == "transparent"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content["cells"].pop(),
        lambda content: content["cells"][0].pop("after"),
        lambda content: content["trained"][0].update(items=[1]),
        lambda content: content.pop("provenance"),
    ],
)
def test_a_damaged_record_is_told(
    damage: Any, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(record.read_text())
    damage(content)
    record.write_text(json.dumps(content))
    assert main(["report", str(record), "--out", str(tmp_path / "p.html")]) == 1
    assert "is damaged, or of another version" in capsys.readouterr().err
