"""Which found mask is which true object, regardless of names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from culture_perception.masks import BoxedMask, FloatArray, pairwise_iou_boxed

MIN_IOU: Final = 0.5


def match_masks(
    truth: Sequence[BoxedMask], found: Sequence[BoxedMask], min_iou: float = MIN_IOU
) -> dict[int, tuple[int, float]]:
    """Pairs true and found masks one to one so that the sum of their IoU is highest.

    Returns:
        Index in truth -> (index in found, IoU), only of pairs with an IoU of min_iou or more.
    """
    return match_by_iou(pairwise_iou_boxed(truth, found), min_iou)


def match_by_iou(iou: FloatArray, min_iou: float = MIN_IOU) -> dict[int, tuple[int, float]]:
    """As match_masks, from the IoU of each true (row) with each found mask (column)."""
    # Too small overlaps count nothing before the pairing, so that they cannot take a mask away.
    worth = np.where(iou >= min_iou, iou, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return {
        int(row): (int(column), float(iou[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if worth[row, column] > 0
    }
