"""Whether two label sets differ on the same cases, and what is left of it after many questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from culture_perception.masks import FloatArray


@dataclass(frozen=True)
class PairedTest:
    """McNemar's exact test of two series of right and wrong answers to the same cases.

    Attributes:
        only_first: cases that only the first answered rightly.
        only_second: cases that only the second did.
        p: two-sided; 1 where they never differ.
    """

    only_first: int
    only_second: int
    p: float


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> PairedTest:
    """The exact (binomial) form, which needs no large numbers.

    Cases count as independent, which several of one object are not quite: read it beside the
    paired interval.

    Args:
        first: (N,) which cases were answered rightly.
        second: (N,) the same of the other series.

    Raises:
        ValueError: the two differ in length.
    """
    if first.shape != second.shape:
        raise ValueError(f"{first.shape} and {second.shape} answers are not of the same cases")
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    split = only_first + only_second
    p = float(binomtest(only_first, split, 0.5).pvalue) if split else 1.0
    return PairedTest(only_first, only_second, p)


def holm(ps: Sequence[float]) -> FloatArray:
    """Holm's adjusted p-values, in the order given: (K,).

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6(2), 1979: the k-th smallest of K is multiplied by K - k + 1, never below the
    adjusted one before it, never above 1.
    """
    values = np.asarray(ps, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted
