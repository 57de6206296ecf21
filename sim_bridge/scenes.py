"""What lies on the table: seeded layouts, and when a layout is good enough to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim_bridge.camera import Camera, FloatArray, rotation_matrix
from sim_bridge.light import Light
from sim_bridge.physics import Pose

WORKSPACE_X = (0.25, 0.75)
WORKSPACE_Y = (-0.5, 0.5)
"""RAVENS's workspace, metres."""

MAX_OBJECTS = 15
MIN_VISIBILITY = 0.5
_EDGE_PX = 2.0
_UPRIGHT_SHARE = 0.5
_SLANT_RAD = 0.05
_GAP_M = 0.01
_REST_TOLERANCE_M = 0.006


class SceneError(ValueError):
    """A scene that cannot be made; the message says what was asked for and what is possible."""


@dataclass(frozen=True)
class Scene:
    """A settled table.

    Attributes:
        seed: what it was made from.
        concept_ids: of the objects; instance n of the id image is concept_ids[n - 1].
        poses: of the objects, in the same order.
        table: number that chooses the table's surface.
        light: of the scene.
        attempts: how many layouts were tried until one was good.
    """

    seed: int
    concept_ids: tuple[str, ...]
    poses: tuple[Pose, ...]
    table: int
    light: Light
    attempts: int


def attempt_rng(seed: int, attempt: int) -> np.random.Generator:
    """The random numbers of one try at a scene; they depend on nothing else.

    Raises:
        SceneError: seed is negative.
    """
    if seed < 0:
        raise SceneError(f"a seed must be 0 or more, got {seed}")
    return np.random.default_rng([seed, attempt])


def starting_poses(hulls: Sequence[FloatArray], rng: np.random.Generator) -> list[Pose]:
    """Where to drop each body: close above the table, or above what is already below it.

    Args:
        hulls: (N, 3) corners of each body, metres.
        rng: random numbers.
    """
    discs: list[tuple[FloatArray, float, float]] = []  # centre, radius, top of what is placed
    poses = []
    for hull in hulls:
        quaternion = _orientation(rng)
        corners = hull @ rotation_matrix(quaternion).T
        radius = float(np.linalg.norm(corners[:, :2], axis=1).max())
        centre = _free_spot(radius, [(c, r) for c, r, _ in discs], rng)
        below = [top for c, r, top in discs if np.linalg.norm(c - centre) < r + radius]
        bottom = max(below, default=0.0) + _GAP_M
        z = bottom - float(corners[:, 2].min())
        discs.append((centre, radius, z + float(corners[:, 2].max())))
        poses.append(Pose((float(centre[0]), float(centre[1]), z), quaternion))
    return poses


def _orientation(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Upright with any heading, or any orientation at all, as x, y, z, w.

    Upright is a little aslant, so that nothing stands on an edge on which it could not.
    """
    x, y, z, w = rng.normal(size=4)
    if rng.random() < _UPRIGHT_SHARE:
        half = rng.uniform(-np.pi, np.pi) / 2
        x, y = rng.normal(0, _SLANT_RAD / 2, 2)
        z, w = np.sin(half), np.cos(half)
    length = float(np.linalg.norm([x, y, z, w]))
    return float(x) / length, float(y) / length, float(z) / length, float(w) / length


def _free_spot(
    radius: float, taken: Sequence[tuple[FloatArray, float]], rng: np.random.Generator
) -> FloatArray:
    """A random place in the workspace, with few others around it where there is room."""
    margin = min(radius, 0.12)
    low = np.array([WORKSPACE_X[0], WORKSPACE_Y[0]]) + margin
    high = np.array([WORKSPACE_X[1], WORKSPACE_Y[1]]) - margin
    spot = rng.uniform(low, high)
    for _ in range(30):
        if all(np.linalg.norm(spot - c) > 0.85 * (radius + r) for c, r in taken):
            break
        spot = rng.uniform(low, high)
    return np.asarray(spot, dtype=np.float64)


def random_light(rng: np.random.Generator) -> Light:
    """A ceiling light somewhere between straight above and 40 degrees off."""
    heading, tilt = rng.uniform(-np.pi, np.pi), np.radians(rng.uniform(5, 40))
    x, y = np.sin(tilt) * np.cos(heading), np.sin(tilt) * np.sin(heading)
    return Light(direction=(float(x), float(y), float(np.cos(tilt))))


def lies_well(hull: FloatArray, pose: Pose, camera: Camera) -> bool:
    """Whether a body lies on the table, in the workspace and wholly inside the camera's image.

    Args:
        hull: (N, 3) corners of the body, metres.
        pose: where it lies.
        camera: whose image counts.
    """
    (x, y, _), corners = pose.position, pose.apply(hull)
    if not (WORKSPACE_X[0] <= x <= WORKSPACE_X[1] and WORKSPACE_Y[0] <= y <= WORKSPACE_Y[1]):
        return False
    if abs(float(corners[:, 2].min())) > _REST_TOLERANCE_M:
        return False
    uv, depth = camera.project(corners)
    last = np.array([camera.width - 1, camera.height - 1])
    inside = (uv >= _EDGE_PX) & (uv <= last - _EDGE_PX)  # NaN, behind the camera, is not inside
    return bool(inside.all() and (depth > camera.near).all())
