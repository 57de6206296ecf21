"""Figures as people and programs read them."""

from __future__ import annotations

import json
import math
from pathlib import Path

from rich.console import Console

from culture_perception.measure.figures import TARGETS, Figure, Target, share
from culture_perception.measure.report import markdown, missed, print_tables, write_json

REACHED = Figure(
    "Masks", "segmenter.ycb.recall_iou50", "YCB: recall", 0.931, 1000, (0.91, 0.95), "percent"
)
MISSED = Figure("Masks", "segmenter.ycb.matched_iou", "YCB: IoU", 0.84, 931)
FREE = Figure("Names", "encoder.konbini.ja.plain.top1", "ja", math.nan, 0, form="percent")
ALL = (REACHED, FREE, MISSED)


def test_each_figure_stands_beside_its_target() -> None:
    lines = markdown(ALL, ["- Models: a, b."], " --scenes 7").splitlines()
    assert "- Models: a, b." in lines
    assert "`culture-perception measure --parts segmenter --scenes 7`" in lines
    assert "`culture-perception measure --parts encoder --scenes 7`" in lines
    assert (
        "| YCB: recall | 93.1 % | 91.0 % to 95.0 % | 1000 objects | at least 92 % | yes |" in lines
    )
    assert "| YCB: IoU | 0.840 | – | 931 objects | at least 0.85 | no |" in lines
    assert "| ja | – | – | 0 objects | – |  |" in lines
    assert [line for line in lines if line.startswith("#")] == [
        "# Measured figures",
        "## Masks",
        "## Names",
    ]


def test_the_terminal_shows_the_same() -> None:
    console = Console(record=True, width=150)
    print_tables(ALL, console)
    shown = console.export_text()
    for text in ("Masks", "93.1 %", "91.0 % to 95.0 %", "at least 92 %", "0.840", "yes", "no"):
        assert text in shown


def test_what_misses_its_target() -> None:
    assert missed(ALL) == [MISSED]
    assert [figure.is_met for figure in ALL] == [True, None, False]


def test_a_limit_from_above() -> None:
    target = Target(0.05, at_most=True)
    assert target.is_met(0.05) and not target.is_met(0.06) and not target.is_met(math.nan)


def test_json_has_no_nan(tmp_path: Path) -> None:
    path = tmp_path / "new" / "figures.json"
    write_json(path, ALL, {"models": {"encoder": "e"}})
    record = json.loads(path.read_text(), parse_constant=lambda text: text / 0)  # NaN: an error
    assert record["models"] == {"encoder": "e"}
    first, second, _ = record["figures"]
    assert first["value"] == 0.931 and first["target"] == 0.92 and first["target_is_met"] is True
    assert second["value"] is None and second["interval_95"] == [None, None]
    assert second["target"] is None and second["target_is_met"] is None


def test_every_target_is_of_the_issues_figures() -> None:
    for key in TARGETS:
        assert key.split(".")[0] in ("segmenter", "encoder", "held", "rejection", "adapter")


def test_a_share_counts_cases_and_clusters() -> None:
    figure = share("s", "k", "w", [True, True, False, False], [0, 0, 1, 1], n=2)
    assert (figure.value, figure.n) == (0.5, 2)
    assert figure.interval == (0.0, 1.0), "two scenes, one all right and one all wrong"
    assert math.isnan(share("s", "k", "w", [], []).value)
