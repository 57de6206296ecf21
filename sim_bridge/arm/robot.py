"""The arm as a body of the physics: motors, link poses, what its tool touches."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import final

import numpy as np
import pybullet

from sim_bridge.arm.model import (
    BASE_POSITION,
    BASE_QUATERNION_XYZW,
    JOINT_FORCES,
    JOINT_NAMES,
    JOINT_SPEEDS,
    TOOL_LINK,
    write_arm_urdf,
)
from sim_bridge.camera import FloatArray
from sim_bridge.physics import Pose

TUBE_LINK = "suction"
_STIFFNESS = 0.4
"""Share of a joint's error that its motor takes back in one step."""


@final
class Robot:
    """The arm in somebody else's PyBullet client."""

    def __init__(self, client: int, joints: Sequence[float]) -> None:
        """Loads it.

        Args:
            client: PyBullet's.
            joints: (8,) where it is at first, rail first.
        """
        self._client = client
        with tempfile.TemporaryDirectory() as folder:
            self.body: int = pybullet.loadURDF(
                str(write_arm_urdf(Path(folder), rail=True)),
                BASE_POSITION,
                BASE_QUATERNION_XYZW,
                useFixedBase=True,
                physicsClientId=client,
            )
        infos = [
            pybullet.getJointInfo(self.body, joint, physicsClientId=client)
            for joint in range(pybullet.getNumJoints(self.body, physicsClientId=client))
        ]
        self._links = {info[12].decode(): int(info[0]) for info in infos}
        by_name = {info[1].decode(): int(info[0]) for info in infos}
        self._joints = [by_name[name] for name in JOINT_NAMES]
        self.tool, self.tube = self._links[TOOL_LINK], self._links[TUBE_LINK]
        self.put(joints)

    @property
    def joints(self) -> FloatArray:
        """(8,) where the joints are, rail first."""
        return self._states(0)

    @property
    def velocities(self) -> FloatArray:
        """(8,) m/s and rad/s."""
        return self._states(1)

    def _states(self, field: int) -> FloatArray:
        states = pybullet.getJointStates(self.body, self._joints, physicsClientId=self._client)
        return np.array([state[field] for state in states], np.float64)

    def put(self, joints: Sequence[float]) -> None:
        """Puts the joints somewhere at once, at rest."""
        for joint, value in zip(self._joints, joints, strict=True):
            pybullet.resetJointState(
                self.body, joint, float(value), 0.0, physicsClientId=self._client
            )
        self.follow(joints)

    def follow(self, joints: Sequence[float] | FloatArray) -> None:
        """Lets the motors pull the joints to a place, from the next step on."""
        pybullet.setJointMotorControlArray(
            self.body,
            self._joints,
            pybullet.POSITION_CONTROL,
            targetPositions=[float(value) for value in joints],
            forces=list(JOINT_FORCES),
            positionGains=[_STIFFNESS] * len(JOINT_SPEEDS),
            physicsClientId=self._client,
        )

    def link_pose(self, name: str) -> Pose:
        """Where a link's frame is in the world.

        Raises:
            KeyError: there is no such link.
        """
        state = pybullet.getLinkState(
            self.body,
            self._links[name],
            computeForwardKinematics=True,
            physicsClientId=self._client,
        )
        return Pose(tuple(state[4]), tuple(state[5]))

    def ignore(self, body: int, links: Sequence[str] | None = None, ignored: bool = True) -> None:
        """Lets links (None: all) pass through a body, or no longer."""
        for link in self._links.values() if links is None else [self._links[n] for n in links]:
            pybullet.setCollisionFilterPair(
                self.body, body, link, -1, int(not ignored), physicsClientId=self._client
            )
