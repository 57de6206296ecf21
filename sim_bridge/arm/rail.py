"""Where on its rail the arm stands while its tip moves: neither folded nor stretched.

A position of the rail is along y of arm_base, which points against y of the world.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from sim_bridge.arm.model import BASE_POSITION, RAIL_LIMIT_M
from sim_bridge.camera import FloatArray

NEAREST_M: Final = 0.40
FARTHEST_M: Final = 0.62
"""Distance from the Panda's axis to the tip, seen from above, at which it moves well."""
_COMFORTABLE_M: Final = 0.5


def rail_plans(points: FloatArray, now: float) -> list[FloatArray]:
    """Ways to move the rail along a path of the tip, the one that suits it best first.

    Args:
        points: (N, 3) of the tip, world, metres.
        now: position of the rail at the first of them.

    Returns:
        (N,) positions each, beginning with `now`.
    """
    shares = np.linspace(0.0, 1.0, len(points))
    straight = [now + shares * (end - now) for end in comfortable_rails(points[-1], now)]
    return sorted([following(points, now), *straight], key=lambda rails: _strain(points, rails))


def _strain(points: FloatArray, rails: FloatArray) -> float:
    """By how much the tip comes too near or too far at the worst point after the first, metres."""
    dx, dy = BASE_POSITION[0] - points[1:, 0], BASE_POSITION[1] - rails[1:] - points[1:, 1]
    distances = np.hypot(dx, dy)
    off = np.maximum(NEAREST_M - distances, distances - FARTHEST_M)
    return round(float(off.max(initial=0.0)), 3)


def following(points: FloatArray, now: float) -> FloatArray:
    """(N,) positions of a rail that moves only where the tip comes too near or too far."""
    rails = [now]
    for x, y, _ in points[1:]:
        dx, straight = BASE_POSITION[0] - x, BASE_POSITION[1] - y
        aside = rails[-1] - straight
        least, most = _beside(NEAREST_M, dx), _beside(FARTHEST_M, dx)
        aside = math.copysign(min(max(abs(aside), least), most), aside)
        rails.append(_limited(straight + aside))
    return np.array(rails)


def comfortable_rails(position: Sequence[float] | FloatArray, now: float) -> list[float]:
    """The two positions that suit a tip best, one to either side, the nearer one first.

    Args:
        position: (3,) of the tip, world, metres.
        now: where the rail is.
    """
    dx, straight = BASE_POSITION[0] - float(position[0]), BASE_POSITION[1] - float(position[1])
    aside = _beside(_COMFORTABLE_M, dx)
    both = sorted((straight - aside, straight + aside), key=lambda rail: _cost(rail, now))
    return [_limited(rail) for rail in both]


def _beside(distance_m: float, dx: float) -> float:
    """How far to the side of the tip the axis is at a distance; 0 where dx alone is more."""
    return math.sqrt(max(0.0, distance_m**2 - dx**2))


def _cost(rail: float, now: float) -> float:
    """Way to go, and much more for what the rail is too short for."""
    return abs(rail - now) + 10.0 * abs(rail - _limited(rail))


def _limited(rail: float) -> float:
    return min(max(rail, -RAIL_LIMIT_M), RAIL_LIMIT_M)
