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
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Literal, TypeAlias

from culture_perception.histogram import LatencyHistogram
from culture_perception.masks import BoxedMask
from culture_perception.matching import match_masks

Verdict: TypeAlias = Literal["right", "wrong", "unknown", "missed"]


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
class ObjectOutcome:
    """What became of one true object.

    Attributes:
        concept_id: what it is.
        nameable: whether that is among the active labels.
        iou: of the mask that covers it; 0.0 where none does.
        name: concept id that this mask was given; "" if it was given none, or nothing covers.
        top1: its first hypothesis, likewise.
    """

    concept_id: str
    nameable: bool
    iou: float
    name: str
    top1: str

    @property
    def covered(self) -> bool:
        """Whether a mask covers it."""
        return self.iou > 0

    @property
    def verdict(self) -> Verdict:
        """In one word; a name given to what no label names is wrong."""
        if not self.covered:
            return "missed"
        if not self.name:
            return "unknown"
        return "right" if self.nameable and self.name == self.concept_id else "wrong"


@dataclass(frozen=True)
class Counts:
    """What one frame, or many, add to a cell. Sums are exact, so that their order is nothing.

    Attributes:
        frames: frames scored.
        objects: true objects.
        covered: of these, covered by a mask.
        iou_sum: exact sum of IoU (floats) over covered objects.
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
    iou_sum: Fraction = Fraction(0)
    nameable: int = 0
    nameable_covered: int = 0
    right_top1: int = 0
    unknown: int = 0
    names: int = 0
    right_names: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        names = [one.name for one in fields(self)]
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


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


@dataclass(frozen=True)
class JudgedFrame:
    """One frame, object by object.

    Attributes:
        objects: in the order of the truth.
        names: names given, to whatever mask.
    """

    objects: tuple[ObjectOutcome, ...]
    names: int

    @property
    def counts(self) -> Counts:
        """What it adds to its cell."""
        covered = [one for one in self.objects if one.covered]
        answers = [one for one in covered if one.nameable]
        return Counts(
            frames=1,
            objects=len(self.objects),
            covered=len(covered),
            iou_sum=sum((Fraction(one.iou) for one in covered), Fraction(0)),
            nameable=sum(one.nameable for one in self.objects),
            nameable_covered=len(answers),
            right_top1=sum(one.top1 == one.concept_id for one in answers),
            unknown=sum(one.verdict == "unknown" for one in answers),
            names=self.names,
            right_names=sum(one.verdict == "right" for one in answers),
        )


def judge_frame(
    truth: Sequence[TruthObject], found: Sequence[ResultObject], active: Collection[str]
) -> JudgedFrame:
    """Compares what was found in one frame with what is in it.

    Args:
        truth: objects in the image; may be empty.
        found: masks found in it; may be empty.
        active: concept ids of the labels that were in use.
    """
    pairs = match_masks([true.mask for true in truth], [result.mask for result in found])
    objects = []
    for number, true in enumerate(truth):
        index, iou = pairs.get(number, (None, 0.0))
        mask = None if index is None else found[index]
        objects.append(
            ObjectOutcome(
                concept_id=true.concept_id,
                nameable=true.concept_id in active,
                iou=iou,
                name=mask.concept_id if mask else "",
                top1=mask.top1_concept_id if mask else "",
            )
        )
    return JudgedFrame(tuple(objects), sum(result.concept_id != "" for result in found))


def score_frame(
    truth: Sequence[TruthObject], found: Sequence[ResultObject], active: Collection[str]
) -> Counts:
    """As judge_frame, without telling the objects apart."""
    return judge_frame(truth, found, active).counts


@dataclass
class CellAccumulator:
    """Adds up frames of one cell; it takes the same space for one frame as for a million.

    Attributes:
        counts: of the frames added.
        latencies: of those of them whose latency was measured.
    """

    counts: Counts = field(default_factory=Counts)
    latencies: LatencyHistogram = field(default_factory=LatencyHistogram)

    def add(self, frame: Counts, latency_ms: float | None = None) -> None:
        """Adds a frame and, if it was measured, its latency (milliseconds)."""
        self.counts += frame
        if latency_ms is not None:
            self.latencies.add(latency_ms)

    def merge(self, other: CellAccumulator) -> None:
        """Adds what the other one added up."""
        self.counts += other.counts
        self.latencies.merge(other.latencies)

    def scores(self) -> CellScores:
        """The figures over everything added so far; latencies are right to half a per cent."""
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
            latency_ms_p50=self.latencies.percentile(50),
            latency_ms_p99=self.latencies.percentile(99),
        )


def _share(part: int | Fraction, whole: int) -> float:
    return float(Fraction(part, whole)) if whole else math.nan
