"""Figures of a segmenter and the choice of its thresholds, on hand-made overlaps."""

from pathlib import Path

import numpy as np
import pytest

from culture_perception.protocols import Segment
from culture_perception.training.segmenter_data import Frame, FrameRecord, ObjectRecord
from culture_perception.training.segmenter_evaluation import (
    FrameOverlaps,
    compared,
    figures,
)
from culture_perception.training.segmenter_search import Candidates, best_choice


def overlaps(rows: list[list[float]], counts: list[bool]) -> FrameOverlaps:
    return FrameOverlaps(np.array(rows).reshape(-1, len(counts)), np.array(counts, dtype=np.bool_))


def test_figures_over_two_frames() -> None:
    first = overlaps([[0.9, 0.0], [0.6, 0.1], [0.2, 0.3]], [True, True])
    second = overlaps([[0.5, 0.0], [0.0, 0.8]], [True, False])

    measured = figures([first, second])

    assert measured.images == 2
    assert measured.objects == 3, "the object that does not count is left out"
    assert measured.recall_iou50 == pytest.approx(2 / 3), "best IoU .9, .3 and .5"
    assert measured.matched_iou == pytest.approx(0.7)
    assert measured.spurious_per_image == 0.5, (
        "the mask on no object; one on a small object is none"
    )


@pytest.mark.parametrize(
    ("results", "objects"),
    [
        ([], 0),
        ([overlaps([], [True])], 1),
        ([FrameOverlaps(np.zeros((2, 0)), np.zeros(0, bool))], 0),
    ],
    ids=["no frames", "no masks", "no objects"],
)
def test_figures_of_nothing_are_zero(results: list[FrameOverlaps], objects: int) -> None:
    measured = figures(results)

    assert measured.objects == objects
    assert measured.recall_iou50 == measured.matched_iou == 0.0


@pytest.mark.parametrize(
    ("visible_px", "visibility", "counts", "reason"),
    [
        (50, 0.5, True, "half visible is enough, however small"),
        (5000, 0.49, False, "mostly hidden, however large"),
        (120, None, True, "not measured: large enough"),
        (119, None, False, "not measured: too small"),
    ],
)
def test_which_objects_count(
    visible_px: int, visibility: float | None, counts: bool, reason: str
) -> None:
    ids = np.zeros((4, 4), np.uint8)
    ids[:2] = 7
    record = FrameRecord(Path(), Path(), (ObjectRecord(7, visible_px, visibility),))

    result = compared(
        [Segment(ids == 7), Segment(ids == 0)], Frame(np.zeros((4, 4, 3), np.uint8), ids), record
    )

    assert result.counts.tolist() == [counts], reason
    assert result.overlaps.tolist() == [[1.0], [0.0]]


def candidates(scores: list[float], rows: list[list[float]]) -> Candidates:
    """Masks apart from each other, all stable."""
    count = len(scores)
    return Candidates(
        predicted_iou=np.array(scores),
        stability=np.ones(count),
        mutual=np.eye(count),
        truth=overlaps(rows, [True] * len(rows[0])),
    )


def test_the_threshold_that_parts_good_from_bad_is_chosen() -> None:
    frame = candidates([0.8, 0.72, 0.63, 0.62], [[0.9, 0.0], [0.0, 0.8], [0.1, 0.0], [0.0, 0.2]])

    choice = best_choice([frame])

    assert 0.62 < choice.pred_iou_thresh < 0.72
    assert choice.figures.recall_iou50 == 1.0
    assert choice.figures.spurious_per_image == 0.0
    assert choice.score == 1.0


def test_an_object_weighs_more_than_a_spurious_mask() -> None:
    frame = candidates([0.8, 0.32, 0.31], [[0.9, 0.0], [0.1, 0.1], [0.0, 0.8]])

    assert best_choice([frame]).figures.recall_iou50 == 1.0


def test_unstable_masks_are_never_kept() -> None:
    frame = candidates([0.9], [[0.9]])
    unstable = Candidates(frame.predicted_iou, np.array([0.89]), frame.mutual, frame.truth)

    assert best_choice([unstable]).figures.recall_iou50 == 0.0


def test_repeats_of_a_better_mask_are_dropped() -> None:
    frame = candidates([0.9, 0.85], [[0.9], [0.45]])
    mutual = np.array([[1.0, 0.55], [0.55, 1.0]])

    choice = best_choice([Candidates(frame.predicted_iou, frame.stability, mutual, frame.truth)])

    assert choice.figures.spurious_per_image == 0.0
