"""What perception hears of a camera: colour, and where there is one, depth and its CameraInfo."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_policy_name_from_kind
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from culture_perception.compressed_images import compressed_to_rgb
from culture_perception.images import ImageError, to_rgb
from culture_perception.masks import Uint8Array
from culture_perception.message_records import stamp_ns_of
from culture_perception.nodes import qos
from culture_perception.nodes.depth_store import DepthStore
from culture_perception.nodes.stream import StreamFacts, StreamMonitor

IMAGE_TOPIC: Final = "camera/color/image_raw"
INFO_TOPIC: Final = "camera/color/camera_info"
DEPTH_TOPIC: Final = "camera/depth/image_rect"


@dataclass(frozen=True, eq=False)
class CameraFrame:
    """A colour image as it came.

    Attributes:
        message: Image or CompressedImage.
        stamp_ns: of its header.
        arrived_s: time.monotonic() of its arrival.
    """

    message: Any
    stamp_ns: int
    arrived_s: float


@dataclass(frozen=True)
class InputOptions:
    """How perception listens to a camera.

    Attributes:
        transport: "raw" or "compressed", as image_transport calls them.
        depth_transport: "raw" or "compressedDepth".
        reliability: "reliable" or "best_effort".
        use_depth: whether to listen to depth at all.
        depth_tolerance_s: how far the stamps of a frame's colour and depth may lie apart.
    """

    transport: str
    depth_transport: str
    reliability: str
    use_depth: bool
    depth_tolerance_s: float


class CameraInput:
    """Subscriptions that exist from `open` to `close`; callbacks only keep or hand over."""

    def __init__(self, node: Node, on_frame: Callable[[CameraFrame], None]) -> None:
        self._node = node
        self._on_frame = on_frame
        self._subscriptions: list[Subscription[Any]] = []
        self._color = StreamMonitor()
        self._depth = StreamMonitor()
        self._info = StreamMonitor()
        self.depths: DepthStore[Any] = DepthStore(0)
        self.info: CameraInfo | None = None
        self.newest: CameraFrame | None = None
        self._options: InputOptions | None = None

    def open(self, options: InputOptions) -> None:
        """Starts to listen."""
        self._options = options
        self._color, self._depth, self._info = StreamMonitor(), StreamMonitor(), StreamMonitor()
        self.depths = DepthStore(round(options.depth_tolerance_s * 1e9))
        compressed = options.transport != "raw"
        self._subscribe(
            CompressedImage if compressed else Image,
            self._transported(IMAGE_TOPIC, options.transport),
            self._on_color,
            self._color,
        )
        if options.use_depth:
            raw = options.depth_transport == "raw"
            self._subscribe(
                Image if raw else CompressedImage,
                self._transported(DEPTH_TOPIC, options.depth_transport),
                self._on_depth,
                self._depth,
            )
            self._subscribe(CameraInfo, INFO_TOPIC, self._on_info, self._info)

    def close(self) -> None:
        """Ends listening and forgets what came."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []
        self.newest = self.info = None
        self.depths.clear()

    def forget(self) -> None:
        """Forgets frames and depth, as after a jump in time."""
        self.newest = None
        self.depths.clear()

    def decode(self, frame: CameraFrame) -> Uint8Array:
        """The image as uint8 (H, W, 3) RGB; any thread may ask.

        Raises:
            ImageError: it is damaged, or holds no colours; the monitor gets the reason as well.
        """
        message = frame.message
        try:
            image_rgb = (
                compressed_to_rgb(message) if hasattr(message, "format") else to_rgb(message)
            )
        except ImageError as error:
            self._color.problem = f"an image on {self.color_facts().topic} is of no use: {error}"
            raise
        self._color.problem = ""
        return image_rgb

    @property
    def depth_monitor(self) -> StreamMonitor:
        """Gets what is wrong with the depth images or their CameraInfo."""
        return self._depth

    def color_facts(self) -> StreamFacts:
        """What is known of the colour topic."""
        return self._facts(IMAGE_TOPIC, self._color, 0)

    def depth_facts(self) -> StreamFacts | None:
        """What is known of the depth topic; None where it is not listened to."""
        if self._options is None or not self._options.use_depth:
            return None
        return self._facts(DEPTH_TOPIC, self._depth, 1)

    def _facts(self, topic: str, monitor: StreamMonitor, index: int) -> StreamFacts:
        if index < len(self._subscriptions):
            topic = self._subscriptions[index].topic_name
        else:
            topic = self._node.resolve_topic_name(topic)
        return monitor.facts(topic, self._node.count_publishers(topic))

    def _subscribe(
        self, kind: Any, topic: str, callback: Callable[[Any], None], monitor: StreamMonitor
    ) -> None:
        def on_incompatible(event: Any) -> None:
            policy = qos_policy_name_from_kind(event.last_policy_kind)
            # The count of those that are there falls again when they leave; the event does not.
            monitor.incompatible = policy.lower()
            self._node.get_logger().warning(
                f"a publisher of {topic} does not match by {monitor.incompatible}: nothing of it "
                "comes; /diagnostics has the remedy"
            )

        self._subscriptions.append(
            self._node.create_subscription(
                kind,
                topic,
                callback,
                self._profile(),
                qos_overriding_options=QoSOverridingOptions.with_default_policies(),
                event_callbacks=SubscriptionEventCallbacks(incompatible_qos=on_incompatible),
            )
        )

    def _profile(self) -> QoSProfile:
        profile = copy.copy(qos.NEWEST_IMAGE)  # the overrides are written into it
        if self._options is not None and self._options.reliability == "best_effort":
            profile.reliability = ReliabilityPolicy.BEST_EFFORT
        return profile

    def _on_color(self, message: Any) -> None:
        frame = CameraFrame(message, stamp_ns_of(message), time.monotonic())
        self._color.arrived(frame.stamp_ns, self._node.get_clock().now().nanoseconds)
        self.newest = frame
        self._on_frame(frame)

    def _on_depth(self, message: Any) -> None:
        stamp_ns = stamp_ns_of(message)
        self._depth.arrived(stamp_ns, self._node.get_clock().now().nanoseconds)
        self.depths.put(stamp_ns, message)

    def _on_info(self, message: CameraInfo) -> None:
        self._info.incompatible = ""
        self.info = message

    def why_no_info(self) -> str:
        """Why there is no CameraInfo of the colour images, and the remedy."""
        topic = self._subscriptions[-1].topic_name if self._subscriptions else INFO_TOPIC
        if self._info.incompatible:
            return (
                f"incompatible QoS: a publisher of {topic} does not match by "
                f"{self._info.incompatible}; start perception with image_reliability:=best_effort, "
                "or with an override of that topic"
            )
        return f"nothing comes on {topic}: remap it to the colour image's own"

    def _transported(self, topic: str, transport: str) -> str:
        # As image_transport does it: a remapping of the image's topic moves those below it.
        if transport == "raw":
            return topic
        return f"{self._node.resolve_topic_name(topic)}/{transport}"
