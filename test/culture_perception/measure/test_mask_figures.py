"""Figures of masks whose overlaps are written down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from culture_perception.measure.figures import Figure
from culture_perception.measure.mask_figures import auc, mask_figures, score_figures
from culture_perception.measure.outcomes import Masks


def _masks(
    overlaps: list[list[float]],
    counts: list[bool],
    predicted: list[float] | None = None,
    stability: list[float] | None = None,
) -> Masks:
    n = len(overlaps)
    return Masks(
        overlaps=np.array(overlaps, dtype=np.float64).reshape(n, len(counts)),
        counts=np.array(counts),
        predicted_iou=np.array(predicted or [1.0] * n),
        stability=np.array(stability or [1.0] * n),
        seconds=0.5,
    )


def _by_part(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.key.rpartition(".")[2]: figure for figure in figures}


def test_recall_counts_visible_objects_and_pairs_one_to_one() -> None:
    scene = _masks(
        [[0.9, 0.0, 0.0], [0.8, 0.0, 0.0], [0.0, 0.0, 0.7], [0.1, 0.4, 0.0]],
        [True, True, False],  # the third is hidden too far
    )
    empty = _masks([], [True])
    found = _by_part(mask_figures("ycb", "YCB", [scene, empty]))
    assert found["recall_iou50"].value == pytest.approx(1 / 3)
    assert found["recall_iou50"].n == 3
    assert "1 less than half visible left out" in found["recall_iou50"].what
    assert found["matched_iou"].value == pytest.approx(0.9)
    assert found["matched_iou"].n == 1
    assert found["spurious"].value == 0.5, "one of four masks covers no object, in two images"
    assert found["seconds"].value == 0.5


def test_no_scene_has_no_figures() -> None:
    found = _by_part(mask_figures("ycb", "YCB", []))
    assert math.isnan(found["recall_iou50"].value)
    assert math.isnan(found["matched_iou"].value)
    assert found["recall_iou50"].is_met is False
    assert score_figures("ycb", "YCB", [], 1.0) == []


def test_scores_that_rank_well_but_say_too_much() -> None:
    scene = _masks(
        [[0.8], [0.6], [0.2], [0.0]], [True], [0.9, 0.8, 0.5, 0.4], [0.95, 0.85, 0.92, 0.1]
    )
    found = _by_part(score_figures("ycb", "YCB", [scene], 0.25))
    assert found["good"].value == 0.5
    assert found["iou_auc"].value == 1.0
    assert found["iou_error"].value == pytest.approx((0.1 + 0.2 + 0.3 + 0.4) / 4)
    assert found["iou_correlation"].value == pytest.approx(
        np.corrcoef([0.8, 0.6, 0.2, 0.0], [0.9, 0.8, 0.5, 0.4])[0, 1]
    )
    assert found["stability_auc"].value == 0.75, "of four pairs, .85 against .92 is wrong"
    assert found["stability_median"].value == pytest.approx(0.9)
    assert "offset 0.25" in found["stability_median"].what
    assert (found["stable_good"].value, found["stable_bad"].value) == (0.5, 0.5)
    assert found["stable_precision"].value == 0.5


@pytest.mark.parametrize(
    ("scores", "good", "expected"),
    [
        ([0.1, 0.9], [False, True], 1.0),
        ([0.9, 0.1], [False, True], 0.0),
        ([0.5, 0.5], [False, True], 0.5),
        ([0.1, 0.2, 0.3], [True, False, True], 0.5),
    ],
)
def test_auc(scores: list[float], good: list[bool], expected: float) -> None:
    assert auc(np.array(scores), np.array(good)) == expected


def test_auc_of_one_kind_is_undefined() -> None:
    assert math.isnan(auc(np.array([0.1, 0.2]), np.array([True, True])))
