"""Intervals, by hand and by what they must cover."""

from __future__ import annotations

import math

import numpy as np
import pytest

from culture_perception.measure.intervals import clustered, wilson


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        (44, 50, 0.762, 0.944),  # as in Wilson's formula, by hand
        (0, 10, 0.0, 0.278),
        (10, 10, 0.722, 1.0),
    ],
)
def test_wilson(right: int, total: int, low: float, high: float) -> None:
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-4)


def test_nothing_has_no_interval() -> None:
    assert all(math.isnan(end) for end in (*wilson(0, 0), *clustered([], []), *clustered([0], [0])))


def test_cases_of_their_own_give_nearly_wilsons_interval() -> None:
    right = np.arange(200) < 150
    assert clustered(right, np.ones(200)) == pytest.approx(wilson(150, 200), abs=0.02)


def test_cases_that_go_together_are_worth_one() -> None:
    """20 clusters of 10 equal cases are 20 cases, not 200."""
    right = np.arange(20) < 15
    low, high = clustered(10 * right, np.full(20, 10))
    assert (low, high) == pytest.approx(wilson(15, 20), abs=0.05)
    assert high - low > 2 * (wilson(150, 200)[1] - wilson(150, 200)[0])


def test_the_same_at_every_call() -> None:
    assert clustered([1, 2, 0], [2, 2, 2]) == clustered([1, 2, 0], [2, 2, 2])


def test_all_right_is_not_certain() -> None:
    assert clustered([5, 5], [5, 5]) == wilson(10, 10)
