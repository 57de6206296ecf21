"""Puts perception's masks into space: depth of the image's stamp, intrinsics, and TF."""

from __future__ import annotations

import time
from typing import Any, Protocol

from rclpy.node import Node

from culture_perception.compressed_images import compressed_to_depth
from culture_perception.depth_alignment import Origin, check_belongs
from culture_perception.depth_images import to_depth_m
from culture_perception.images import ImageError
from culture_perception.intrinsics import IntrinsicsError, read_intrinsics
from culture_perception.masks import Float32Array
from culture_perception.message_records import stamp_ns_of
from culture_perception.nodes.camera_input import CameraInput
from culture_perception.nodes.transform_listener import TransformListener
from culture_perception.objects_3d import LocatedObject
from culture_perception.perceiving import Perceived, put_into_space
from culture_perception.rigid_transform import RigidTransform
from culture_perception.transforms import TransformError, TransformTree


class PlacingNode(Protocol):
    """A node with parameters."""

    @property
    def node(self) -> Node:
        """The node."""

    def value(self, name: str) -> Any:
        """A parameter."""


class Placing:
    """The worker's thread asks it; what is wrong goes to the camera's depth monitor."""

    def __init__(self, host: PlacingNode, camera: CameraInput) -> None:
        self._host = host
        self._camera = camera
        self._tree = TransformTree()
        self._listener: TransformListener | None = None

    def open(self) -> None:
        """Starts to listen to TF."""
        self._listener = TransformListener(self._host.node, self._tree)

    def close(self) -> None:
        """Ends it, and forgets all frames."""
        if self._listener is not None:
            self._listener.close()
        self._listener, self._tree = None, TransformTree()

    def forget(self) -> None:
        """Forgets what moves, as after a jump in time."""
        self._tree.clear_moving()

    def placed(self, perceived: Perceived, wanted: bool) -> tuple[Perceived, float]:
        """The same with places, where they are wanted and there is depth; and the milliseconds."""
        started_s = time.perf_counter()
        message = self._camera.depths.take()
        if wanted:
            try:
                perceived = self._with_places(perceived, message)
            except (ImageError, IntrinsicsError) as error:
                self._camera.depth_monitor.problem = f"depth is not used: {error}"
        return perceived, (time.perf_counter() - started_s) * 1e3

    def to_target(
        self, perceived: Perceived
    ) -> tuple[str, tuple[LocatedObject | None, ...]] | None:
        """The places in the target frame; None where none is asked for or no way there known."""
        target = str(self._host.value("target_frame"))
        if not target or not perceived.objects:
            return None
        try:
            transform = self.transform_to(target, perceived.frame_id, perceived.stamp_ns)
        except TransformError as error:
            self._warn(f"no places in target_frame {target!r}: {error}")
            return None
        return target, tuple(
            None if one is None else one.transformed(transform) for one in perceived.objects
        )

    def transform_to(self, frame: str, from_frame: str, stamp_ns: int) -> RigidTransform:
        """Waits a little for a transform; TransformError where there is none."""
        timeout_s = float(self._host.value("transform_timeout_s"))
        return self._tree.lookup(frame, from_frame, stamp_ns, timeout_s)

    def _with_places(self, perceived: Perceived, message: Any) -> Perceived:
        monitor, info = self._camera.depth_monitor, self._camera.info
        if message is None:
            monitor.problem = self._why_no_depth()
            return perceived
        if info is None:
            monitor.problem = f"depth comes, but no camera_info: {self._camera.why_no_info()}"
            return perceived
        depth_m = _decoded(message)
        height, width = depth_m.shape
        check_belongs(
            Origin((height, width), str(message.header.frame_id), stamp_ns_of(message)),
            Origin(perceived.image_rgb.shape[:2], perceived.frame_id, perceived.stamp_ns),
            self._camera.depths.tolerance_ns,
        )
        intrinsics = read_intrinsics(info, perceived.image_rgb.shape[:2])
        placed = put_into_space(perceived, depth_m, intrinsics, self._up(perceived))
        monitor.problem = ""
        return placed

    def _why_no_depth(self) -> str:
        nearest_ns = self._camera.depths.nearest_ns
        if nearest_ns is None:
            return ""  # none came at all, which the monitor sees itself
        return (
            f"no depth of the image's stamp: the nearest is {nearest_ns / 1e6:.1f} ms off; have "
            "the driver synchronise depth and colour, or raise depth_tolerance_s"
        )

    def _up(self, perceived: Perceived) -> list[float] | None:
        """Up in the optical frame, if it is known: z of the target frame."""
        target = str(self._host.value("target_frame"))
        if not target:
            return None
        try:
            to_target = self._tree.lookup(target, perceived.frame_id, perceived.stamp_ns)
        except TransformError:
            return None
        return [float(one) for one in to_target.rotation[2]]

    def _warn(self, text: str) -> None:
        # The ages in the text differ from frame to frame.
        logger = self._host.node.get_logger()
        logger.warning(text, throttle_duration_sec=5.0)


def _decoded(message: Any) -> Float32Array:
    return compressed_to_depth(message) if hasattr(message, "format") else to_depth_m(message)
