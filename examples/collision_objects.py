"""Gives MoveIt the boxes that perception sees, as collision objects with the names of the products.

    python examples/collision_objects.py

From perception/objects_in_target_frame (set perception's target_frame, for example to the planning
frame) to moveit_msgs/CollisionObject on collision_object, where move_group listens. A box stays
with its track; one that is not seen any more is removed. It needs moveit_msgs, which comes with
MoveIt and is in no package index.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import rclpy
from culture_interfaces.msg import LabelledObject, LabelledObjectArray
from geometry_msgs.msg import Pose
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node


def object_id(seen: LabelledObject) -> str:
    """The name that MoveIt knows it by: what it is, and its track, which stays with it."""
    return f"{seen.concept_id or 'unknown'}#{seen.track_id}"


def collision_objects(objects: LabelledObjectArray, gone: set[str], msgs: Any) -> list[Any]:
    """One message a box that is seen, and one for each that is gone.

    Args:
        objects: what is seen, in the planning frame.
        gone: ids of boxes that were there before.
        msgs: moveit_msgs.msg and shape_msgs.msg's SolidPrimitive, as .CollisionObject and
            .SolidPrimitive.
    """
    kind = msgs.CollisionObject
    added = []
    for seen in objects.objects:
        size = [max(edge, 0.005) for edge in (seen.size.x, seen.size.y, seen.size.z)]
        box = msgs.SolidPrimitive(type=msgs.SolidPrimitive.BOX, dimensions=size)
        added.append(
            kind(
                header=objects.header,
                id=object_id(seen),
                pose=seen.pose.pose,
                primitives=[box],
                primitive_poses=[Pose()],  # the box's middle is the object's
                operation=kind.ADD,
            )
        )
    removed = [kind(header=objects.header, id=one, operation=kind.REMOVE) for one in sorted(gone)]
    return added + removed


class CollisionObjects(Node):
    """Publishes at each result; the planning scene has what the last one had."""

    def __init__(self, msgs: Any) -> None:
        super().__init__("collision_objects")
        self._msgs = msgs
        self._known: set[str] = set()
        self._publisher = self.create_publisher(msgs.CollisionObject, "collision_object", 100)
        self.create_subscription(
            LabelledObjectArray, "perception/objects_in_target_frame", self._on_objects, 10
        )

    def _on_objects(self, objects: LabelledObjectArray) -> None:
        seen = {object_id(one) for one in objects.objects}
        for message in collision_objects(objects, self._known - seen, self._msgs):
            self._publisher.publish(message)
        self._known = seen


def moveit_types() -> Any:
    """The message types of MoveIt. SystemExit, with the cure, where they are not installed."""
    try:
        from moveit_msgs.msg import CollisionObject
        from shape_msgs.msg import SolidPrimitive
    except ImportError as error:
        sys.exit(f"{error}: install MoveIt (apt install ros-$ROS_DISTRO-moveit-msgs)")

    return SimpleNamespace(CollisionObject=CollisionObject, SolidPrimitive=SolidPrimitive)


def main() -> None:
    """Runs until Ctrl-C."""
    types = moveit_types()
    rclpy.init()
    try:
        rclpy.spin(CollisionObjects(types))
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
