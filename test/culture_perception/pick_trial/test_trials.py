"""What is counted as picked, and why the rest was not."""

from __future__ import annotations

import json
import math

import pytest

from culture_perception.pick_trial.command import table_of
from culture_perception.pick_trial.trials import Trial, summarise


def _trial(message: str, says: bool = False, basket: tuple[str, ...] = ()) -> Trial:
    return Trial(1, ("a", "b"), "a", "the a", says, message, basket, 5.0)


@pytest.mark.parametrize(
    ("says", "basket", "message", "outcome"),
    [
        pytest.param(True, ("a",), "in the basket", "picked", id="as asked"),
        pytest.param(False, ("a",), "still there: …", "picked", id="the basket decides"),
        pytest.param(True, ("b",), "in the basket", "wrong object", id="another one"),
        pytest.param(True, ("a", "b"), "in the basket", "wrong object", id="both"),
        pytest.param(True, (), "in the basket", "beside the basket", id="it only says so"),
        pytest.param(False, (), "not found (…)", "not found", id="not found"),
        pytest.param(False, (), "ambiguous (2 things …)", "ambiguous", id="ambiguous"),
        pytest.param(False, (), "no seal: 3 of 9 …", "no seal", id="no seal"),
        pytest.param(False, (), "slipped: it fell …", "slipped", id="slipped"),
        pytest.param(
            False, (), "arm: to (1, 2, 3): at 5% of the way, (…) is out of reach: …",
            "unreachable", id="out of reach",
        ),
        pytest.param(False, (), "arm: something is in the way", "other", id="anything else"),
    ],
)  # fmt: skip
def test_outcome(says: bool, basket: tuple[str, ...], message: str, outcome: str) -> None:
    assert _trial(message, says, basket).outcome == outcome


def test_summary_counts_and_gives_wilsons_interval() -> None:
    trials = [_trial("in the basket", True, ("a",))] * 8 + [
        _trial("not found (…)"),
        _trial("in the basket", True),
    ]
    summary = summarise(trials)
    assert (summary.trials, summary.picked, summary.believed) == (10, 8, 9)
    # Wilson, 8 of 10: (.8 + 1.92073 / 10 -+ 1.95996 sqrt(.016 + .0096037)) / 1.384146
    assert summary.interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert summary.failures == {"not found": 1, "beside the basket": 1}
    assert summary.median_s == 5.0


def test_no_trials_are_no_figure_and_still_json_and_a_table() -> None:
    summary = summarise([])
    assert math.isnan(summary.median_s)
    record = json.loads(json.dumps(summary.to_json(), allow_nan=False))
    assert (record["interval"], record["median_s"]) == (None, None)
    assert table_of({"summary": record}).row_count == 4
