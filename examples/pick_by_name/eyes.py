"""What the planner sees: perception's answer to a text, and the points of a mask in the world."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from asking import act
from culture_interfaces.action import FindObject
from culture_interfaces.msg import LabelledMask
from grasp import Points
from rclpy.action.client import ActionClient
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from culture_perception.depth_images import to_depth_m
from culture_perception.images import image_to_array
from culture_perception.intrinsics import rays, read_intrinsics
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import stamp_to_ns
from culture_perception.nodes.transform_listener import TransformListener
from culture_perception.rigid_transform import RigidTransform
from culture_perception.transforms import TransformTree

FRAMES_KEPT = 100
ANSWER_S = 5.0  # over the deadline of the search


class Eyes:
    """Asks perception/find_object and keeps the depth images that come meanwhile."""

    def __init__(self, node: Node, group: CallbackGroup, world: str) -> None:
        self._node, self._world = node, world
        self._find: Any = ActionClient(
            node, FindObject, "perception/find_object", callback_group=group
        )
        self._depth: OrderedDict[int, Image] = OrderedDict()
        self._info: CameraInfo | None = None
        self._frames = TransformListener(node, TransformTree())
        for kind, topic, callback in (
            (Image, "camera/depth/image_rect", self._on_depth),
            (CameraInfo, "camera/depth/camera_info", self._on_info),
        ):
            node.create_subscription(kind, topic, callback, qos.IMAGES, callback_group=group)

    def _on_depth(self, message: Image) -> None:
        self._depth[stamp_to_ns(message.header.stamp)] = message
        while len(self._depth) > FRAMES_KEPT:
            self._depth.popitem(last=False)

    def _on_info(self, message: CameraInfo) -> None:
        self._info = message

    async def find(self, text: str, language: str, timeout_s: float) -> Any:
        """FindObject's result for a frame that is taken from now on. NoAnswerError: none came."""
        self._depth.clear()
        goal = FindObject.Goal(
            text=text, language=language, target_frame=self._world, timeout_s=timeout_s
        )
        return await act(
            self._node, self._find, "perception/find_object", goal, timeout_s + ANSWER_S
        )

    def points(self, result: Any, mask: LabelledMask) -> Points:
        """(N, 3) points of a mask of a result, metres in the world.

        Raises:
            LookupError: the frame's depth image, the camera's calibration or a transform is not
                there.
        """
        stamp_ns = stamp_to_ns(result.header.stamp)
        message, info = self._depth.get(stamp_ns), self._info
        if message is None or info is None:
            raise LookupError("there is no depth image of the frame in which it was found")
        depth_m = to_depth_m(message)
        if result.has_object:  # perception has left out what only seems to be of the object
            pixels = np.array(result.object.point_indices, np.int64)
            rows, columns = np.divmod(pixels, depth_m.shape[1])
        else:
            rows, columns = np.nonzero(image_to_array(mask.mask))
            rows, columns = rows + mask.box.y_offset, columns + mask.box.x_offset
        z = depth_m[rows, columns]
        xy = rays(read_intrinsics(info, depth_m.shape, rectified=True))[rows, columns] * z[:, None]
        optical = np.column_stack([xy, z])[np.isfinite(z)]
        camera = self.frame(result.header.frame_id, stamp_ns)
        return camera.apply(optical)

    def frame(self, name: str, stamp_ns: int = 0) -> RigidTransform:
        """Where a frame is in the world; TransformError, a LookupError, where nobody says."""
        return self._frames.tree.lookup(self._world, name, stamp_ns)
