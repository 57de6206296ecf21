"""Intervals of 95 % around shares and means."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

Interval: TypeAlias = tuple[float, float]

_Z: Final = 1.959964
_RESAMPLES: Final = 2000
NO_INTERVAL: Final = (math.nan, math.nan)


def wilson(right: float, total: float) -> Interval:
    """Wilson's interval of a share of independent cases; NaN for none."""
    if not total:
        return NO_INTERVAL
    share, z2 = right / total, _Z**2
    middle = share + z2 / (2 * total)
    half = _Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
    scale = 1 + z2 / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def clustered(parts: ArrayLike, wholes: ArrayLike) -> Interval:
    """The interval of sum(parts) / sum(wholes), where cases of one cluster go together.

    Whole clusters (the objects of one scene, the crops of one product) are drawn anew with
    replacement, from a fixed seed. A share of 0 or 1 leaves nothing to draw: there it is Wilson's.

    Args:
        parts: (K,) of each cluster, for example how many of its objects were found.
        wholes: (K,) of each cluster, for example how many objects it has.

    Returns:
        Lower and upper end; NaN for no cluster with anything in it.
    """
    part, whole = np.asarray(parts, dtype=np.float64), np.asarray(wholes, dtype=np.float64)
    total = float(whole.sum())
    if not total:
        return NO_INTERVAL
    if float(part.sum()) in (0.0, total):
        return wilson(float(part.sum()), total)
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(len(whole), np.full(len(whole), 1 / len(whole)), _RESAMPLES)
    sums = drawn @ np.stack([part, whole], axis=1)
    some = sums[:, 1] > 0
    low, high = np.percentile(sums[some, 0] / sums[some, 1], [2.5, 97.5])
    return float(low), float(high)
