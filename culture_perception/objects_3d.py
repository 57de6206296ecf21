"""Masks in space: centroid, oriented box and their covariance, from depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import BoxedMask, Float32Array, FloatArray
from culture_perception.object_noise import DepthNoise, pose_covariance
from culture_perception.point_clouds import MaskPoints, PointOptions, points_of_mask
from culture_perception.rigid_transform import RigidTransform


@dataclass(frozen=True)
class LocateOptions:
    """How a mask is put into space.

    Attributes:
        points: which pixels are believed.
        min_points: fewer of them give no place.
        trim: share of the points that may stick out of the box on each of its six sides, 0 to .1.
        noise: of the depth camera, for the covariance.
        up_sigma_rad: how well the up direction is known, where one is given, radians.
    """

    points: PointOptions = field(default_factory=PointOptions)
    min_points: int = 30
    trim: float = 0.002
    noise: DepthNoise = field(default_factory=DepthNoise)
    up_sigma_rad: float = 0.02

    def __post_init__(self) -> None:
        if self.min_points < 3 or not 0.0 <= self.trim <= 0.1:
            raise ValueError(
                f"min_points {self.min_points} (at least 3, for a plane) or trim {self.trim} "
                "(0 to .1) is out of range"
            )


@dataclass(frozen=True, eq=False)
class LocatedObject:
    """The side of an object that the camera sees, in some frame.

    Attributes:
        points: its points, in that frame.
        centroid: their mean, metres.
        pose: the box's centre and axes: z is up (see locate), x runs along the longer of the
            other two edges.
        size: whole edges of the box along x, y and z, metres.
        covariance: (6, 6), of the centre (m^2) and of turns about the frame's axes (rad^2).
    """

    points: MaskPoints
    centroid: tuple[float, float, float]
    pose: RigidTransform
    size: tuple[float, float, float]
    covariance: FloatArray

    def transformed(self, transform: RigidTransform) -> LocatedObject:
        """The same object in another frame; `transform` maps this frame's coordinates there."""
        turn = np.kron(np.eye(2), transform.rotation)
        moved = transform.apply(self.points.points).astype(np.float32)
        return LocatedObject(
            points=replace(self.points, points=moved),
            centroid=_triple(transform.apply(self.centroid)),
            pose=transform.compose(self.pose),
            size=self.size,
            covariance=turn @ self.covariance @ turn.T,
        )


def locate(
    mask: BoxedMask,
    depth_m: Float32Array,
    intrinsics: Intrinsics,
    up: Sequence[float] | None = None,
    options: LocateOptions | None = None,
) -> LocatedObject | None:
    """Puts a mask into space, in the optical frame (x right, y down, z forward).

    The box stands on the plane that is normal to `up`, as things on a table do, and is the
    rectangle of least area there; what is hidden from the camera is not in it. Without `up` its z
    axis is the direction in which the points spread least, towards the camera. x points to the
    camera's right. Half a turn about any axis gives the same box. For the covariance see
    object_noise.pose_covariance.

    Args:
        mask: in the pixels of the depth image.
        depth_m: float32 (H, W), metres along the optical axis, NaN for nothing.
        intrinsics: of the depth image.
        up: direction away from the ground in the optical frame, of any length; None: not known.
        options: what is believed, and how noisy the camera is.

    Returns:
        None where there are fewer than min_points points.

    Raises:
        ValueError: mask, depth and intrinsics are of different sizes, or `up` has no direction.
    """
    options = options or LocateOptions()
    points = points_of_mask(mask, depth_m, intrinsics, options.points)
    if len(points) < options.min_points:
        return None
    xyz = points.points.astype(np.float64)
    centroid = xyz.mean(axis=0)
    centred = xyz - centroid
    scatter = centred.T @ centred / len(centred)
    axes = _box_axes(centred, _normal(scatter, centroid, up))
    low, high = _extent(centred @ axes, options.trim)
    centre = centroid + axes @ ((low + high) / 2)
    up_sigma_rad = None if up is None else options.up_sigma_rad
    covariance = pose_covariance(
        centroid, scatter, len(points), axes, intrinsics, options.noise, up_sigma_rad
    )
    qx, qy, qz, qw = (float(one) for one in Rotation.from_matrix(axes).as_quat())
    pose = RigidTransform(_triple(centre), (qx, qy, qz, qw))
    return LocatedObject(points, _triple(centroid), pose, _triple(high - low), covariance)


def _normal(scatter: FloatArray, centroid: FloatArray, up: Sequence[float] | None) -> FloatArray:
    """Unit (3,): the box's z axis."""
    if up is None:
        flattest = np.linalg.eigh(scatter)[1][:, 0]
        return np.asarray(-flattest if flattest @ centroid > 0 else flattest)
    length = float(np.linalg.norm(up))
    if len(up) != 3 or not np.isfinite(length) or length == 0:
        raise ValueError(f"up {tuple(up)} has no direction; pass three numbers, not all 0")
    return np.asarray(up, dtype=np.float64) / length


def _box_axes(centred: FloatArray, normal: FloatArray) -> FloatArray:
    """(3, 3) whose columns are the axes of the box around (N, 3) points."""
    # Across the normal; of the frame's axes the one that is least along it is the safest start.
    start = np.eye(3)[np.argmin(np.abs(normal))]
    across = np.cross(normal, start)
    across /= np.linalg.norm(across)
    plane = np.column_stack([across, np.cross(normal, across)])
    flat = np.ascontiguousarray(centred @ plane, dtype=np.float32)
    corners = cv2.boxPoints(cv2.minAreaRect(flat)).astype(np.float64)
    edges = np.diff(corners[:3], axis=0)
    longer = plane @ edges[np.argmax(np.linalg.norm(edges, axis=1))]
    length = np.linalg.norm(longer)
    x = longer / length if length > 0 else across
    x = -x if x[0] < 0 else x
    return np.column_stack([x, np.cross(normal, x), normal])


def _extent(along: FloatArray, trim: float) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest (3,) of (N, 3), without a share `trim` at each end."""
    first = int(trim * len(along))
    last = len(along) - 1 - first
    ordered = np.partition(np.ascontiguousarray(along.T), (first, last), axis=1)
    return ordered[:, first], ordered[:, last]


def _triple(values: FloatArray) -> tuple[float, float, float]:
    x, y, z = (float(one) for one in values)
    return x, y, z
