"""Publishes the transforms of a camera: those that were recorded, or else its mounting."""

from collections.abc import Sequence
from typing import Any, Final

from rclpy.node import Node
from rclpy.qos import QoSProfile

from culture_perception.cameras.frames import Pose, Poses
from culture_perception.nodes import qos
from culture_perception.nodes.camera_messages import transforms

_TRANSFORMS: Final = QoSProfile(depth=100)  # as tf2_ros broadcasts


class TransformOutput:
    """/tf_static with everything static so far, as a late subscriber gets one message; /tf."""

    def __init__(self, node: Node, dynamic: bool) -> None:
        """Advertises.

        Args:
            node: What publishes.
            dynamic: Whether there is /tf as well.
        """
        self._static: dict[str, Pose] = {}
        self._children: set[str] = set()
        self._kind: Any = None
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError as error:
            node.get_logger().warning(f"no transforms: {error}; install tf2_msgs to have them")
            return
        self._kind = TFMessage
        self._on_tf_static = node.create_publisher(TFMessage, "/tf_static", qos.LATCHED)
        self._on_tf = node.create_publisher(TFMessage, "/tf", _TRANSFORMS) if dynamic else None

    def put(self, poses: Poses, shift_ns: int) -> None:
        """Publishes what was recorded, its stamps shifted by nanoseconds."""
        self._children.update(pose.child for pose in poses.poses)
        if self._kind is None:
            return
        if poses.static:
            self._publish_static(poses.poses, shift_ns)
        elif self._on_tf is not None:
            self._on_tf.publish(self._kind(transforms=transforms(poses.poses, shift_ns)))

    def knows(self, frame_id: str) -> bool:
        """Whether the place of a frame was recorded, or published by `mount`."""
        return frame_id in self._children

    def mount(self, poses: Sequence[Pose], frame_id: str, stamp_ns: int) -> None:
        """Publishes the static transforms to a frame, if there are any."""
        self._children.add(frame_id)
        if poses and self._kind is not None:
            self._publish_static(poses, stamp_ns)

    def _publish_static(self, poses: Sequence[Pose], shift_ns: int) -> None:
        self._static.update({pose.child: pose for pose in poses})
        message = self._kind(transforms=transforms(self._static.values(), shift_ns))
        self._on_tf_static.publish(message)
