"""Lets things fall onto a table with PyBullet until they lie still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pybullet
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from sim_bridge.camera import FloatArray, rotation_matrix

TABLE_HALF_SIZE = (0.6, 0.75)
TABLE_CENTRE = (0.5, 0.0)
"""The table top is z = 0; x and y in metres."""

_TABLE_THICKNESS = 0.2
PRODUCT_KG = 0.2
STEP_S = 1 / 240
_CHECK_EVERY, _STILL_CHECKS = 10, 8
STILL_M_S = 5e-3
_LEVER_M = 0.05
"""Turns a rate of rotation into a speed at about the surface of a product."""


@dataclass(frozen=True)
class Pose:
    """Where a body's origin is in the world, metres, and how the body is turned."""

    position: tuple[float, float, float]
    quaternion_xyzw: tuple[float, float, float, float]

    def apply(self, points: FloatArray) -> FloatArray:
        """Points of the body, (N, 3), in world coordinates."""
        turned = points @ rotation_matrix(self.quaternion_xyzw).T
        return np.asarray(turned + np.asarray(self.position), dtype=np.float64)


def load_hull(obj_path: str | Path) -> FloatArray:
    """The corners of a mesh's convex hull, (N, 3) metres.

    Raises:
        ValueError: the file has no vertices that span a volume.
    """
    lines = Path(obj_path).read_text(encoding="utf-8").splitlines()
    points = np.array([line.split()[1:4] for line in lines if line.startswith("v ")], np.float64)
    if len(points) < 4 or np.ptp(points, axis=0).min() <= 0:
        raise ValueError(f"{obj_path}: {len(points)} vertices that span no volume; check the mesh")
    # Sorted, because the hull's own order is not promised and Bullet's result depends on it.
    return np.unique(points[ConvexHull(points).vertices], axis=0)


def settle(
    hulls: Sequence[FloatArray], starts: Sequence[Pose], max_steps: int = 1200
) -> list[Pose] | None:
    """Drops bodies onto the table.

    The result depends on the arguments alone: each call has a simulation of its own.

    Args:
        hulls: (N, 3) corners of each body's convex hull, metres.
        starts: where each begins.
        max_steps: of 1/240 s.

    Returns:
        The poses in which they lie still; None where they do not in the given time.
    """
    client = pybullet.connect(pybullet.DIRECT)
    try:
        prepare_table(client)
        bodies = [add_product(client, h, s) for h, s in zip(hulls, starts, strict=True)]
        if not _run(client, bodies, max_steps):
            return None
        return [
            Pose(*pybullet.getBasePositionAndOrientation(body, physicsClientId=client))
            for body in bodies
        ]
    finally:
        pybullet.disconnect(physicsClientId=client)


def prepare_table(client: int) -> int:
    """Sets gravity and a repeatable solver; adds the table and gives its body."""
    pybullet.setGravity(0, 0, -9.81, physicsClientId=client)
    pybullet.setTimeStep(STEP_S, physicsClientId=client)
    pybullet.setPhysicsEngineParameter(deterministicOverlappingPairs=1, physicsClientId=client)
    half = [*TABLE_HALF_SIZE, _TABLE_THICKNESS / 2]
    shape = pybullet.createCollisionShape(
        pybullet.GEOM_BOX, halfExtents=half, physicsClientId=client
    )
    table = pybullet.createMultiBody(
        0, shape, -1, [*TABLE_CENTRE, -_TABLE_THICKNESS / 2], physicsClientId=client
    )
    pybullet.changeDynamics(table, -1, lateralFriction=0.8, physicsClientId=client)
    return int(table)


def add_product(client: int, hull: NDArray[np.float64], start: Pose) -> int:
    """A body; friction and damping keep round ones from rolling away for ever."""
    shape = pybullet.createCollisionShape(
        pybullet.GEOM_MESH, vertices=hull.tolist(), physicsClientId=client
    )
    body = pybullet.createMultiBody(
        PRODUCT_KG, shape, -1, start.position, start.quaternion_xyzw, physicsClientId=client
    )
    pybullet.changeDynamics(
        body,
        -1,
        lateralFriction=0.8,
        rollingFriction=0.003,
        spinningFriction=0.003,
        restitution=0.05,
        linearDamping=0.1,
        angularDamping=0.2,
        physicsClientId=client,
    )
    return int(body)


def _run(client: int, bodies: Sequence[int], max_steps: int) -> bool:
    """Steps until all bodies are still; whether they are."""
    still = 0
    for step in range(1, max_steps + 1):
        pybullet.stepSimulation(physicsClientId=client)
        if step % _CHECK_EVERY:
            continue
        fastest = max((speed_of(client, body) for body in bodies), default=0.0)
        still = still + 1 if fastest < STILL_M_S else 0
        if still == _STILL_CHECKS:
            return True
    return False


def speed_of(client: int, body: int) -> float:
    """Metres a second, turning included."""
    linear, angular = pybullet.getBaseVelocity(body, physicsClientId=client)
    return float(np.linalg.norm([*linear, *(_LEVER_M * x for x in angular)]))
