"""Times in bins: percentiles, order, size."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.histogram import RATIO, LatencyHistogram

TIMES = st.lists(st.floats(0.02, 1e13), min_size=1, max_size=30)


def histogram_of(times_ms: list[float]) -> LatencyHistogram:
    histogram = LatencyHistogram()
    for time_ms in times_ms:
        histogram.add(time_ms)
    return histogram


@pytest.mark.parametrize(
    ("times_ms", "q", "expected"),
    [
        pytest.param([10.0], 50, 10.0, id="one"),
        pytest.param([30.0, 10.0], 50, 20.0, id="between two"),
        pytest.param([10.0, 30.0], 99, 29.8, id="near the larger"),
        pytest.param([5.0] * 99 + [500.0], 50, 5.0, id="a rare one"),
        pytest.param([5.0] * 99 + [500.0], 100, 500.0, id="the largest"),
        pytest.param([-20.0, -10.0, 40.0], 0, -20.0, id="clocks that disagree"),
        pytest.param([0.0, 0.001], 50, 0.0, id="below the smallest bin"),
        pytest.param([1.8e12], 50, 1.8e12, id="a stamp of 1970"),
    ],
)
def test_percentiles_by_hand(times_ms: list[float], q: float, expected: float) -> None:
    assert histogram_of(times_ms).percentile(q) == pytest.approx(expected, rel=0.005)


def test_without_times_there_is_no_percentile() -> None:
    assert math.isnan(LatencyHistogram().percentile(50))


@given(TIMES, st.sampled_from([0, 50, 90, 99, 100]))
def test_percentiles_are_those_of_numpy_to_half_a_bin(times_ms: list[float], q: int) -> None:
    exact = float(np.percentile(times_ms, q))
    assert histogram_of(times_ms).percentile(q) == pytest.approx(exact, rel=(RATIO - 1) / 2)


@given(TIMES, TIMES, st.randoms())
def test_order_and_parts_change_nothing(a: list[float], b: list[float], random: object) -> None:
    together = [*a, *b]
    random.shuffle(together)  # type: ignore[attr-defined]
    merged = histogram_of(a)
    merged.merge(histogram_of(b))
    assert merged == histogram_of(together)


def test_the_size_does_not_grow_with_the_number_of_times() -> None:
    histogram = histogram_of([0.0, *np.geomspace(1e-9, 1e300, 20_000), -1e300])
    assert len(histogram.bins) <= 4003
