"""Whether a suction cup seals on a surface: rays from its rim against the product's real mesh.

The physics knows only convex hulls, on which a cup would hold over an opening or a dent; the rays
see the mesh that is drawn. A cup seals where its whole rim meets the surface, within what its
bellows give way, and nearly at right angles (as the seal ring of Mahler et al., Dex-Net 3.0, 2018,
in a much simpler form).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim_bridge.arm.model import CUP_RADIUS_M
from sim_bridge.camera import FloatArray

BELLOWS_M: Final = 0.006
"""How far the surface may be from the rim, to either side."""
MAX_TILT_RAD: Final = np.radians(35.0)
RAYS: Final = 8
_PARALLEL: Final = 1e-12


@dataclass(frozen=True)
class Seal:
    """Whether the cup holds.

    Attributes:
        holds: whether it does.
        reason: why not; empty where it does.
    """

    holds: bool
    reason: str = ""


def seal(triangles: FloatArray) -> Seal:
    """Whether a cup seals on a surface.

    Args:
        triangles: (N, 3, 3) corners in the tool's frame: the rim is the circle of CUP_RADIUS_M
            about the origin at z = 0, z points out of the cup. None is no seal.
    """
    angles = np.arange(RAYS) * 2 * np.pi / RAYS
    rim = CUP_RADIUS_M * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.vstack([[0.0, 0.0], rim])
    heights = surface_heights(triangles, points)
    if np.isnan(heights).any():
        return Seal(False, f"{int(np.isnan(heights).sum())} of {len(points)} rays meet nothing")
    gap = float(np.abs(heights).max())
    if gap > BELLOWS_M:
        return Seal(False, f"the surface is {gap * 1e3:.1f} mm from the rim")
    tilt = _tilt(points, heights)
    if tilt > MAX_TILT_RAD:
        return Seal(False, f"the surface is {np.degrees(tilt):.0f} degrees aslant")
    return Seal(True)


def surface_heights(triangles: FloatArray, points_xy: FloatArray) -> FloatArray:
    """The surface's z nearest to 0 above or below points of the plane z = 0.

    Args:
        triangles: (N, 3, 3) corners, metres.
        points_xy: (P, 2).

    Returns:
        (P,); NaN where no triangle is above or below.
    """
    if len(triangles) == 0:
        return np.full(len(points_xy), np.nan)
    a, b, c = (triangles[:, corner] for corner in range(3))
    area = _cross(b[:, :2] - a[:, :2], c[:, :2] - a[:, :2])
    area = np.where(np.abs(area) > _PARALLEL, area, np.nan)  # on edge: no ray meets it
    offset = points_xy[:, None] - a[None, :, :2]
    v = _cross(offset, (c - a)[None, :, :2]) / area
    w = _cross((b - a)[None, :, :2], offset) / area
    inside = (v >= 0) & (w >= 0) & (v + w <= 1)  # NaN is not
    z = a[:, 2] + v * (b - a)[:, 2] + w * (c - a)[:, 2]
    return _nearest_to_zero(np.where(inside, z, np.nan))


def _nearest_to_zero(z: FloatArray) -> FloatArray:
    distance = np.where(np.isnan(z), np.inf, np.abs(z))
    best: NDArray[np.intp] = distance.argmin(axis=1)
    return np.asarray(z[np.arange(len(z)), best], dtype=np.float64)


def _cross(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])


def _tilt(points_xy: FloatArray, heights: FloatArray) -> float:
    """Angle between z and the normal of the plane that fits best."""
    design = np.column_stack([points_xy, np.ones(len(points_xy))])
    slope, *_ = np.linalg.lstsq(design, heights, rcond=None)
    return float(np.arctan(np.hypot(slope[0], slope[1])))
