"""How sure the place of an object is: covariance from a camera's noise and the points' spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import FloatArray

ANY_TURN_RAD2: Final = np.pi**2 / 12
"""Variance of a turn of which nothing is known: uniform over half a turn, after which a box looks
the same again."""
_PATCH: Final = 25
"""Depths of so many neighbouring pixels count as one measurement: a stereo camera matches patches
of about 5 x 5 pixels."""


@dataclass(frozen=True)
class DepthNoise:
    """Standard deviation of a depth z: constant_m + quadratic_per_m * z ** 2.

    Errors of stereo depth grow with the square of the distance: z ** 2 * s / (f * b) for an error
    of s pixels in the disparity, focal length f in pixels and baseline b in metres (Intel, Tuning
    depth cameras for best performance). The default is a RealSense D415 at 640 pixels of width: s
    .08, f 502, b .055.

    Attributes:
        constant_m: metres.
        quadratic_per_m: metres a square metre.
    """

    constant_m: float = 0.001
    quadratic_per_m: float = 0.0029

    def sigma_m(self, depth_m: float) -> float:
        """Standard deviation at a depth, metres."""
        return self.constant_m + self.quadratic_per_m * depth_m**2


def pose_covariance(
    centroid: FloatArray,
    scatter: FloatArray,
    count: int,
    axes: FloatArray,
    intrinsics: Intrinsics,
    noise: DepthNoise,
    up_sigma_rad: float | None,
) -> FloatArray:
    """(6, 6): of a box's centre (m^2), and of turns about the frame's axes (rad^2).

    Of the centre: s(z)^2 r r' + C / n + (z / f)^2 / 2 I. s is the depth camera's noise at the
    centroid's depth z and r the ray through it with r_z = 1, since errors of neighbouring depths
    have a common part, which no mean takes away; C / n is the variance of the mean of n independent
    points with covariance C, where 25 pixels count as one; the last is a pixel of doubt about each
    end of the mask, at a focal length of f pixels. That the far side is hidden is not in it.

    Of turns: about the axis normal to the principal axes i and j of C,
    v_i v_j / (n (v_i - v_j)^2) for variances v along them (Anderson, Asymptotic theory for
    principal component analysis, 1963), at most ANY_TURN_RAD2. Where the up direction is known only
    the turn about it is found that way, from the spread in the plane across it.

    Args:
        centroid: (3,) metres, optical frame.
        scatter: C, (3, 3) m^2.
        count: how many points there are.
        axes: (3, 3), the box's axes as columns; the last is up, where that is known.
        intrinsics: of the camera.
        noise: of the camera.
        up_sigma_rad: how well up is known, radians; None: not at all.
    """
    independent = max(1.0, count / _PATCH)
    covariance = np.zeros((6, 6))
    covariance[:3, :3] = _of_place(centroid, scatter / independent, intrinsics, noise)
    if up_sigma_rad is None:
        covariance[3:, 3:] = _of_turns(scatter, independent)
    else:
        covariance[3:, 3:] = _of_turns_upright(scatter, independent, axes, up_sigma_rad)
    return covariance


def _of_place(
    centroid: FloatArray, of_mean: FloatArray, intrinsics: Intrinsics, noise: DepthNoise
) -> FloatArray:
    z = float(centroid[2])
    ray = centroid / z
    pixel_m = z / np.sqrt(intrinsics.fx * intrinsics.fy)
    return np.asarray(
        noise.sigma_m(z) ** 2 * np.outer(ray, ray) + of_mean + pixel_m**2 / 2 * np.eye(3)
    )


def _of_turns(scatter: FloatArray, count: float) -> FloatArray:
    variances, axes = np.linalg.eigh(scatter)
    a, b, c = variances
    about = [_turn_variance(b, c, count), _turn_variance(a, c, count), _turn_variance(a, b, count)]
    return np.asarray(axes @ np.diag(about) @ axes.T)


def _of_turns_upright(
    scatter: FloatArray, count: float, axes: FloatArray, up_sigma_rad: float
) -> FloatArray:
    flat = axes[:, :2]
    short, long = np.linalg.eigvalsh(flat.T @ scatter @ flat)
    about = [up_sigma_rad**2, up_sigma_rad**2, _turn_variance(short, long, count)]
    return np.asarray(axes @ np.diag(about) @ axes.T)


def _turn_variance(one: float, other: float, count: float) -> float:
    gap = count * (one - other) ** 2
    product = max(one * other, 0.0)
    return min(product / gap, ANY_TURN_RAD2) if gap > 0 else ANY_TURN_RAD2
