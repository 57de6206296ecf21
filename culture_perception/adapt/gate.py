"""The gate: did the adapter help where it should, and hurt nowhere else? Paired, with intervals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.adapt.calibration_change import calibration_change, calibration_error_of
from culture_perception.adapt.cells import CellTrials
from culture_perception.masks import FloatArray
from culture_perception.measure.intervals import Interval, clustered, wilson
from culture_perception.measure.outcomes import Cell

ALLOWED_DROP: Final = 0.01
"""Of top-1 in a cell that is no target, beyond the interval of the change."""
ALLOWED_MISCALIBRATION: Final = 0.02
"""By how much the expected calibration error of the target's or of the other cells may rise,
beyond the interval of the change."""
_RESAMPLES: Final = 2000


@dataclass(frozen=True)
class Side:
    """One cell with the bare base or with the adapter; shares from 0 to 1."""

    top1: float
    interval: Interval
    calibration_error: float


@dataclass(frozen=True)
class CellResult:
    """One cell before and after, on the same crops.

    Attributes:
        cell: label set, language and style.
        is_target: whether the adapter is for it.
        count: crops.
        before: with the bare base.
        after: with the adapter.
        change: of top-1.
        change_interval: of that, 95 %.
    """

    cell: Cell
    is_target: bool
    count: int
    before: Side
    after: Side
    change: float
    change_interval: Interval

    def record(self) -> dict[str, Any]:
        """As JSON has it; before and after are top-1."""
        return {
            **dict(zip(("label_set", "language", "style"), self.cell, strict=True)),
            "target": self.is_target,
            "n": self.count,
            "before": self.before.top1,
            "before_interval": list(self.before.interval),
            "before_calibration_error": self.before.calibration_error,
            "after": self.after.top1,
            "after_interval": list(self.after.interval),
            "after_calibration_error": self.after.calibration_error,
            "change": self.change,
            "change_interval": list(self.change_interval),
        }


@dataclass(frozen=True)
class Verdict:
    """What the gate found.

    Attributes:
        cells: each before and after.
        faults: why it does not let the adapter pass; empty: it does.
    """

    cells: tuple[CellResult, ...]
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


@dataclass(frozen=True, eq=False)
class Measured:
    """All cells under one state of the encoder.

    Attributes:
        cells: on the test crops.
        logit_scale: of the calibration that goes with the state.
    """

    cells: Mapping[Cell, CellTrials]
    logit_scale: float


def judge(before: Measured, after: Measured, targets: Collection[Cell]) -> Verdict:
    """Compares the same crops before and after.

    Args:
        before: with the bare base.
        after: with the adapter; the same cells and crops. All are judged at the adapter's logit
            scale, as an encoder that has the adapter on uses no other.
        targets: cells that are to be better.
    """
    results = tuple(
        _result(cell, before, after, cell in targets)
        for cell in before.cells
        if cell in after.cells
    )
    return Verdict(results, tuple(_faults(results, before, after)))


def paired_interval(change: FloatArray, groups: NDArray[np.int64]) -> Interval:
    """95 % interval of the mean of changes (N,), -1, 0 or 1; whole groups are drawn anew.

    Where all changed alike, or nothing did, there is nothing to draw: then it reaches as far as
    Wilson's interval of a share of 0 does.

    Args:
        change: at least one.
        groups: (N,) which go together.
    """
    if (change == change[0]).all():
        reach, all_alike = wilson(0, len(np.unique(groups)))[1], float(change[0])
        return max(-1.0, all_alike - reach), min(1.0, all_alike + reach)
    _, where = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(where, change), np.bincount(where)], axis=1)
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), _RESAMPLES) @ sums
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(low), float(high)


def _result(cell: Cell, before: Measured, after: Measured, is_target: bool) -> CellResult:
    old, new = before.cells[cell], after.cells[cell]
    change = new.right.astype(np.float64) - old.right
    return CellResult(
        cell=cell,
        is_target=is_target,
        count=len(change),
        before=_side(old, before.logit_scale),
        after=_side(new, after.logit_scale),
        change=float(change.mean()),
        change_interval=paired_interval(change, old.groups),
    )


def _side(tried: CellTrials, scale: float) -> Side:
    right, groups = tried.right, np.unique(tried.groups, return_inverse=True)[1]
    interval = clustered(np.bincount(groups, right), np.bincount(groups))
    return Side(float(right.mean()), interval, calibration_error_of(tried, scale))


def _faults(results: Sequence[CellResult], before: Measured, after: Measured) -> list[str]:
    faults = []
    for one in results:
        name = "/".join(one.cell)
        if one.change_interval[1] < (0.0 if one.is_target else -ALLOWED_DROP):
            faults.append(f"{name} fell from {one.before.top1:.1%} to {one.after.top1:.1%}")
    targets = [one.cell for one in results if one.is_target]
    faults += _not_up(targets, before, after)
    others = [one.cell for one in results if not one.is_target]
    for kind, cells in (("the target's cells", targets), ("the other cells", others)):
        if not cells:
            continue
        scales = before.logit_scale, after.logit_scale
        change = calibration_change(before.cells, after.cells, cells, scales)
        if change.least_rise > ALLOWED_MISCALIBRATION:
            faults.append(
                f"calibration error of {kind} rose from {change.before:.3f} to {change.after:.3f}"
            )
    return faults


def _not_up(targets: Sequence[Cell], before: Measured, after: Measured) -> list[str]:
    """The target's cells together must gain, beyond their interval, unless nothing was wrong."""
    if not targets:
        return ["no target cell was measured"]
    old = np.concatenate([before.cells[cell].right for cell in targets])
    new = np.concatenate([after.cells[cell].right for cell in targets])
    groups = np.concatenate([before.cells[cell].groups for cell in targets])
    low = paired_interval(new.astype(np.float64) - old, groups)[0]
    if low > 0 or (old.all() and new.all()):
        return []
    gain = f"{old.mean():.1%} to {new.mean():.1%}"
    return [f"the target's cells did not gain beyond their interval ({gain} together)"]
