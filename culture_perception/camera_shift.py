"""How far everything moved in the image between two frames, because the camera did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from culture_perception.masks import BoxedMask, FloatArray, MaskArray

_MAX_OBJECTS: Final = 12  # the largest; more do not make a vote surer
_FEWEST: Final = 2  # one alone may have been moved, or be another one
_SAME_AREA: Final = 0.5
_SAME_SHIFT: Final = 0.25
_FARTHEST: Final = 3.0


def common_shift(before: Sequence[BoxedMask], after: Sequence[BoxedMask]) -> tuple[int, int]:
    """The shift (dx, dy) in pixels that most objects agree on; (0, 0) where no two do.

    Every pair of masks with about the same area proposes the shift of its boxes' centres, up to
    three times the side of a square with the mask's area. A mask agrees if it finds a partner
    there, give or take a quarter of that side, since near things shift more than far ones. Of
    shifts with equally many votes the smallest is taken; the result is the median of its voters'.

    Args:
        before: masks of the earlier frame.
        after: masks of the later frame, in any order.
    """
    largest = sorted((mask for mask in before if mask.area), key=lambda mask: -mask.area)
    sides, centres = _figures(largest[:_MAX_OBJECTS])
    sides_after, centres_after = _figures([mask for mask in after if mask.area])
    shifts = centres_after[None] - centres[:, None]
    ratios = (sides[:, None] / sides_after[None]) ** 2
    paired = (np.minimum(ratios, 1 / ratios) >= _SAME_AREA) & (
        np.linalg.norm(shifts, axis=2) <= _FARTHEST * sides[:, None]
    )
    if not paired.any():
        return 0, 0
    proposals = np.vstack([np.zeros((1, 2)), shifts[paired]])
    apart = np.linalg.norm(shifts[None] - proposals[:, None, None], axis=3)
    apart = np.where(paired[None], apart, np.inf)
    return _elected(proposals, shifts, apart, _SAME_SHIFT * sides)


def _figures(masks: Sequence[BoxedMask]) -> tuple[FloatArray, FloatArray]:
    """Sides (N,) of squares with the masks' areas, and centres (N, 2) of their boxes."""
    sides = np.sqrt([mask.area for mask in masks])
    boxes = np.array([mask.box for mask in masks], dtype=np.float64).reshape(-1, 4)
    return sides, (boxes[:, :2] + boxes[:, 2:]) / 2


def _elected(
    proposals: FloatArray, shifts: FloatArray, apart: FloatArray, tolerances: FloatArray
) -> tuple[int, int]:
    nearest = apart.argmin(axis=2)
    agrees: MaskArray = apart.min(axis=2) <= tolerances
    lengths = np.linalg.norm(proposals, axis=1)
    # Less than one vote is between the shortest and the longest.
    best = int(np.argmax(agrees.sum(axis=1) - 0.5 * lengths / max(float(lengths.max()), 1.0)))
    voters = np.flatnonzero(agrees[best])
    if len(voters) < _FEWEST:
        return 0, 0
    dx, dy = np.median(shifts[voters, nearest[best, voters]], axis=0)
    return round(float(dx)), round(float(dy))
