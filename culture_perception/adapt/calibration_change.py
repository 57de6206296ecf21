"""Whether an adapter's certainty can still be trusted: its calibration error against the base's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.adapt.cells import CellTrials
from culture_perception.masks import FloatArray
from culture_perception.measure.outcomes import Cell
from culture_perception.training.calibration import calibration_error
from culture_perception.zero_shot import probabilities

_BINS: Final = 10
_RESAMPLES: Final = 1000


@dataclass(frozen=True)
class CalibrationChange:
    """The expected calibration error of some cells together.

    Attributes:
        before: with the bare base, 0 to 1.
        after: with the adapter.
        least_rise: lower end of the 95 % interval of the rise: it rose by more than chance gives.
    """

    before: float
    after: float
    least_rise: float


def calibration_change(
    before: Mapping[Cell, CellTrials],
    after: Mapping[Cell, CellTrials],
    cells: Sequence[Cell],
    scales: tuple[float, float],
) -> CalibrationChange:
    """Compares the same crops, of at least one cell.

    The interval draws whole pictures anew, the same ones for both.

    Args:
        before: with the bare base.
        after: with the adapter.
        cells: which count.
        scales: logit scales before and after.
    """
    pictures = _pictures(before, cells)
    sides = [
        _confidence([found[cell] for cell in cells], scale)
        for found, scale in zip((before, after), scales, strict=True)
    ]
    old, new = (calibration_error(chances, right) for chances, right in sides)
    gaps = [_gaps(chances, right, pictures) for chances, right in sides]
    count = pictures.max() + 1
    sizes = np.bincount(pictures)
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(count, np.full(count, 1 / count), _RESAMPLES)
    errors = [np.abs(drawn @ one).sum(axis=1) / (drawn @ sizes) for one in gaps]
    return CalibrationChange(old, new, float(np.percentile(errors[1] - errors[0], 2.5)))


def calibration_error_of(tried: CellTrials, scale: float) -> float:
    """Of one cell, at a logit scale; NaN for no crops."""
    return calibration_error(*_confidence([tried], scale))


def _confidence(
    several: Sequence[CellTrials], scale: float
) -> tuple[FloatArray, NDArray[np.bool_]]:
    chances = [probabilities(one.trials.similarities, scale).max(axis=1) for one in several]
    return np.concatenate(chances), np.concatenate([one.right for one in several])


def _pictures(tried: Mapping[Cell, CellTrials], cells: Sequence[Cell]) -> NDArray[np.int64]:
    """Which picture each crop is of, 0 to G - 1; those of two label sets are never the same."""
    names = sorted({cell[0] for cell in cells})
    keys = [
        np.stack([np.full(len(found.groups), names.index(cell[0])), found.groups], axis=1)
        for cell in cells
        for found in (tried[cell],)
    ]
    _, where = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    return np.asarray(where, np.int64).reshape(-1)


def _gaps(chances: FloatArray, right: NDArray[np.bool_], pictures: NDArray[np.int64]) -> FloatArray:
    """(G, bins): by how much confidence exceeds what is right, summed over a picture's crops."""
    bins = np.minimum((chances * _BINS).astype(np.int64), _BINS - 1)
    places = pictures * _BINS + bins
    size = (pictures.max() + 1) * _BINS
    gaps = np.bincount(places, weights=chances - right, minlength=size)
    return np.asarray(gaps, np.float64).reshape(-1, _BINS)
