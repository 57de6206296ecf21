"""How far a motion has come at a time, and where the joints are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim_bridge.arm.model import JOINT_SPEEDS
from sim_bridge.camera import FloatArray

RAMP_S: Final = 0.2
"""Time in which a motion gains, and loses, its speed."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Joints over time.

    Attributes:
        times_s: (N,) increasing from 0, one way point each, at full speed.
        joints: (N, J) rail in metres, the others in radians.
        length_m: way of the tool's tip; 0 where only joints turn.
    """

    times_s: FloatArray
    joints: FloatArray
    length_m: float

    @property
    def duration_s(self) -> float:
        """With speeding up and slowing down."""
        return float(self.times_s[-1]) + RAMP_S

    def progress(self, elapsed_s: float) -> float:
        """Share of the way, 0 to 1, done after a time; it has no jumps in speed."""
        whole = float(self.times_s[-1])
        if whole <= 0:
            return 1.0
        return min(max(_ramped(elapsed_s, whole) / whole, 0.0), 1.0)

    def at(self, elapsed_s: float) -> FloatArray:
        """(J,) joints after a time."""
        when = self.progress(elapsed_s) * float(self.times_s[-1])
        return np.array([np.interp(when, self.times_s, column) for column in self.joints.T])


def timed(joints: FloatArray, step_m: float, length_m: float, speed_m_s: float) -> Trajectory:
    """The fastest motion through way points that keeps to all speeds.

    Args:
        joints: (N, J) way points.
        step_m: distance of the tip between two of them.
        length_m: of the whole way.
        speed_m_s: of the tip, at most; each joint keeps to its own.

    Raises:
        ValueError: there is no way point, or no speed.
    """
    if len(joints) == 0 or speed_m_s <= 0:
        raise ValueError(f"no motion of {len(joints)} way points at {speed_m_s} m/s; give both")
    by_joint = np.abs(np.diff(joints, axis=0)) / np.asarray(JOINT_SPEEDS[: joints.shape[1]])
    steps = np.maximum(by_joint.max(axis=1, initial=0.0), step_m / speed_m_s)
    return Trajectory(np.r_[0.0, np.cumsum(steps)], joints, length_m)


def _ramped(elapsed_s: float, whole_s: float) -> float:
    """Time at full speed that covers what was covered: a trapezoid of speeds, or a triangle."""
    ramp = min(RAMP_S, whole_s)
    end = whole_s + ramp
    now = min(max(elapsed_s, 0.0), end)
    if now < ramp:
        return now * now / (2 * ramp)
    if now > whole_s:
        return whole_s - (end - now) ** 2 / (2 * ramp)
    return now - ramp / 2
