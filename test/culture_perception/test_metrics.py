from __future__ import annotations

import json
import math
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.masks import BoxedMask
from culture_perception.metrics import (
    CellAccumulator,
    ResultObject,
    TruthObject,
    judge_frame,
    score_frame,
)

ROOT = Path(__file__).parents[2]
ACTIVE = ("tea", "salt", "soap")


def strip(x0: int, x1: int) -> BoxedMask:
    """A mask one pixel high: IoU can be read off the ends."""
    return BoxedMask((x0, 0, x1, 1), np.ones((1, x1 - x0), np.bool_))


def truth(concept_id: str, x0: int, x1: int) -> TruthObject:
    return TruthObject(concept_id, strip(x0, x1))


def found(concept_id: str, x0: int, x1: int, top1: str = "") -> ResultObject:
    return ResultObject(concept_id, top1 or concept_id, strip(x0, x1))


TRUTH = [truth("tea", 0, 10), truth("salt", 20, 30), truth("soap", 40, 50)]


def test_a_frame_by_hand() -> None:
    counts = score_frame(
        TRUTH,
        [
            found("tea", 0, 10),  # covers tea with IoU 1, right
            found("", 20, 28, top1="salt"),  # covers salt with IoU .8, first hypothesis rejected
            found("soap", 44, 54),  # IoU 6/14 with soap: no cover, so the name is wrong
        ],
        ACTIVE,
    )

    assert asdict(counts) == pytest.approx(
        {
            "frames": 1,
            "objects": 3,
            "covered": 2,
            "iou_sum": 1.8,
            "nameable": 3,
            "nameable_covered": 2,
            "right_top1": 2,
            "unknown": 1,
            "names": 2,
            "right_names": 1,
        }
    )


def test_scores_by_hand() -> None:
    cell = CellAccumulator()
    cell.add(
        score_frame(TRUTH, [found("tea", 0, 10), found("tea", 20, 28)], ACTIVE), latency_ms=10.0
    )
    cell.add(score_frame(TRUTH[:1], [found("tea", 0, 5)], ACTIVE), latency_ms=30.0)

    figures = asdict(cell.scores())
    latencies = figures.pop("latency_ms_p50"), figures.pop("latency_ms_p99")
    assert latencies == pytest.approx((20.0, 29.8), rel=0.005)
    assert figures == pytest.approx(
        {
            "frames": 2,
            "n": 4,
            "mask_recall_iou50": 3 / 4,
            "mean_iou": (1 + 0.8 + 0.5) / 4,
            "mean_iou_matched": (1 + 0.8 + 0.5) / 3,
            "top1": 2 / 3,
            "precision": 2 / 3,
            "recall": 2 / 4,
            "f1": 2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2),
            "unknown_rate": 0.0,
        }
    )
    assert figures["mean_iou_matched"] == float(sum(map(Fraction, (1.0, 0.8, 0.5))) / 3)


@pytest.mark.parametrize(
    ("results", "field", "expected"),
    [
        pytest.param([found("tea", 20, 30)], "precision", 0.0, id="right word, wrong object"),
        pytest.param([found("tea", 60, 70)], "precision", 0.0, id="a name on the table"),
        pytest.param([found("", 60, 70)], "precision", math.nan, id="no name given"),
        pytest.param([found("tea", 0, 10)] * 2, "precision", 0.5, id="one object named twice"),
        pytest.param([found("tea", 0, 10)], "recall", 1 / 3, id="two objects not named"),
        pytest.param([found("tea", 0, 10)], "top1", 1.0, id="top1 is over covered objects"),
        pytest.param([found("salt", 0, 10, top1="tea")], "top1", 1.0, id="top1 is no name"),
        pytest.param([found("salt", 0, 10, top1="tea")], "recall", 0.0, id="a name is no top1"),
        pytest.param(
            [found("", 0, 10), found("tea", 20, 30)], "unknown_rate", 0.5, id="one of two"
        ),
        pytest.param([found("", 60, 70)], "unknown_rate", math.nan, id="no object covered"),
        pytest.param([found("", 0, 50)], "mask_recall_iou50", 0.0, id="a mask over everything"),
        pytest.param([], "mean_iou", 0.0, id="misses count 0"),
        pytest.param([], "mean_iou_matched", math.nan, id="nothing matched"),
        pytest.param([], "f1", 0.0, id="all missed"),
    ],
)
def test_one_figure(results: list[ResultObject], field: str, expected: float) -> None:
    cell = CellAccumulator()
    cell.add(score_frame(TRUTH, results, ACTIVE))

    assert getattr(cell.scores(), field) == pytest.approx(expected, nan_ok=True)


def test_an_object_without_a_label_counts_for_masks_and_against_names_given_to_it() -> None:
    frame = [truth("tea", 0, 10), truth("coffee", 20, 30)]
    left_alone, named = CellAccumulator(), CellAccumulator()
    left_alone.add(score_frame(frame, [found("tea", 0, 10), found("", 20, 30)], ACTIVE))
    named.add(score_frame(frame, [found("tea", 0, 10), found("salt", 20, 30)], ACTIVE))

    right, wrong = left_alone.scores(), named.scores()
    assert (right.n, right.mask_recall_iou50) == (2, 1.0)
    assert (right.recall, right.top1, right.precision, right.unknown_rate) == (1.0, 1.0, 1.0, 0.0)
    assert (wrong.recall, wrong.top1, wrong.precision, wrong.unknown_rate) == (1.0, 1.0, 0.5, 0.0)


def test_without_samples_nothing_is_one() -> None:
    scores = asdict(CellAccumulator().scores())

    assert (scores.pop("frames"), scores.pop("n")) == (0, 0)
    assert all(math.isnan(value) for value in scores.values()), scores


def test_an_empty_scene_is_a_frame_without_objects() -> None:
    cell = CellAccumulator()
    cell.add(score_frame([], [found("tea", 0, 5)], ACTIVE))

    scores = cell.scores()
    assert (scores.frames, scores.n, scores.precision) == (1, 0, 0.0)
    assert math.isnan(scores.recall) and math.isnan(scores.mask_recall_iou50)


def test_json_has_null_where_there_is_no_sample() -> None:
    text = json.dumps(CellAccumulator().scores().to_json(), allow_nan=False)

    assert json.loads(text)["top1"] is None
    assert json.loads(text)["n"] == 0


def test_the_scores_are_those_of_the_message() -> None:
    lines = (
        (ROOT / "culture_interfaces/msg/CellScores.msg").read_text(encoding="utf-8").splitlines()
    )
    names = [line.split()[1] for line in lines if line and not line.startswith("#")]

    assert ["label_set", "language", "style", *asdict(CellAccumulator().scores())] == names


@pytest.mark.parametrize(
    ("result", "verdict", "iou"),
    [
        pytest.param(found("tea", 0, 10), "right", 1.0, id="right"),
        pytest.param(found("salt", 0, 8), "wrong", 0.8, id="another name"),
        pytest.param(found("", 0, 8, top1="tea"), "unknown", 0.8, id="no name"),
        pytest.param(found("tea", 6, 16), "missed", 0.0, id="IoU below .5"),
    ],
)
def test_what_became_of_an_object(result: ResultObject, verdict: str, iou: float) -> None:
    (outcome,) = judge_frame(TRUTH[:1], [result], ACTIVE).objects

    assert (outcome.verdict, outcome.iou, outcome.concept_id) == (verdict, iou, "tea")


def test_a_name_given_to_what_no_label_names_is_wrong_even_if_it_is_its_own() -> None:
    (outcome,) = judge_frame([truth("coffee", 0, 10)], [found("coffee", 0, 10)], ACTIVE).objects

    assert (outcome.nameable, outcome.verdict) == (False, "wrong")


@given(st.permutations(range(12)), st.integers(0, 12))
def test_neither_order_nor_parts_change_the_last_digit(order: list[int], cut: int) -> None:
    frames = [
        score_frame([truth("tea", 0, 10 + i)], [found("tea", 0, 7 + i)], ACTIVE) for i in range(12)
    ]
    whole, first, second = CellAccumulator(), CellAccumulator(), CellAccumulator()
    for i in range(12):
        whole.add(frames[i], latency_ms=0.1 * i)
    for place, i in enumerate(order):
        (first if place < cut else second).add(frames[i], latency_ms=0.1 * i)
    first.merge(second)

    assert asdict(first.scores()) == asdict(whole.scores())


def test_sums_of_iou_stay_exact_and_short() -> None:
    third = score_frame([truth("tea", 0, 3)], [found("tea", 0, 2)], ACTIVE)
    cell = CellAccumulator()
    for _ in range(3000):
        cell.add(third)

    assert cell.counts.iou_sum == 3000 * Fraction(2 / 3)
    assert cell.counts.iou_sum.denominator <= 2**53
