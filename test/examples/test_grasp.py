"""Where a cup can hold, on surfaces whose best place is known."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Points = NDArray[np.float64]


@pytest.fixture
def grasp(load: Callable[[str], ModuleType]) -> Any:
    return load("pick_by_name/grasp.py")


def _plate(x: tuple[float, float], y: tuple[float, float], z: float) -> Points:
    """Points of a level rectangle, one every 2 mm."""
    grid = np.meshgrid(np.arange(*x, 0.002), np.arange(*y, 0.002))
    return np.column_stack([*(one.ravel() for one in grid), np.full(grid[0].size, z)])


def test_on_a_plate_the_middle_is_best(grasp: Any) -> None:
    best = grasp.suction_grasps(_plate((0.3, 0.4), (-0.05, 0.05), 0.1))[0]
    assert best.position == pytest.approx((0.35, 0.0, 0.1), abs=0.003)
    assert best.cost < 0.005


def test_no_place_is_at_an_edge(grasp: Any) -> None:
    found = grasp.suction_grasps(_plate((0.3, 0.4), (-0.05, 0.05), 0.1))
    x, y, _ = np.array([one.position for one in found]).T
    assert x.min() > 0.304
    assert x.max() < 0.396  # the last points are at .398
    assert np.abs(y).max() < 0.046


def test_of_two_levels_the_upper_one_comes_first(grasp: Any) -> None:
    step = np.concatenate(
        [_plate((0.30, 0.36), (0.0, 0.06), 0.10), _plate((0.36, 0.42), (0.0, 0.06), 0.04)]
    )
    first = grasp.suction_grasps(step)[0]
    assert first.position[0] < 0.36
    assert first.position[2] == pytest.approx(0.10, abs=1e-6)


def test_places_keep_their_distance_and_come_by_cost(grasp: Any) -> None:
    found = grasp.suction_grasps(_plate((0.3, 0.4), (-0.05, 0.05), 0.1), apart_m=0.02)
    assert len(found) > 5
    costs = [one.cost for one in found]
    assert costs == sorted(costs)
    xy = np.array([one.position[:2] for one in found])
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2) + np.eye(len(xy))
    assert apart.min() > 0.02


@pytest.mark.parametrize("tilt", [0.3, 1.0])
def test_a_slope_holds_only_if_it_is_gentle(grasp: Any, tilt: float) -> None:
    points = _plate((0.3, 0.36), (0.0, 0.06), 0.1)
    points[:, 2] += np.tan(tilt) * (points[:, 0] - 0.33)
    best = grasp.suction_grasps(points)[0]
    assert np.isfinite(best.cost) == (tilt < grasp.Cup().max_tilt_rad)


def test_where_nothing_is_flat_the_top_is_what_remains(
    grasp: Any, rng: np.random.Generator
) -> None:
    rough = _plate((0.3, 0.34), (0.0, 0.04), 0.1)
    rough[:, 2] += rng.uniform(-0.02, 0.02, len(rough))
    (only,) = grasp.suction_grasps(rough)
    assert np.isinf(only.cost)
    assert 0.3 <= only.position[0] <= 0.34
    assert only.position[2] == pytest.approx(0.12, abs=0.002)


def test_without_points_there_is_no_place(grasp: Any) -> None:
    assert grasp.suction_grasps(np.zeros((0, 3))) == []
    assert grasp.suction_grasps(np.full((5, 3), np.nan)) == []


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)
