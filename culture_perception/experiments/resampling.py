"""Intervals where cases share scenes and objects: both are drawn anew, as in Owen's bootstrap.

A case (an object in a scene, a label asked for in a scene) belongs to one scene and one object.
Scenes and objects are drawn with replacement, each for itself, and a case counts as often as the
product of the two (A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1(2),
2007, https://doi.org/10.1214/07-AOAS122). With scenes alone, intervals would be too narrow for any
statement about other products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import FloatArray
from culture_perception.measure.intervals import wilson

Statistic: TypeAlias = Callable[[FloatArray], FloatArray]
"""From sums (..., F) of columns to a figure (...); NaN where there is none."""

RESAMPLES: Final = 2000
_ENDS: Final = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class Clusters:
    """What cases belong to.

    Attributes:
        scenes: (N,) names or numbers.
        objects: (N,) names or numbers.
    """

    scenes: NDArray[np.str_]
    objects: NDArray[np.str_]

    def __post_init__(self) -> None:
        """Refuses arrays of different length.

        Raises:
            ValueError: they differ.
        """
        if self.scenes.shape != self.objects.shape or self.scenes.ndim != 1:
            raise ValueError(f"{self.scenes.shape} scenes and {self.objects.shape} objects")

    def drawn(self, resamples: int = RESAMPLES, seed: int = 0) -> FloatArray:
        """(R, N): how often each case counts in each resample; one seed gives one draw.

        Cases of the same scenes and objects get the same counts, so differences are paired.
        """
        counts = [
            _multinomial(values, resamples, np.random.default_rng([seed, which]))
            for which, values in enumerate((self.scenes, self.objects))
        ]
        return np.asarray(counts[0] * counts[1])


def _multinomial(values: NDArray[np.str_], resamples: int, rng: np.random.Generator) -> FloatArray:
    names, index = np.unique(values, return_inverse=True)
    if not len(names):
        return np.zeros((resamples, 0))
    even = np.full(len(names), 1 / len(names))
    return rng.multinomial(len(names), even, resamples)[:, index].astype(np.float64)


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval of 95 %; NaN where nothing could be counted."""

    value: float
    low: float
    high: float


def estimate(columns: FloatArray, clusters: Clusters, statistic: Statistic) -> Estimate:
    """A figure of all cases (N, F), and where it lies in 95 % of the resamples.

    A figure that is the same in all of them (nothing was ever right, say) has no interval: of its
    spread nothing was learned.
    """
    draws = statistic(clusters.drawn() @ columns)
    found = _estimate(float(statistic(columns.sum(axis=0))), draws)
    return found if found.low < found.high else Estimate(found.value, np.nan, np.nan)


def difference(
    first: FloatArray, second: FloatArray, clusters: Clusters, statistic: Statistic
) -> Estimate:
    """First less second, both of the same cases (N, F): paired."""
    drawn = clusters.drawn()
    value = statistic(first.sum(axis=0)) - statistic(second.sum(axis=0))
    return _estimate(float(value), statistic(drawn @ first) - statistic(drawn @ second))


def contrast(parts: Sequence[tuple[float, FloatArray, Clusters]], statistic: Statistic) -> Estimate:
    """A weighted sum of figures of several groups of cases.

    Groups of the same scenes and objects are drawn together; what only some of them have, alone.

    Args:
        parts: weight, columns (N, F) and clusters of each group.
        statistic: as in estimate.
    """
    scenes, objects = (
        _Draws([getattr(clusters, name) for _, _, clusters in parts], which)
        for which, name in enumerate(("scenes", "objects"))
    )
    value, draws = 0.0, np.zeros(RESAMPLES)
    for weight, columns, clusters in parts:
        drawn = scenes.of(clusters.scenes) * objects.of(clusters.objects)
        value += weight * float(statistic(columns.sum(axis=0)))
        draws = draws + weight * statistic(drawn @ columns)
    return _estimate(value, draws)


class _Draws:
    """One draw of clusters for several groups: names that always come together are one pool."""

    def __init__(self, groups: Sequence[NDArray[np.str_]], which: int) -> None:
        present: dict[str, tuple[int, ...]] = {}
        for number, values in enumerate(groups):
            for name in np.unique(values):
                present[str(name)] = (*present.get(str(name), ()), number)
        self._row: dict[str, int] = {}
        columns = []
        for pool in sorted(set(present.values())):
            names = sorted(name for name, groups_of in present.items() if groups_of == pool)
            rng = np.random.default_rng([0, which, *pool])
            self._row.update({name: len(self._row) + i for i, name in enumerate(names)})
            columns.append(_multinomial(np.array(names), RESAMPLES, rng))
        self._counts = np.concatenate(columns, axis=1) if columns else np.zeros((RESAMPLES, 0))

    def of(self, values: NDArray[np.str_]) -> FloatArray:
        index = [self._row[str(value)] for value in values]
        return np.asarray(self._counts[:, index])


def _estimate(value: float, draws: FloatArray) -> Estimate:
    known = draws[np.isfinite(draws)]
    if not len(known) or not np.isfinite(value):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.percentile(known, _ENDS)
    return Estimate(value, float(low), float(high))


def ratio(part: int, whole: int) -> Statistic:
    """The statistic sum of column `part` over sum of column `whole`."""

    def statistic(sums: FloatArray) -> FloatArray:
        return divided(sums[..., part], sums[..., whole])

    return statistic


def divided(parts: FloatArray, wholes: FloatArray) -> FloatArray:
    """Parts over wholes, NaN where the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(wholes > 0, parts / wholes, np.nan))


def share_estimate(right: NDArray[np.bool_], clusters: Clusters) -> Estimate:
    """The share of cases (N,) that are right.

    Where all or none are, nothing is left to draw: the interval is Wilson's of as many cases as
    there are objects, the fewest that the cases can be worth.
    """
    columns = np.stack([right.astype(np.float64), np.ones(len(right))], axis=1)
    if len(right) and right.all() == right.any():
        objects = len(np.unique(clusters.objects))
        value = float(right[0])
        low, high = wilson(value * objects, objects)
        return Estimate(value, min(low, value), max(high, value))  # whatever rounding did
    return estimate(columns, clusters, ratio(0, 1))
