"""Motions over time: speeds are kept, and nothing jumps."""

from __future__ import annotations

import numpy as np
import pytest

from sim_bridge.arm.model import JOINT_SPEEDS
from sim_bridge.arm.motion import BLOCKED_S, Ending, Motion
from sim_bridge.arm.trajectory import RAMP_S, timed

STILL = np.zeros(8)


def _rail_motion(length_m: float, speed_m_s: float) -> Motion:
    """The rail alone moves, in ten steps."""
    joints = np.zeros((11, 8))
    joints[:, 0] = np.linspace(0, length_m, 11)
    return Motion(timed(joints, length_m / 10, length_m, speed_m_s), until_contact=True)


def test_the_time_is_that_of_the_speed_asked_for_plus_the_ramps() -> None:
    path = _rail_motion(0.4, 0.4).trajectory
    assert path.duration_s == pytest.approx(1.0 + RAMP_S)
    assert path.at(0.0)[0] == 0.0
    assert path.at((1.0 + RAMP_S) / 2)[0] == pytest.approx(0.2)
    assert path.at(99.0)[0] == pytest.approx(0.4)


def test_a_joint_is_never_faster_than_it_can() -> None:
    joints = np.zeros((3, 8))
    joints[:, 1] = [0.0, 1.0, 3.0]
    path = timed(joints, 0.001, 0.002, speed_m_s=10.0)
    assert path.times_s == pytest.approx([0.0, 1 / JOINT_SPEEDS[1], 3 / JOINT_SPEEDS[1]])
    values = np.array([path.at(t)[1] for t in np.arange(0, path.duration_s, 0.001)])
    assert np.diff(values).max() <= JOINT_SPEEDS[1] * 0.001 * 1.001
    assert np.abs(np.diff(values, n=2)).max() < 0.001  # speed has no jumps


def test_a_motion_of_no_length_is_over_at_once() -> None:
    path = timed(np.zeros((2, 8)), 0.0, 0.0, 1.0)
    assert path.progress(0.0) == 1.0


@pytest.mark.parametrize(("points", "speed"), [(0, 1.0), (2, 0.0)])
def test_nothing_to_do_or_no_speed_is_refused(points: int, speed: float) -> None:
    with pytest.raises(ValueError, match="no motion"):
        timed(np.zeros((points, 8)), 0.01, 0.1, speed)


def test_a_motion_that_is_followed_arrives() -> None:
    motion, joints, ending, elapsed_s = _rail_motion(0.2, 0.5), STILL, None, 0.0
    while ending is None:
        command = motion.advance(0.01, joints, touches=False)
        joints, ending, elapsed_s = command.joints, command.ending, elapsed_s + 0.01
        assert elapsed_s < 2.0
    assert ending is Ending.ARRIVED
    assert joints[0] == pytest.approx(0.2)
    assert motion.left_m == pytest.approx(0.0)
    assert elapsed_s == pytest.approx(0.4 + RAMP_S, abs=0.03)


def test_a_contact_ends_it_where_it_is() -> None:
    motion = _rail_motion(0.2, 0.5)
    motion.advance(0.1, STILL, touches=False)
    joints = np.full(8, 0.05)
    command = motion.advance(0.01, joints, touches=True)
    assert command.ending is Ending.CONTACT
    assert np.array_equal(command.joints, joints)


def test_a_contact_does_not_matter_where_it_was_not_asked_for() -> None:
    motion = Motion(_rail_motion(0.2, 0.5).trajectory, until_contact=False)
    assert motion.advance(0.01, STILL, touches=True).ending is None


def test_joints_that_stay_behind_are_blocked() -> None:
    motion, waited_s = _rail_motion(0.4, 0.4), 0.0
    while motion.advance(0.01, STILL, touches=False).ending is None:
        waited_s += 0.01
    assert BLOCKED_S < waited_s < 1.0
