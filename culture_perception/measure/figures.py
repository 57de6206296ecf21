"""One measured figure, and what it should reach."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culture_perception.measure.intervals import NO_INTERVAL, Interval, clustered

Form: TypeAlias = Literal["percent", "number"]


NOTHING: Final = "–"


@dataclass(frozen=True)
class Target:
    """What a figure should reach: at least or at most a limit."""

    limit: float
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a value reaches it; NaN does not."""
        return value <= self.limit if self.at_most else value >= self.limit


TARGETS: Final[Mapping[str, Target]] = {
    "segmenter.ycb.recall_iou50": Target(0.92),
    "segmenter.ycb.matched_iou": Target(0.85),
    "segmenter.konbini.recall_iou50": Target(0.92),
    "segmenter.konbini.matched_iou": Target(0.85),
    "segmenter.scans.recall_iou50": Target(0.85),
    "encoder.ycb.en.plain.top1": Target(0.88),
    "encoder.ycb.en.brand.top1": Target(0.85),
    "encoder.scans.en.plain.top1": Target(0.75),
    "encoder.ycb.en.plain.calibration_error": Target(0.05, at_most=True),
    "held.plain.top1": Target(0.88),
    "held.type_and_content.top1": Target(0.50),
    "held.plain.calibration_error": Target(0.05, at_most=True),
    "rejection.held.unknown": Target(0.80),
    "rejection.held.false": Target(0.05, at_most=True),
    "rejection.ycb.unknown": Target(0.80),
    "rejection.ycb.false": Target(0.05, at_most=True),
    "adapter.japan.konbini.ja.plain.top1": Target(0.80),
    "adapter.japan.konbini.ja.brand.top1": Target(0.80),
    "adapter.japan.konbini.ja.plain.f1": Target(0.75),
    "adapter.japan.konbini.ja.brand.f1": Target(0.75),
    "adapter.japan.gap.ja.plain": Target(0.05, at_most=True),
    "adapter.japan.gap.ja.brand": Target(0.05, at_most=True),
    "adapter.japan.cost.ycb.en.plain": Target(0.01, at_most=True),
    "adapter.japan.cost.ycb.en.brand": Target(0.01, at_most=True),
}
"""By Figure.key; a figure without a target is reported as it is."""


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        section: the table it belongs to.
        key: stable name, such as "segmenter.ycb.recall_iou50".
        what: the same for people.
        value: the figure; NaN where nothing could be counted.
        n: how many cases it is of.
        interval: of 95 %; NaN where none is given.
        form: how it is written.
        unit: what n counts.
    """

    section: str
    key: str
    what: str
    value: float
    n: int
    interval: Interval = NO_INTERVAL
    form: Form = "number"
    unit: str = "objects"

    @property
    def target(self) -> Target | None:
        """What it should reach."""
        return TARGETS.get(self.key)

    @property
    def is_met(self) -> bool | None:
        """Whether it reaches its target; None without one."""
        return None if self.target is None else self.target.is_met(self.value)

    def to_json(self) -> dict[str, Any]:
        """By field name; NaN, which JSON has not, is None."""
        return {
            "section": self.section,
            "key": self.key,
            "what": self.what,
            "value": _or_none(self.value),
            "n": self.n,
            "unit": self.unit,
            "interval_95": [_or_none(end) for end in self.interval],
            "target": None if self.target is None else self.target.limit,
            "target_is_met": self.is_met,
        }


def share(
    section: str,
    key: str,
    what: str,
    right: Sequence[bool] | NDArray[np.bool_],
    clusters: Sequence[int] | NDArray[np.int64],
    unit: str = "objects",
    n: int | None = None,
) -> Figure:
    """The share of cases that are right.

    Args:
        section: see Figure.
        key: see Figure.
        what: see Figure.
        right: (N,) of each case.
        clusters: (N,) which cases go together: 0 or more, the number of the scene or product.
        unit: what n counts.
        n: the number of independent cases, where one case was tried several times; N if None.
    """
    cases = np.asarray(right, dtype=np.float64)
    groups = np.asarray(clusters, dtype=np.int64)
    interval = clustered(np.bincount(groups, weights=cases), np.bincount(groups))
    value = float(cases.mean()) if len(cases) else math.nan
    count = len(cases) if n is None else n
    return Figure(section, key, what, value, count, interval, "percent", unit)


def written(value: float, form: Form) -> str:
    """A value for people; NaN is a dash."""
    if math.isnan(value):
        return NOTHING
    return f"{100 * value:.1f} %" if form == "percent" else f"{value:.3f}"


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
