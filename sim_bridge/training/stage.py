"""One random training scene: things standing or lying on a table without physics, a view, a light.

Objects are put straight into a resting pose (their lowest vertex on the table, footprints apart):
a hundred times faster than dropping them, and the segmenter cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sim_bridge.camera import Camera, ravens_camera
from sim_bridge.renderer import Light

FloatArray = NDArray[np.float64]

WORKSPACE_X = (0.27, 0.73)
WORKSPACE_Y = (-0.45, 0.45)
_PLACING_TRIES = 25
_SIDES = [(90.0, 0.0), (-90.0, 0.0), (0.0, 90.0), (0.0, -90.0), (180.0, 0.0)]
"""Roll and pitch, degrees, of an object that has fallen over."""


@dataclass(frozen=True)
class Placement:
    """Where one object stands.

    Attributes:
        body: index of the object.
        position: (3,) metres, of its centre.
        rotation: object to world.
        footprint: (K, 2) float32 convex outline on the table, metres.
        top: height of its highest vertex, metres.
    """

    body: int
    position: FloatArray
    rotation: Rotation
    footprint: NDArray[np.float32]
    top: float


def random_rotation(rng: np.random.Generator, lies: bool) -> Rotation:
    """Upright half of the time, else on a side, now and then any way; lies: never turned over."""
    yaw = Rotation.from_euler("z", rng.uniform(-180, 180), degrees=True)
    kind = rng.random()
    if kind < (0.9 if lies else 0.5):
        return yaw
    if kind < (0.98 if lies else 0.9):
        roll, pitch = _SIDES[int(rng.integers(len(_SIDES)))]
        return yaw * Rotation.from_euler("xy", (roll, pitch), degrees=True)
    return Rotation.random(random_state=rng)


def place_objects(
    rng: np.random.Generator, vertices: Sequence[FloatArray], count: int
) -> list[Placement]:
    """Puts up to count of the objects on the table, apart from each other, one in ten stacked.

    Args:
        rng: decides everything.
        vertices: (N, 3) metres of each object, origin at its centre.
        count: how many are wanted; fewer come out where there is no room.
    """
    centre = np.array([0.5, 0.0]) + rng.uniform(-1, 1, 2) * (0.12, 0.2)
    spread = float(rng.choice([0.07, 0.12, 0.25]))
    placed: list[Placement] = []
    for body in rng.permutation(len(vertices)):
        if len(placed) >= count:
            break
        lies = bool(np.ptp(vertices[body][:, 2]) < 0.4 * np.ptp(vertices[body], axis=0).max())
        placement = _place(rng, int(body), vertices[body], lies, placed, (centre, spread))
        if placement is not None:
            placed.append(placement)
    return placed


def _place(
    rng: np.random.Generator,
    body: int,
    vertices: FloatArray,
    lies: bool,
    placed: Sequence[Placement],
    cluster: tuple[FloatArray, float],
) -> Placement | None:
    rotation = random_rotation(rng, lies)
    turned = rotation.apply(vertices)
    outline = cv2.convexHull(turned[:, :2].astype(np.float32))[:, 0]
    bottom, height = float(turned[:, 2].min()), float(np.ptp(turned[:, 2]))
    if placed and rng.random() < 0.1:  # on top of another
        below = placed[int(rng.integers(len(placed)))]
        xy, base = below.position[:2], below.top
    else:
        found = _free_spot(rng, outline, placed, cluster)
        if found is None:
            return None
        xy, base = found, 0.0
    position = np.array([xy[0], xy[1], base - bottom + 0.0005])
    footprint = outline + xy.astype(np.float32)
    return Placement(body, position, rotation, footprint, base + height)


def _free_spot(
    rng: np.random.Generator,
    outline: NDArray[np.float32],
    placed: Sequence[Placement],
    cluster: tuple[FloatArray, float],
) -> FloatArray | None:
    centre, spread = cluster
    for _ in range(_PLACING_TRIES):
        if rng.random() < 0.75:
            xy = centre + rng.normal(0, spread, 2)
        else:
            xy = np.array([rng.uniform(*WORKSPACE_X), rng.uniform(*WORKSPACE_Y)])
        inside = WORKSPACE_X[0] < xy[0] < WORKSPACE_X[1] and WORKSPACE_Y[0] < xy[1] < WORKSPACE_Y[1]
        if inside and not any(_overlaps(outline + xy.astype(np.float32), p) for p in placed):
            return xy
    return None


def _overlaps(footprint: NDArray[np.float32], other: Placement) -> bool:
    return bool(cv2.intersectConvexConvex(footprint, other.footprint)[0] > 1e-6)


def look_at(position: FloatArray, target: FloatArray, roll: float) -> FloatArray:
    """Quaternion (x, y, z, w) of an optical frame (z forward, y down) that looks at target.

    Args:
        position: (3,) metres, of the camera; not straight above target.
        target: (3,) metres.
        roll: radians about the viewing direction.
    """
    forward = (target - position) / np.linalg.norm(target - position)
    right = np.cross(forward, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(forward, right), forward], axis=1)
    rotation = Rotation.from_matrix(axes) * Rotation.from_euler("z", roll)
    return np.asarray(rotation.as_quat())


def random_camera(rng: np.random.Generator, profile: str) -> Camera:
    """A RAVENS camera slightly moved, or one anywhere above the table.

    Args:
        rng: decides everything.
        profile: "ravens" (640x480) or "high_resolution" (1024x768).
    """
    base = ravens_camera(str(rng.choice(["front", "left", "right"], p=[0.6, 0.2, 0.2])), profile)
    if rng.random() < 0.5:
        position = np.asarray(base.position, float) + rng.normal(0, 0.03, 3)
        wobble = Rotation.from_euler("xyz", rng.normal(0, 0.02, 3))
        quaternion = (Rotation.from_quat(base.quaternion_xyzw) * wobble).as_quat()
        focal = base.fx * rng.uniform(0.95, 1.05)
    else:
        around, above = rng.uniform(-np.pi, np.pi), np.radians(rng.uniform(25, 80))
        target = np.array([0.5, 0.0, 0.03]) + rng.normal(0, 0.06, 3) * (1, 1.5, 0)
        direction = np.array(
            [np.cos(above) * np.cos(around), np.cos(above) * np.sin(around), np.sin(above)]
        )
        position = target + rng.uniform(0.55, 1.15) * direction
        quaternion = look_at(position, target, float(rng.normal(0, 0.08)))
        focal = base.fx * rng.uniform(0.85, 1.35)
    return Camera(
        name=base.name, width=base.width, height=base.height, fx=focal, fy=focal,
        cx=base.cx, cy=base.cy, position=_triple(position), quaternion_xyzw=_quadruple(quaternion),
    )  # fmt: skip


def _triple(values: FloatArray) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _quadruple(values: FloatArray) -> tuple[float, float, float, float]:
    return float(values[0]), float(values[1]), float(values[2]), float(values[3])


def random_light(rng: np.random.Generator) -> Light:
    """One lamp somewhere above, with or without shadow."""
    around, above = rng.uniform(-np.pi, np.pi), np.radians(rng.uniform(30, 85))
    distance = rng.uniform(2, 30)
    return Light(
        direction=_triple(
            np.array([0.5, 0.0, 0.0])
            + distance
            * np.array(
                [np.cos(above) * np.cos(around), np.cos(above) * np.sin(around), np.sin(above)]
            )
        ),
        colour=_triple(rng.uniform(0.85, 1, 3)),
        ambient=float(rng.uniform(0.35, 0.75)),
        diffuse=float(rng.uniform(0.25, 0.6)),
        specular=float(rng.uniform(0, 0.15)),
        shadow=bool(rng.random() < 0.75),
    )
