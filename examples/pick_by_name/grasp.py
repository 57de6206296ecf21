"""Where a suction cup can hold what a depth camera sees of a thing: flat places that face up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Points = NDArray[np.float64]
_CELL_M = 0.003


@dataclass(frozen=True)
class Cup:
    """What the cup asks of a surface.

    Attributes:
        radius_m: of the patch that is looked at; a little more than the cup's own.
        roughness_m: how far a patch's points may be from a plane (root mean square).
        max_tilt_rad: how far the plane may be from level.
        min_points: fewer points are no patch.
    """

    radius_m: float = 0.007
    roughness_m: float = 0.002
    max_tilt_rad: float = 0.55
    min_points: int = 8


@dataclass(frozen=True)
class Grasp:
    """A place for the cup.

    Attributes:
        position: (x, y, z) metres, on the surface, in the frame of the points.
        cost: metres; lower is better.
    """

    position: tuple[float, float, float]
    cost: float


def suction_grasps(points: Points, cup: Cup | None = None, apart_m: float = 0.015) -> list[Grasp]:
    """Places where a cup that comes from above can hold, the best first.

    The best is flat, level, near the top and near the middle, so that the thing hangs straight.
    Where no place is flat enough, the middle of the topmost points is the only one.

    Args:
        points: (N, 3) metres, z up: the side of the thing that is seen.
        cup: what is flat enough; None: the default.
        apart_m: distance between two places.

    Returns:
        At most one place every apart_m; none without points.
    """
    cup = cup or Cup()
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) == 0:
        return []
    middle, top = (points.min(axis=0) + points.max(axis=0)) / 2, float(points[:, 2].max())
    around = cKDTree(points[:, :2])
    found = []
    for centre in _grid(points):
        patch = points[around.query_ball_point(centre, cup.radius_m)]
        place = _place(patch, centre, cup)
        if place is not None:
            z, tilt = place
            aside = float(np.hypot(*(centre - middle[:2])))
            cost = aside + (top - z) + 0.05 * tilt
            found.append(Grasp((float(centre[0]), float(centre[1]), z), cost))
    return _spread(found, apart_m) or [_topmost(points)]


def _grid(points: Points) -> Points:
    """(M, 2) middles of the cells of the table's plane that have points."""
    cells = np.unique(np.floor(points[:, :2] / _CELL_M), axis=0)
    return np.asarray((cells + 0.5) * _CELL_M)


def _place(patch: Points, centre: Points, cup: Cup) -> tuple[float, float] | None:
    """Height at the centre and tilt of a patch's plane; None where no cup would hold."""
    if len(patch) < cup.min_points:
        return None
    offset = patch[:, :2] - centre
    if not _surrounds(offset, cup.radius_m):
        return None
    design = np.column_stack([offset, np.ones(len(offset))])
    plane, *_ = np.linalg.lstsq(design, patch[:, 2], rcond=None)
    off = float(np.sqrt(np.mean((patch[:, 2] - design @ plane) ** 2)))
    tilt = float(np.arctan(np.hypot(plane[0], plane[1])))
    if off > cup.roughness_m or tilt > cup.max_tilt_rad:
        return None
    return float(plane[2]), tilt


def _surrounds(offset: Points, radius_m: float) -> bool:
    """Whether there are points towards all sides, near the cup's rim: no edge runs through it."""
    outer = offset[np.hypot(offset[:, 0], offset[:, 1]) > 0.7 * radius_m]
    if len(outer) < 4:
        return False
    angles = np.sort(np.arctan2(outer[:, 1], outer[:, 0]))
    gaps = np.diff(np.r_[angles, angles[0] + 2 * np.pi])
    return bool(gaps.max() < np.pi / 2)


def _spread(grasps: list[Grasp], apart_m: float) -> list[Grasp]:
    """The best, then what is not within apart_m of a better one."""
    kept: list[Grasp] = []
    for grasp in sorted(grasps, key=lambda one: one.cost):
        if all(np.hypot(*np.subtract(grasp.position, one.position)[:2]) > apart_m for one in kept):
            kept.append(grasp)
    return kept


def _topmost(points: Points) -> Grasp:
    """The middle of what lies within a centimetre of the top."""
    z = float(np.percentile(points[:, 2], 99))
    highest = points[points[:, 2] > z - 0.01]
    x, y = (highest[:, :2].min(axis=0) + highest[:, :2].max(axis=0)) / 2
    return Grasp((float(x), float(y), z), float("inf"))
