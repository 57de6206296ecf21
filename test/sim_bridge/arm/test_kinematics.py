"""Joints for poses: right, within limits, all over the workspace; else there is a reason."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sim_bridge.arm.kinematics import (
    POSITION_TOLERANCE_M,
    Kinematics,
    UnreachableError,
)
from sim_bridge.arm.live_world import DOWN_XYZW, HOME
from sim_bridge.arm.model import JOINT_LIMITS
from sim_bridge.physics import Pose
from sim_bridge.scenes import WORKSPACE_X, WORKSPACE_Y

VIA = Pose((0.45, 0.1, 0.38), DOWN_XYZW)


@pytest.fixture(scope="module")
def arm() -> Iterator[Kinematics]:
    made = Kinematics()
    yield made
    made.close()


def _down(x: float, y: float, z: float) -> Pose:
    return Pose((x, y, z), DOWN_XYZW)


def test_a_solution_is_where_it_was_asked_for(arm: Kinematics) -> None:
    joints = arm.solve(HOME)
    pose = arm.tool_pose(joints.tolist())
    assert pose.position == pytest.approx(HOME.position, abs=POSITION_TOLERANCE_M)
    axis = Rotation.from_quat(pose.quaternion_xyzw).apply([0, 0, 1])
    assert axis == pytest.approx([0, 0, -1], abs=0.01)  # z points out of the tool


def test_every_place_of_the_workspace_is_reached_from_above_and_left_again(
    arm: Kinematics,
) -> None:
    start = arm.straight(arm.solve(HOME).tolist(), VIA, 0.5).joints[-1]
    low, high = np.array(JOINT_LIMITS).T
    for x in np.linspace(*WORKSPACE_X, 4):
        for y in np.linspace(*WORKSPACE_Y, 6):
            joints = start
            for target in (_down(x, y, 0.3), _down(x, y, 0.01), _down(x, y, 0.35), VIA):
                path = arm.straight(joints.tolist(), target, 0.5)
                assert (path.joints >= low).all()
                assert (path.joints <= high).all()
                joints = path.joints[-1]


def test_the_tip_stays_on_the_line(arm: Kinematics) -> None:
    start = arm.straight(arm.solve(HOME).tolist(), VIA, 0.5).joints[-1]
    end = _down(0.6, -0.3, 0.1)
    path = arm.straight(start.tolist(), end, 0.5)
    a, b = np.array(VIA.position), np.array(end.position)
    along = (b - a) / np.linalg.norm(b - a)
    for joints in path.joints:
        offset = np.array(arm.tool_pose(joints.tolist()).position) - a
        assert np.linalg.norm(offset - along * (offset @ along)) < 2 * POSITION_TOLERANCE_M
    assert path.length_m == pytest.approx(np.linalg.norm(b - a), abs=2e-3)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(_down(2.0, 0.0, 0.3), id="too far"),
        pytest.param(_down(0.5, 0.0, 1.6), id="too high"),
        pytest.param(Pose((0.25, 0.0, 0.05), (0.0, 0.0, 0.0, 1.0)), id="tool upwards"),
    ],
)
def test_what_is_out_of_reach_is_refused_with_the_place_and_the_reason(
    arm: Kinematics, target: Pose
) -> None:
    start = arm.straight(arm.solve(HOME).tolist(), VIA, 0.5).joints[-1]
    with pytest.raises(UnreachableError, match=r"at \d+% of the way"):
        arm.straight(start.tolist(), target, 0.5)
    with pytest.raises(UnreachableError):
        arm.solve(target)
