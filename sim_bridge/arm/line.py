"""A straight line between two poses of the tool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from sim_bridge.camera import FloatArray
from sim_bridge.physics import Pose

STEP_M: Final = 0.01
STEP_RAD: Final = 0.05


@dataclass(frozen=True, eq=False)
class Line:
    """Points of a line, evenly spaced.

    Attributes:
        points: (N, 3) metres, N at least 2.
        quaternions: (N, 4) x, y, z, w, evenly turned.
        length_m: from the first point to the last.
    """

    points: FloatArray
    quaternions: FloatArray
    length_m: float

    @classmethod
    def between(cls, start: Pose, end: Pose) -> Line:
        """The line with a point every STEP_M or STEP_RAD, whichever makes more."""
        way = np.subtract(end.position, start.position)
        length = float(np.linalg.norm(way))
        turns = Rotation.from_quat([start.quaternion_xyzw, end.quaternion_xyzw])
        angle = float((turns[0].inv() * turns[1]).magnitude())
        count = max(2, math.ceil(length / STEP_M) + 1, math.ceil(angle / STEP_RAD) + 1)
        shares = np.linspace(0.0, 1.0, count)
        quaternions = Slerp([0.0, 1.0], turns)(shares).as_quat()
        return cls(start.position + shares[:, None] * way, quaternions, length)

    @property
    def step_m(self) -> float:
        """Distance between two points."""
        return self.length_m / (len(self.points) - 1)

    def pose(self, number: int) -> Pose:
        """Point and turn of that number."""
        return pose_of(self.points[number], self.quaternions[number])


def pose_of(
    position: Sequence[float] | FloatArray, quaternion: Sequence[float] | FloatArray
) -> Pose:
    """A pose of plain floats."""
    x, y, z = (float(value) for value in position)
    qx, qy, qz, qw = (float(value) for value in quaternion)
    return Pose((x, y, z), (qx, qy, qz, qw))
