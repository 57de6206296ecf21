"""The live physics: table, basket, arm and products, stepped as time goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, final

import numpy as np
import pybullet

from sim_bridge.arm.furniture import BASKET_POSITION, basket_boxes
from sim_bridge.arm.model import CUP_RADIUS_M
from sim_bridge.arm.robot import Robot
from sim_bridge.arm.suction import Seal, seal
from sim_bridge.camera import FloatArray, rotation_matrix
from sim_bridge.physics import PRODUCT_KG, Pose, add_product, prepare_table, speed_of
from sim_bridge.scenery import FLOOR_Z_M

SUCTION_PA: Final = 60e3
SUCTION_N: Final = SUCTION_PA * np.pi * CUP_RADIUS_M**2
"""What a cup of this size holds at a usual vacuum: 6.8 N, three times a product's weight."""
SLIP_M: Final = 0.008
"""A product that has come this far off its place on the cup is lost."""

_SEEN_AT_M: Final = 0.012
_TOUCH_M: Final = 5e-4
_PARKED: Final = 100.0


@final
class Workplace:
    """Owns a PyBullet client. Call close() at the end."""

    def __init__(
        self,
        hulls: Mapping[str, FloatArray],
        triangles: Mapping[str, FloatArray],
        joints: Sequence[float],
    ) -> None:
        """Sets up table, floor, basket and arm.

        Args:
            hulls: (N, 3) corners of each product's convex hull by concept id, metres.
            triangles: (N, 3, 3) of its real surface, in the same frame.
            joints: (8,) of the arm, rail first.
        """
        self._hulls, self._triangles = hulls, triangles
        self._client: int = pybullet.connect(pybullet.DIRECT)
        table = prepare_table(self._client)
        self._add_still((8.0, 8.0, 0.1), (0.0, 0.0, FLOOR_Z_M - 0.05))
        for size, centre in basket_boxes():
            self._add_still(size, tuple(np.add(centre, BASKET_POSITION)))
        self.robot = Robot(self._client, joints)
        self.robot.ignore(table, ["panda_link0", "panda_link1"])  # it stands on it
        self._bodies: dict[str, int] = {}
        self._scene: tuple[str, ...] = ()
        self._held: str | None = None
        self._constraint = -1
        self._offset = np.zeros(3)

    def _add_still(self, size: Sequence[float], centre: Sequence[float]) -> None:
        shape = pybullet.createCollisionShape(
            pybullet.GEOM_BOX,
            halfExtents=[extent / 2 for extent in size],
            physicsClientId=self._client,
        )
        pybullet.createMultiBody(0, shape, -1, list(centre), physicsClientId=self._client)

    def set_scene(self, concept_ids: Sequence[str], poses: Sequence[Pose]) -> None:
        """Puts products, and no others, where they are to be, at rest; nothing is held then."""
        self.release()
        for number, concept_id in enumerate(self._scene):
            self._place(concept_id, Pose((_PARKED, float(number), 0.0), (0, 0, 0, 1)), 0.0)
        self._scene = tuple(concept_ids)
        for concept_id, pose in zip(concept_ids, poses, strict=True):
            if concept_id not in self._bodies:
                hull = self._hulls[concept_id]
                self._bodies[concept_id] = add_product(self._client, hull, pose)
            self._place(concept_id, pose, PRODUCT_KG)

    def _place(self, concept_id: str, pose: Pose, mass_kg: float) -> None:
        body = self._bodies[concept_id]
        pybullet.changeDynamics(body, -1, mass=mass_kg, physicsClientId=self._client)
        pybullet.resetBasePositionAndOrientation(
            body, pose.position, pose.quaternion_xyzw, physicsClientId=self._client
        )
        pybullet.resetBaseVelocity(body, [0, 0, 0], [0, 0, 0], physicsClientId=self._client)

    @property
    def poses(self) -> dict[str, Pose]:
        """Where each product of the scene is."""
        return {concept_id: self._pose(concept_id) for concept_id in self._scene}

    def _pose(self, concept_id: str) -> Pose:
        position, quaternion = pybullet.getBasePositionAndOrientation(
            self._bodies[concept_id], physicsClientId=self._client
        )
        return Pose(tuple(position), tuple(quaternion))

    @property
    def fastest_m_s(self) -> float:
        """Speed of the product that moves most; 0 without products."""
        return max((speed_of(self._client, self._bodies[c]) for c in self._scene), default=0.0)

    @property
    def held(self) -> str | None:
        """What the cup holds."""
        return self._held

    def step(self) -> None:
        """Goes on by physics.STEP_S; what slipped off the cup is no longer held."""
        pybullet.stepSimulation(physicsClientId=self._client)
        if self._held is not None and self._slipped(self._held):
            self.release()

    def touches(self) -> bool:
        """Whether the tool, or what it holds, touches anything."""
        touching = self._contacts(self.robot.body, self.robot.tube)
        if self._held is not None:
            touching = touching | self._contacts(self._bodies[self._held], None)
            touching.discard(self._bodies[self._held])
        return bool(touching - {self.robot.body})

    def _contacts(self, body: int, link: int | None) -> set[int]:
        """Bodies that a body, or one link of it, touches."""
        only = {} if link is None else {"linkIndexA": link}
        points = pybullet.getContactPoints(bodyA=body, physicsClientId=self._client, **only)
        return {int(point[2]) for point in points if point[8] < _TOUCH_M}

    def grip(self) -> Seal:
        """Switches the suction on: holds the product on which the cup seals, if there is one."""
        if self._held is not None:
            return Seal(True)
        tool = self.robot.link_pose("arm_tool")
        reason = "the cup touches no product"
        for concept_id in self._near():
            result = seal(_seen_from(tool, self._pose(concept_id), self._triangles[concept_id]))
            if result.holds:
                self._hold(concept_id, tool)
                return result
            reason = result.reason
        return Seal(False, reason)

    def _near(self) -> list[str]:
        """Products within reach of the bellows, nearest first."""
        distances = {}
        for concept_id in self._scene:
            points = pybullet.getClosestPoints(
                self.robot.body,
                self._bodies[concept_id],
                _SEEN_AT_M,
                linkIndexA=self.robot.tube,
                physicsClientId=self._client,
            )
            if points:
                distances[concept_id] = min(point[8] for point in points)
        return sorted(distances, key=distances.__getitem__)

    def _hold(self, concept_id: str, tool: Pose) -> None:
        body = self._bodies[concept_id]
        position, quaternion = _relative(tool, self._pose(concept_id))
        self._constraint = pybullet.createConstraint(
            self.robot.body,
            self.robot.tool,
            body,
            -1,
            pybullet.JOINT_FIXED,
            [0, 0, 0],
            position,
            [0, 0, 0],
            quaternion,
            physicsClientId=self._client,
        )
        pybullet.changeConstraint(
            self._constraint, maxForce=SUCTION_N, physicsClientId=self._client
        )
        self.robot.ignore(body)
        self._held, self._offset = concept_id, np.array(position)

    def _slipped(self, concept_id: str) -> bool:
        position, _ = _relative(self.robot.link_pose("arm_tool"), self._pose(concept_id))
        return float(np.linalg.norm(self._offset - position)) > SLIP_M

    def release(self) -> None:
        """Switches the suction off."""
        if self._held is None:
            return
        pybullet.removeConstraint(self._constraint, physicsClientId=self._client)
        self.robot.ignore(self._bodies[self._held], ignored=False)
        self._held, self._constraint = None, -1

    def close(self) -> None:
        """Gives the client back; calling it again does nothing."""
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1


def _seen_from(tool: Pose, product: Pose, triangles: FloatArray) -> FloatArray:
    """A product's triangles in the tool's frame."""
    world = product.apply(triangles.reshape(-1, 3))
    rotation = rotation_matrix(tool.quaternion_xyzw)
    return np.asarray(((world - tool.position) @ rotation).reshape(-1, 3, 3))


def _relative(tool: Pose, product: Pose) -> tuple[list[float], list[float]]:
    """Position and quaternion of a product in the tool's frame."""
    position, quaternion = pybullet.multiplyTransforms(
        *pybullet.invertTransform(tool.position, tool.quaternion_xyzw),
        product.position,
        product.quaternion_xyzw,
    )
    return list(position), list(quaternion)
