"""How far masks agree with a reference's and with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from culture_perception.masks import MaskArray, pairwise_iou

FOUND_IOU: Final = 0.5


@dataclass(frozen=True)
class Agreement:
    """Of ours with the reference's masks, over all frames.

    Attributes:
        reference: masks of the reference.
        ours: masks of ours.
        identical: masks of the reference that ours has pixel by pixel.
        found: masks of the reference that one of ours covers with FOUND_IOU or more.
        matched_iou: mean IoU of these with the best of ours; None: there are none.
    """

    reference: int
    ours: int
    identical: int
    found: int
    matched_iou: float | None

    @property
    def missed_points(self) -> float:
        """Masks of the reference that ours lacks, per cent; 0 where there are none."""
        return 100 * (1 - self.found / self.reference) if self.reference else 0.0


def agreement(
    reference: Sequence[Sequence[MaskArray]], ours: Sequence[Sequence[MaskArray]]
) -> Agreement:
    """Compares masks frame by frame.

    Args:
        reference: masks (H, W) of each frame.
        ours: masks of the same frames.
    """
    best = [_best_iou(theirs, mine) for theirs, mine in zip(reference, ours, strict=True)]
    scores = np.concatenate(best) if best else np.zeros(0)
    found = scores[scores >= FOUND_IOU]
    return Agreement(
        reference=len(scores),
        ours=sum(map(len, ours)),
        identical=int((scores == 1.0).sum()),
        found=len(found),
        matched_iou=float(found.mean()) if found.size else None,
    )


def recall(truth: Sequence[Sequence[MaskArray]], found: Sequence[Sequence[MaskArray]]) -> float:
    """Share of the true masks that a mask covers with FOUND_IOU or more; 0 where there are none."""
    best = [_best_iou(wanted, masks) for wanted, masks in zip(truth, found, strict=True)]
    scores = np.concatenate(best) if best else np.zeros(0)
    return float((scores >= FOUND_IOU).mean()) if scores.size else 0.0


def _best_iou(
    wanted: Sequence[MaskArray], found: Sequence[MaskArray]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if not wanted or not found:
        return np.zeros(len(wanted))
    return np.asarray(pairwise_iou(wanted, found).max(axis=1))
