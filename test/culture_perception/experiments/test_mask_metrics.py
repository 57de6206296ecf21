"""COCO's and panoptic figures of masks whose overlaps are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from culture_perception.experiments.mask_metrics import (
    MISSING,
    SceneMasks,
    average_precision,
    panoptic_quality,
)
from culture_perception.masks import BoxedMask

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"without {', '.join(MISSING)}")


def square(x: int, width: int = 10) -> BoxedMask:
    return BoxedMask((x, 0, x + width, 10), np.ones((10, width), np.bool_))


def scene(
    truth: Sequence[tuple[int, int]], found: Sequence[tuple[int, int, float, int]]
) -> SceneMasks:
    """True masks of x and class; found ones of x, class, score and width."""
    return SceneMasks(
        shape_hw=(10, 100),
        truth=[square(x) for x, _ in truth],
        truth_classes=np.array([kind for _, kind in truth], np.intp),
        found=[square(x, width) for x, _, _, width in found],
        found_classes=np.array([kind for _, kind, _, _ in found], np.intp),
        scores=np.array([score for _, _, score, _ in found]),
    )


class TestAveragePrecision:
    """By pycocotools."""

    def test_perfect(self) -> None:
        found = average_precision([scene([(0, 0), (50, 0)], [(0, 0, 0.9, 10), (50, 0, 0.8, 10)])])
        assert found == pytest.approx({"ap": 1, "ap50": 1, "ap75": 1, "ar100": 1})

    def test_half_as_wide_counts_at_half(self) -> None:
        # IoU .6: right at thresholds .5, .55 and .6 of ten.
        found = average_precision([scene([(0, 0)], [(0, 0, 0.9, 6)])])
        assert found["ap"] == pytest.approx(0.3)
        assert (found["ap50"], found["ap75"]) == pytest.approx((1, 0))

    def test_nothing_found(self) -> None:
        assert set(average_precision([scene([(0, 0)], [])]).values()) == {0.0}

    def test_nothing_there(self) -> None:
        assert all(map(math.isnan, average_precision([scene([], [])]).values()))

    def test_absent_class_is_left_out(self) -> None:
        found = average_precision([scene([(0, 3)], [(0, 3, 0.9, 10), (50, 1, 0.9, 10)])])
        assert found["ap"] == pytest.approx(1.0)


class TestPanopticQuality:
    """By torchmetrics, without the background."""

    def test_by_hand(self) -> None:
        # Class 0: one hit of IoU .8, one miss: pq = .8 / 1.5. Class 2: found where nothing is: 0.
        found = panoptic_quality(
            [scene([(0, 0), (30, 0)], [(0, 0, 0.9, 8), (60, 2, 0.5, 10)])], classes=4
        )
        assert found["pq"] == pytest.approx((0.8 / 1.5 + 0.0) / 2)
        assert found["rq"] == pytest.approx((1 / 1.5 + 0.0) / 2)

    def test_absent_classes_are_left_out(self) -> None:
        found = panoptic_quality([scene([(0, 1)], [(0, 1, 0.9, 10)])], classes=5)
        assert found == pytest.approx({"pq": 1.0, "sq": 1.0, "rq": 1.0})

    def test_nothing_there(self) -> None:
        assert all(map(math.isnan, panoptic_quality([scene([], [])], classes=2).values()))
