"""One motion of the arm while it is carried out: where the joints are to be, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, final

import numpy as np

from sim_bridge.arm.trajectory import Trajectory
from sim_bridge.camera import FloatArray

SETTLE_S: Final = 0.5
"""How long the motors may take to come to the end after the last way point."""
BLOCKED_S: Final = 0.25
_ARRIVED: Final = 1e-3
_BLOCKED: Final = np.array([0.03, *[0.12] * 7])
"""Error of the joints, metres and radians, at which something must be in the way."""


class Ending(Enum):
    """How a motion ended."""

    ARRIVED = "arrived"
    CONTACT = "contact"
    BLOCKED = "blocked"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Command:
    """What the joints are to do in the next step.

    Attributes:
        joints: (8,) where they are to be.
        ending: how the motion ends with this step; None: it goes on.
    """

    joints: FloatArray
    ending: Ending | None


@final
class Motion:
    """Follows a trajectory; the caller steps the physics and says what the tool touches."""

    def __init__(self, trajectory: Trajectory, until_contact: bool) -> None:
        self.trajectory = trajectory
        self._until_contact = until_contact
        self._elapsed_s = 0.0
        self._blocked_s = 0.0

    @property
    def left_m(self) -> float:
        """Way that the tip has still to go."""
        return self.trajectory.length_m * (1 - self.trajectory.progress(self._elapsed_s))

    def advance(self, step_s: float, joints: FloatArray, touches: bool) -> Command:
        """The next step's command.

        Args:
            step_s: time since the last one.
            joints: (8,) where the joints are now.
            touches: whether the tool, or what it holds, touches something.
        """
        if touches and self._until_contact:
            return Command(joints, Ending.CONTACT)
        self._elapsed_s += step_s
        target = self.trajectory.at(self._elapsed_s)
        error = np.abs(target - joints)
        self._blocked_s = self._blocked_s + step_s if (error > _BLOCKED).any() else 0.0
        if self._blocked_s > BLOCKED_S:
            return Command(joints, Ending.BLOCKED)
        return Command(target, self._ended(float(error.max())))

    def _ended(self, error: float) -> Ending | None:
        late_s = self._elapsed_s - self.trajectory.duration_s
        return Ending.ARRIVED if late_s >= 0 and (error < _ARRIVED or late_s > SETTLE_S) else None
