"""Joints for poses of the tool: inverse kinematics along straight lines, with the reasons why not.

A second copy of the arm, in a PyBullet client of its own, is bent to try things out; the arm of
the simulation is never touched.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, final

import numpy as np
import pybullet
from scipy.spatial.transform import Rotation

from sim_bridge.arm.line import Line, pose_of
from sim_bridge.arm.model import (
    BASE_POSITION,
    BASE_QUATERNION_XYZW,
    COMFORTABLE,
    JOINT_LIMITS,
    JOINT_NAMES,
    TOOL_LINK,
    write_arm_urdf,
)
from sim_bridge.arm.rail import comfortable_rails, rail_plans
from sim_bridge.arm.trajectory import Trajectory, timed
from sim_bridge.camera import FloatArray, rotation_matrix
from sim_bridge.physics import Pose

POSITION_TOLERANCE_M: Final = 1e-3
ANGLE_TOLERANCE_RAD: Final = 0.01
_MAX_JUMP_RAD: Final = 0.35
_ITERATIONS: Final = 60
_DAMPING: Final = 1e-4
_LEANING: Final = 0.1
_LONGEST_STEP_RAD: Final = 0.3


class UnreachableError(ValueError):
    """A pose that the arm cannot bring its tool to; the message says where and why."""


class _Solution(NamedTuple):
    """Joints (7,) and how far the tool's pose is from the one asked for."""

    joints: FloatArray
    off_m: float
    off_rad: float


@final
class Kinematics:
    """The copy of the arm. Call close() at the end."""

    def __init__(self) -> None:
        self._client: int = pybullet.connect(pybullet.DIRECT)
        with tempfile.TemporaryDirectory() as folder:
            path = write_arm_urdf(Path(folder), rail=False)
            self._arm: int = pybullet.loadURDF(
                str(path), useFixedBase=True, physicsClientId=self._client
            )
        infos = [
            pybullet.getJointInfo(self._arm, joint, physicsClientId=self._client)
            for joint in range(pybullet.getNumJoints(self._arm, physicsClientId=self._client))
        ]
        self._joints = [info[0] for info in infos if info[1].decode() in JOINT_NAMES]
        self._tool = next(info[0] for info in infos if info[12].decode() == TOOL_LINK)

    def tool_pose(self, joints: Sequence[float]) -> Pose:
        """Where the tip is with these joints (8,), rail first, in the world."""
        self._bend(joints[0], joints[1:])
        return self._tool_now()

    def straight(self, joints: Sequence[float], target: Pose, speed_m_s: float) -> Trajectory:
        """The motion that brings the tip in a straight line to a pose.

        Args:
            joints: (8,) where it begins, rail first.
            target: of the tip, in the world.
            speed_m_s: of the tip, at most.

        Raises:
            UnreachableError: some pose on the way is out of reach.
        """
        line = Line.between(self.tool_pose(joints), target)
        refused: UnreachableError | None = None
        for rails in rail_plans(line.points, joints[0]):
            points, error = self._tried(line, rails, np.asarray(joints, np.float64))
            if points is not None:
                return timed(points, line.step_m, line.length_m, speed_m_s)
            refused = refused or error
        raise refused or UnreachableError("the rail has no place for this motion")

    def _tried(
        self, line: Line, rails: FloatArray, joints: FloatArray
    ) -> tuple[FloatArray | None, UnreachableError | None]:
        """Joints along the line, or why this way of moving the rail does not do."""
        try:
            return self._along(line, rails, joints), None
        except UnreachableError as error:
            return None, error

    def _along(self, line: Line, rails: FloatArray, joints: FloatArray) -> FloatArray:
        """(N, 8) joints at each point of a line."""
        found = [joints]
        for number in range(1, len(rails)):
            share = number / (len(rails) - 1)
            found.append(self._next(found[-1], float(rails[number]), line.pose(number), share))
        return np.array(found)

    def solve(self, target: Pose, near: Sequence[float] = COMFORTABLE) -> FloatArray:
        """Joints (8,) that bring the tip to a pose, the rail where it is comfortable.

        Args:
            target: of the tip, in the world.
            near: (7,) joints to begin from.

        Raises:
            UnreachableError: it is out of reach.
        """
        rail = comfortable_rails(target.position, 0.0)[0]
        found = self._solve(rail, target, near)
        _check(found, target, 1.0)
        return np.concatenate([[rail], found.joints])

    def _next(self, before: FloatArray, rail: float, pose: Pose, share: float) -> FloatArray:
        """(8,) joints at one point of a line, near those at the one before."""
        found = self._solve(rail, pose, before[1:].tolist())
        _check(found, pose, share)
        if float(np.abs(found.joints - before[1:]).max()) > _MAX_JUMP_RAD:
            raise UnreachableError(
                f"at {share:.0%} of the way the joints would have to swing round: "
                "go there by way of a pose in between"
            )
        return np.concatenate([[rail], found.joints])

    def _solve(self, rail: float, target: Pose, near: Sequence[float]) -> _Solution:
        """Damped least squares; what the seventh joint leaves free leans to a comfortable posture.

        As in Nakamura and Hanafusa, "Inverse kinematic solutions with singularity robustness for
        robot manipulator control", 1986, with the gradient of the posture in the null space.
        PyBullet's own method leans as well, but then stays up to 4 mm from the pose.
        """
        joints = np.array(near, np.float64)
        for _ in range(_ITERATIONS):
            self._bend(rail, joints)
            error = self._error(target)
            off_m, off_rad = (float(np.linalg.norm(half)) for half in (error[:3], error[3:]))
            if off_m < POSITION_TOLERANCE_M / 4 and off_rad < ANGLE_TOLERANCE_RAD / 4:
                break
            jacobian = self._jacobian(joints)
            inverse = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + _DAMPING * np.eye(6))
            free = np.eye(len(joints)) - inverse @ jacobian
            step = inverse @ error + free @ (_LEANING * (np.array(COMFORTABLE) - joints))
            joints += step * min(1.0, _LONGEST_STEP_RAD / float(np.abs(step).max()))
        return _Solution(joints, off_m, off_rad)

    def _error(self, target: Pose) -> FloatArray:
        """(6,) way to the pose and rotation vector to it, in the world."""
        now = self._tool_now()
        turn = (
            Rotation.from_quat(target.quaternion_xyzw)
            * Rotation.from_quat(now.quaternion_xyzw).inv()
        )
        way = np.subtract(target.position, now.position)
        return np.concatenate([way, np.asarray(turn.as_rotvec(), np.float64)])

    def _jacobian(self, joints: FloatArray) -> FloatArray:
        """(6, 7) speeds of the tip, linear above angular, in the world."""
        none = [0.0] * len(joints)
        halves = pybullet.calculateJacobian(
            self._arm, self._tool, [0, 0, 0], joints.tolist(), none, none, self._client
        )
        turn = rotation_matrix(BASE_QUATERNION_XYZW)  # PyBullet's is in the base's frame
        return np.vstack([turn @ np.array(half) for half in halves])

    def _bend(self, rail: float, joints: Sequence[float] | FloatArray) -> None:
        # The Panda's base is turned by 180 degrees: along the rail's y is against the world's.
        x, y, z = BASE_POSITION
        pybullet.resetBasePositionAndOrientation(
            self._arm, (x, y - rail, z), BASE_QUATERNION_XYZW, physicsClientId=self._client
        )
        for joint, value in zip(self._joints, joints, strict=True):
            pybullet.resetJointState(self._arm, joint, float(value), physicsClientId=self._client)

    def _tool_now(self) -> Pose:
        state = pybullet.getLinkState(
            self._arm, self._tool, computeForwardKinematics=True, physicsClientId=self._client
        )
        return pose_of(state[4], state[5])

    def close(self) -> None:
        """Gives the client back; calling it again does nothing."""
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1


def _is_there(found: _Solution) -> bool:
    return found.off_m < POSITION_TOLERANCE_M and found.off_rad < ANGLE_TOLERANCE_RAD


def _check(found: _Solution, pose: Pose, share: float) -> None:
    """Refuses a solution that is not at the pose or beyond a joint's limit."""
    where = ", ".join(f"{value:.3f}" for value in pose.position)
    if not _is_there(found):
        raise UnreachableError(
            f"at {share:.0%} of the way, ({where}) is out of reach: the tool stays "
            f"{found.off_m * 1e3:.0f} mm and {math.degrees(found.off_rad):.0f} degrees from it"
        )
    for name, value, (low, high) in zip(
        JOINT_NAMES[1:], found.joints, JOINT_LIMITS[1:], strict=True
    ):
        if not low <= value <= high:
            raise UnreachableError(
                f"at {share:.0%} of the way, ({where}) is out of reach: {name} would be at "
                f"{value:.2f}, beyond {low:.2f} to {high:.2f} rad"
            )
