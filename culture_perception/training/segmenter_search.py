"""The embedded segmenter's thresholds, chosen on validation frames.

Each frame is segmented once with everything let through; the thresholds are then tried on the
stored overlaps. Stability stays at the published rule, > .9: only the offset at which it is
measured is the model's own, because objects here are a few cells wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import pairwise_iou
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import CanvasSam
from culture_perception.training.segmenter_data import FrameRecord, read_frame
from culture_perception.training.segmenter_evaluation import (
    FrameOverlaps,
    SegmenterFigures,
    compared,
    figures,
)

BASE_OPTIONS = MaskGeneratorOptions(
    points_per_side=0,
    pred_iou_thresh=0.6,
    stability_score_thresh=0.9,
    stability_score_offset=0.25,
    box_nms_thresh=0.95,
    centre_prompts=True,
    centre_threshold=0.2,
    mask_nms_thresh=0.6,
    min_area=60,
    max_area_share=0.35,
    snap_edges=True,
    mode="fast",
    low_resolution_filters=False,
)
"""What the embedded segmenter starts from. Filters on small logits would save it no time, since a
few dozen masks are all there is, and lose one to two points of recall."""

PRED_IOU_CHOICES = tuple(round(0.2 + 0.05 * step, 2) for step in range(14))
STABILITY_CHOICES = (0.9,)
OFFSET_CHOICES = (0.05, 0.07, 0.1, 0.15)
MASK_NMS_CHOICES = (0.3, 0.4, 0.5, 0.6)
RECALL_WEIGHT = 2.0
"""How much more than precision recall counts (F-beta): a spurious mask can still be rejected by
the recognition, an object without a mask is lost."""


@dataclass(frozen=True)
class Candidates:
    """Everything that a frame's prompts gave, in any order.

    Attributes:
        predicted_iou: (N,).
        stability: (N,) at the offset of the options it was made with.
        mutual: (N, N) IoU of the masks with each other.
        truth: overlaps with the frame's objects.
    """

    predicted_iou: NDArray[np.float64]
    stability: NDArray[np.float64]
    mutual: NDArray[np.float64]
    truth: FrameOverlaps


@dataclass(frozen=True)
class Choice:
    """Thresholds and what they gave on the frames they were chosen on."""

    pred_iou_thresh: float
    stability_score_thresh: float
    mask_nms_thresh: float
    figures: SegmenterFigures

    @property
    def score(self) -> float:
        """F-beta of the masks; 0 where nothing was found."""
        hits = self.figures.recall_iou50 * self.figures.objects
        spurious = self.figures.spurious_per_image * self.figures.images
        precision = hits / max(hits + spurious, 1.0)
        weight = RECALL_WEIGHT**2
        both = weight * precision + self.figures.recall_iou50
        return (1.0 + weight) * precision * self.figures.recall_iou50 / both if both else 0.0


def collect(
    sam: CanvasSam, options: MaskGeneratorOptions, frames: Sequence[FrameRecord]
) -> list[Candidates]:
    """Candidates of each frame, prompted as `options` say but hardly filtered."""
    loose = {
        "pred_iou_thresh": 0.15,
        "stability_score_thresh": 0.5,
        "mask_nms_thresh": 1.0,
        "snap_edges": False,
    }
    segmenter = SamSegmenter(sam, "candidates", options.changed(loose))
    return [_candidates(segmenter, record) for record in frames]


def best_choice(candidates: Sequence[Candidates]) -> Choice:
    """The thresholds with the best score; the first of equals."""
    grid = product(PRED_IOU_CHOICES, STABILITY_CHOICES, MASK_NMS_CHOICES)
    choices = [_choice(candidates, *thresholds) for thresholds in grid]
    return max(choices, key=lambda choice: choice.score)


def _candidates(segmenter: SamSegmenter, record: FrameRecord) -> Candidates:
    frame = read_frame(record)
    segments = segmenter.segment(frame.image_rgb)
    coarse = [segment.mask[::2, ::2] for segment in segments]
    masks = np.stack(coarse) if coarse else np.zeros((0, 1, 1), np.bool_)
    return Candidates(
        predicted_iou=np.array([segment.predicted_iou for segment in segments]),
        stability=np.array([segment.stability for segment in segments]),
        mutual=pairwise_iou(masks, masks),
        truth=compared(segments, frame, record),
    )


def _choice(
    candidates: Sequence[Candidates], pred_iou: float, stability: float, mask_nms: float
) -> Choice:
    kept = [_filtered(item, pred_iou, stability, mask_nms) for item in candidates]
    return Choice(pred_iou, stability, mask_nms, figures(kept))


def _filtered(
    item: Candidates, pred_iou: float, stability: float, mask_nms: float
) -> FrameOverlaps:
    """What the segmenter would keep: see `without_duplicates`."""
    best_first = np.argsort(-item.predicted_iou * item.stability, kind="stable")
    passes = (item.predicted_iou > pred_iou) & (item.stability >= stability)
    kept: list[int] = []
    for index in best_first[passes[best_first]].tolist():
        if not kept or item.mutual[index, kept].max() <= mask_nms:
            kept.append(index)
    return FrameOverlaps(item.truth.overlaps[kept], item.truth.counts)
