"""How well a segmenter finds the objects of rendered scenes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import pairwise_iou
from culture_perception.protocols import Segment, Segmenter
from culture_perception.training.segmenter_data import (
    Frame,
    FrameRecord,
    ObjectRecord,
    read_frame,
)

MATCH_IOU = 0.5
MIN_VISIBILITY = 0.5
MIN_VISIBLE_PX = 120

Overlaps = NDArray[np.float64]


@dataclass(frozen=True)
class SegmenterFigures:
    """Figures over a set of frames.

    Attributes:
        images: frames evaluated.
        objects: objects that count: at least half visible, or of at least 120 pixels where the
            visibility was not measured.
        recall_iou50: share of those that some mask covers with an IoU of at least .5.
        matched_iou: mean IoU of the best mask of each object found; 0 if none was.
        spurious_per_image: masks an image that cover no object (of any size) with an IoU of .5.
        seconds_per_image: mean time of one image.
    """

    images: int
    objects: int
    recall_iou50: float
    matched_iou: float
    spurious_per_image: float
    seconds_per_image: float

    def to_json(self) -> dict[str, float]:
        """The figures by name, rounded to four digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class FrameOverlaps:
    """Masks of a frame against its objects.

    Attributes:
        overlaps: (N, M) IoU of each mask with each object.
        counts: (M,) bool: whether the object counts for recall.
        seconds: time that the masks took.
    """

    overlaps: Overlaps
    counts: NDArray[np.bool_]
    seconds: float = 0.0


def evaluate_segmenter(segmenter: Segmenter, frames: Iterable[FrameRecord]) -> SegmenterFigures:
    """Segment each frame and compare the masks with its ids."""
    return figures([_segmented(segmenter, record) for record in frames])


def figures(results: Sequence[FrameOverlaps]) -> SegmenterFigures:
    """Sum up frames; recall is 0 where no object counts."""
    best = np.concatenate([_best_of_counting(result) for result in results] or [np.zeros(0)])
    found = best[best >= MATCH_IOU]
    spurious = sum(_count_spurious(result.overlaps) for result in results)
    images = max(len(results), 1)
    return SegmenterFigures(
        images=len(results),
        objects=len(best),
        recall_iou50=len(found) / max(len(best), 1),
        matched_iou=float(found.mean()) if len(found) else 0.0,
        spurious_per_image=spurious / images,
        seconds_per_image=sum(result.seconds for result in results) / images,
    )


def compared(segments: Sequence[Segment], frame: Frame, record: FrameRecord) -> FrameOverlaps:
    """The overlaps of segments with a frame's objects."""
    objects = record.objects
    truth = np.stack([frame.ids == item.instance_id for item in objects]) if objects else None
    counts = np.array([_counts(item) for item in objects], dtype=np.bool_)
    if truth is None or not segments:
        return FrameOverlaps(np.zeros((len(segments), len(objects))), counts)
    masks = np.stack([segment.mask for segment in segments])
    return FrameOverlaps(pairwise_iou(masks, truth), counts)


def _segmented(segmenter: Segmenter, record: FrameRecord) -> FrameOverlaps:
    frame = read_frame(record)
    start = perf_counter()
    segments = segmenter.segment(frame.image_rgb)
    seconds = perf_counter() - start
    result = compared(segments, frame, record)
    return FrameOverlaps(result.overlaps, result.counts, seconds)


def _counts(item: ObjectRecord) -> bool:
    if item.visibility is not None:
        return item.visibility >= MIN_VISIBILITY
    return item.visible_px >= MIN_VISIBLE_PX


def _best_of_counting(result: FrameOverlaps) -> NDArray[np.float64]:
    """The best IoU of each object that counts."""
    best: NDArray[np.float64] = result.overlaps.max(axis=0, initial=0.0)[result.counts]
    return best


def _count_spurious(overlaps: Overlaps) -> int:
    return int(np.count_nonzero(overlaps.max(axis=1, initial=0.0) < MATCH_IOU))
