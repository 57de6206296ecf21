"""Where the rail goes: far enough from the tip, near enough to it."""

from __future__ import annotations

import numpy as np
import pytest

from sim_bridge.arm.model import BASE_POSITION, RAIL_LIMIT_M
from sim_bridge.arm.rail import (
    FARTHEST_M,
    NEAREST_M,
    comfortable_rails,
    following,
    rail_plans,
)
from sim_bridge.camera import FloatArray


def _line(start: tuple[float, float], end: tuple[float, float]) -> FloatArray:
    shares = np.linspace(0, 1, 50)[:, None]
    return np.asarray((1 - shares) * [*start, 0.3] + shares * [*end, 0.3])


def test_before_a_far_tip_it_stands_straight() -> None:
    # dx is .65, more than the comfortable .5: no way aside makes it better.
    assert comfortable_rails((BASE_POSITION[0] - 0.65, 0.2, 0.0), 0.0) == [-0.2, -0.2]


def test_beside_a_near_tip_it_stands_to_either_side_the_nearer_first() -> None:
    # dx = .3, distance .5: .4 aside; the tip's y is 0.
    position = (BASE_POSITION[0] - 0.3, 0.0, 0.0)
    assert comfortable_rails(position, 0.3) == pytest.approx([0.4, -0.4])
    assert comfortable_rails(position, -0.3) == pytest.approx([-0.4, 0.4])


def test_a_side_beyond_the_rail_comes_last() -> None:
    ways = comfortable_rails((BASE_POSITION[0] - 0.3, -0.4, 0.0), 0.4)
    assert ways == pytest.approx([0.0, RAIL_LIMIT_M])  # .4 + .4 is beyond it


def test_it_stays_where_the_tip_stays_in_reach() -> None:
    assert np.ptp(following(_line((0.4, 0.1), (0.4, -0.1)), 0.0)) == 0


def test_it_follows_no_further_than_it_must() -> None:
    points = _line((0.4, 0.0), (0.4, 0.45))  # dx is .5
    rails = following(points, 0.0)
    aside = np.sqrt(FARTHEST_M**2 - 0.5**2)
    assert rails[-1] == pytest.approx(-(0.45 - aside))
    assert (np.diff(rails) <= 0).all()


def test_the_best_plan_keeps_its_distance_everywhere_in_the_workspace(
    rng: np.random.Generator,
) -> None:
    for x, y in rng.uniform((0.25, -0.5), (0.75, 0.5), (200, 2)):
        points = _line((0.45, 0.1), (x, y))
        best = rail_plans(points, 0.0)[0]
        assert best[0] == 0.0
        assert np.abs(best).max() <= RAIL_LIMIT_M
        distance = np.hypot(BASE_POSITION[0] - x, -best[-1] - y)
        assert NEAREST_M - 0.01 <= distance <= FARTHEST_M + 0.04
