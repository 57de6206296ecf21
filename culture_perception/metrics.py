"""Scores of named masks against ground truth, frame by frame and summed over a cell.

A cell is one label set, language and style. A true object is covered if a mask has IoU .5 or more
with it (class-agnostic, one to one). A name is right if its mask covers an object of that concept.
A true object whose concept is not among the active labels cannot be named rightly: it counts for
the masks, any name given to it counts against precision, and it is left out of top1, recall and
unknown_rate. A figure without a sample is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from culture_perception.masks import BoxedMask
from culture_perception.matching import match_masks


@dataclass(frozen=True, eq=False)
class TruthObject:
    """An object that is in the image."""

    concept_id: str
    mask: BoxedMask


@dataclass(frozen=True, eq=False)
class ResultObject:
    """A mask that was found.

    Attributes:
        concept_id: its name; "" if it was given none.
        top1_concept_id: its first hypothesis, also where that was rejected; "" if there is none.
        mask: where it is.
    """

    concept_id: str
    top1_concept_id: str
    mask: BoxedMask


@dataclass(frozen=True)
class Counts:
    """What one frame, or many, add to a cell.

    Attributes:
        frames: frames scored.
        objects: true objects.
        covered: of these, covered by a mask.
        iou_sum: sum of IoU over covered objects.
        nameable: true objects whose concept is among the active labels.
        nameable_covered: of these, covered by a mask.
        right_top1: of these, with the right first hypothesis.
        unknown: of the nameable covered, given no name.
        names: names given, to whatever mask.
        right_names: of these, right.
    """

    frames: int = 0
    objects: int = 0
    covered: int = 0
    iou_sum: float = 0.0
    nameable: int = 0
    nameable_covered: int = 0
    right_top1: int = 0
    unknown: int = 0
    names: int = 0
    right_names: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        mine, theirs = asdict(self), asdict(other)
        return Counts(**{key: mine[key] + theirs[key] for key in mine})


@dataclass(frozen=True)
class CellScores:
    """Scores of one cell, field by field as in CellScores.msg (without the cell's own name)."""

    frames: int
    n: int
    mask_recall_iou50: float
    mean_iou: float
    mean_iou_matched: float
    top1: float
    precision: float
    recall: float
    f1: float
    unknown_rate: float
    latency_ms_p50: float
    latency_ms_p99: float

    def to_json(self) -> dict[str, int | float | None]:
        """By field name, for JSON, which has no NaN: a figure without a sample is None."""
        return {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in asdict(self).items()
        }


def score_frame(
    truth: Sequence[TruthObject], found: Sequence[ResultObject], active: Collection[str]
) -> Counts:
    """Compares what was found in one frame with what is in it.

    Args:
        truth: objects in the image; may be empty.
        found: masks found in it; may be empty.
        active: concept ids of the labels that were in use.
    """
    pairs = match_masks([true.mask for true in truth], [result.mask for result in found])
    overlaps = [overlap for _, overlap in pairs.values()]
    known = [i for i, true in enumerate(truth) if true.concept_id in active]
    answers = [(truth[i].concept_id, found[pairs[i][0]]) for i in known if i in pairs]
    return Counts(
        frames=1,
        objects=len(truth),
        covered=len(pairs),
        iou_sum=math.fsum(overlaps),
        nameable=len(known),
        nameable_covered=len(answers),
        right_top1=sum(result.top1_concept_id == concept_id for concept_id, result in answers),
        unknown=sum(result.concept_id == "" for _, result in answers),
        names=sum(result.concept_id != "" for result in found),
        right_names=sum(result.concept_id == concept_id for concept_id, result in answers),
    )


class CellAccumulator:
    """Adds up frames of one cell."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._latencies_ms: list[float] = []

    def add(self, frame: Counts, latency_ms: float | None = None) -> None:
        """Adds a frame and, if it was measured, its latency (milliseconds)."""
        self.counts += frame
        if latency_ms is not None:
            self._latencies_ms.append(latency_ms)

    def scores(self) -> CellScores:
        """The figures over everything added so far."""
        counts = self.counts
        precision = _share(counts.right_names, counts.names)
        recall = _share(counts.right_names, counts.nameable)
        return CellScores(
            frames=counts.frames,
            n=counts.objects,
            mask_recall_iou50=_share(counts.covered, counts.objects),
            mean_iou=_share(counts.iou_sum, counts.objects),
            mean_iou_matched=_share(counts.iou_sum, counts.covered),
            top1=_share(counts.right_top1, counts.nameable_covered),
            precision=precision,
            recall=recall,
            f1=_share(2 * counts.right_names, counts.names + counts.nameable),
            unknown_rate=_share(counts.unknown, counts.nameable_covered),
            latency_ms_p50=_percentile(self._latencies_ms, 50),
            latency_ms_p99=_percentile(self._latencies_ms, 99),
        )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _percentile(samples_ms: Sequence[float], q: float) -> float:
    return float(np.percentile(samples_ms, q)) if samples_ms else math.nan
