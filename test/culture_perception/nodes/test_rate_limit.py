"""How many frames a limit lets through."""

import pytest

from culture_perception.nodes.rate_limit import RateLimit


def passed(arrivals_s: list[float], rate_hz: float, limit: RateLimit | None = None) -> int:
    limit = limit or RateLimit()
    return sum(not limit.is_too_soon(arrived_s, rate_hz) for arrived_s in arrivals_s)


@pytest.mark.parametrize(("rate_hz", "expected"), [(10.0, 100), (8.0, 80), (5.0, 50), (1.0, 10)])
def test_the_rate_is_reached_and_kept_although_frames_jitter(rate_hz: float, expected: int) -> None:
    jitter_s = (0.0, 0.004, -0.003, 0.006, -0.006)
    arrivals_s = [0.1 * i + jitter_s[i % 5] for i in range(100)]
    assert abs(passed(arrivals_s, rate_hz) - expected) <= 2


def test_a_pause_is_not_made_up_for() -> None:
    limit = RateLimit()
    assert passed([0.0], 10.0, limit) == 1
    assert passed([5.0 + 0.001 * i for i in range(90)], 10.0, limit) == 1


def test_no_limit_and_a_new_limit_count_at_once() -> None:
    limit = RateLimit()
    assert passed([0.001 * i for i in range(50)], 0.0, limit) == 50
    assert passed([0.1, 0.2, 0.3], 0.01, limit) == 1
    assert passed([0.4, 0.5, 0.6], 10.0, limit) == 3
