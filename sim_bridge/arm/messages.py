"""From poses and joints to messages, and back."""

from __future__ import annotations

import math

from geometry_msgs.msg import Pose as PoseMessage
from geometry_msgs.msg import PoseStamped, Quaternion, Transform, TransformStamped, Vector3
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from sim_bridge.arm.model import JOINT_NAMES
from sim_bridge.arm.simulation_thread import State
from sim_bridge.physics import Pose


def pose_to_transform(pose: Pose, header: Header, child_frame: str) -> TransformStamped:
    """Where a frame is in `header.frame_id`."""
    x, y, z = (float(value) for value in pose.position)
    qx, qy, qz, qw = (float(value) for value in pose.quaternion_xyzw)
    return TransformStamped(
        header=header,
        child_frame_id=child_frame,
        transform=Transform(
            translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)
        ),
    )


def pose_to_message(pose: Pose, header: Header) -> PoseStamped:
    """A pose in `header.frame_id`."""
    message = PoseMessage()
    message.position.x, message.position.y, message.position.z = map(float, pose.position)
    turn = message.orientation
    turn.x, turn.y, turn.z, turn.w = map(float, pose.quaternion_xyzw)
    return PoseStamped(header=header, pose=message)


def message_to_pose(message: PoseStamped, frame: str) -> Pose:
    """A pose in `frame`.

    Raises:
        ValueError: the message is in another frame, or its numbers are no pose.
    """
    if message.header.frame_id != frame:
        raise ValueError(
            f"target is in frame {message.header.frame_id!r}; give it in {frame!r}, by TF"
        )
    place, turn = message.pose.position, message.pose.orientation
    position, quaternion = (place.x, place.y, place.z), (turn.x, turn.y, turn.z, turn.w)
    length = math.hypot(*quaternion)
    if not all(map(math.isfinite, position)) or not abs(length - 1) < 1e-2:
        raise ValueError(
            f"target is no pose: position {position}, orientation of length {length:.3f}; "
            "an orientation has length 1, and (0, 1, 0, 0) points the tool down"
        )
    return Pose(position, (turn.x / length, turn.y / length, turn.z / length, turn.w / length))


def joint_state(state: State, header: Header) -> JointState:
    """Rail in metres, the Panda's joints in radians."""
    return JointState(
        header=header,
        name=list(JOINT_NAMES),
        position=[float(value) for value in state.joints],
        velocity=[float(value) for value in state.velocities],
    )
