"""Publishes a RAVENS or CLIPort environment from the program that steps it.

    with RavensBridge(env) as bridge:
        env.reset()
        bridge.publish()

It is no process of its own: the environment's loop belongs to its user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeAlias, final

import rclpy
from builtin_interfaces.msg import Time
from culture_interfaces.msg import LabelledMask, LabelledMaskArray
from geometry_msgs.msg import TransformStamped
from rclpy.context import Context
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header, String

from culture_perception.images import array_to_image
from culture_perception.nodes import qos
from culture_perception.nodes.mask_messages import mask_to_message
from sim_bridge.bridge_messages import SceneMessages, camera_info, optical_frame_transform
from sim_bridge.camera import Camera
from sim_bridge.ravens import (
    Body,
    Config,
    RavensEnvironment,
    RavensView,
    camera_of,
    named_cameras,
    observe,
    renderer_of,
)

WORLD_FRAME: Final = "world"
FIRST_FRAME: Final = "camera_color_optical_frame"
_Output: TypeAlias = "tuple[Publisher[Any], str]"
_TOPICS: Final[Mapping[str, tuple[type[Any], str]]] = {
    "color/image_raw": (Image, "color"),
    "color/camera_info": (CameraInfo, "info"),
    "depth/image_rect": (Image, "depth"),
    "depth/camera_info": (CameraInfo, "info"),
    "ground_truth/id_image": (Image, "id_image"),
    "ground_truth/labelled_masks": (LabelledMaskArray, "masks"),
}


def concept_of_body(body: Body) -> str:
    """The concept id of a body where nothing else is asked for: its name."""
    return body.name


@dataclass(frozen=True)
class _Source:
    """One camera and where its messages go."""

    config: Config
    camera: Camera
    frame_id: str
    outputs: tuple[_Output, ...]

    def is_wanted(self) -> bool:
        return any(publisher.get_subscription_count() for publisher, _ in self.outputs)


def _names(topic: str, camera: str, is_first: bool) -> list[str]:
    """The camera's own topic and, for the first camera, the system's."""
    own = f"ravens/{camera}/{topic}"
    systems = topic if topic.startswith("ground_truth/") else f"camera/{topic}"
    return [systems, own] if is_first else [own]


@final
class RavensBridge:
    """A node for all cameras of an environment. Use it as a context manager or call close().

    Topics of each camera: ravens/<name>/color/image_raw (rgb8), …/color/camera_info,
    …/depth/image_rect (32FC1 metres), …/depth/camera_info, …/ground_truth/id_image (mono16,
    PyBullet's body id + 1) and …/ground_truth/labelled_masks (the objects that are seen). The
    first camera is also the system's: camera/color/image_raw and so on, ground_truth/….
    ravens/language_goal has the words of CLIPort's task. /tf_static has each camera's optical
    frame in `world`.
    """

    def __init__(
        self,
        env: RavensEnvironment,
        cameras: Mapping[str, Config] | None = None,
        *,
        label_set: str = "ravens",
        concept_of: Callable[[Body], str] = concept_of_body,
        namespace: str = "",
        client: int = 0,
    ) -> None:
        """Joins the ROS graph, with a context of its own.

        Args:
            env: of RAVENS or CLIPort; need not be reset yet.
            cameras: name to config, the first is the system's camera; None: the environment's
                own, front, left and right.
            label_set: that the ground truth says its concept ids are of.
            concept_of: concept id of an object; the default is its body name.
            namespace: of all topics but /tf_static.
            client: PyBullet's client that the environment uses; theirs is the first, 0.

        Raises:
            RavensError: no such environment, or no cameras.
            CameraError: a config describes no camera.
        """
        configs = named_cameras(env) if cameras is None else cameras
        renderer = renderer_of(env, client)
        drawn = {name: camera_of(name, config, renderer) for name, config in configs.items()}
        self._env, self._client = env, client
        self._label_set, self._concept_of = label_set, concept_of
        self._context = Context()
        rclpy.init(context=self._context)
        self._node = Node("ravens_bridge", context=self._context, namespace=namespace)
        self._sources = [
            self._advertise(number, configs[name], camera)
            for number, (name, camera) in enumerate(drawn.items())
        ]
        self._goal = self._node.create_publisher(String, "ravens/language_goal", qos.LATCHED)
        self._transforms = self._publish_transforms()

    def _advertise(self, number: int, config: Config, camera: Camera) -> _Source:
        outputs = tuple(
            (self._node.create_publisher(kind, name, qos.IMAGES), attribute)
            for topic, (kind, attribute) in _TOPICS.items()
            for name in _names(topic, camera.name, is_first=number == 0)
        )
        frame_id = f"{camera.name}_{FIRST_FRAME}" if number else FIRST_FRAME
        return _Source(config, camera, frame_id, outputs)

    def _publish_transforms(self) -> Publisher[Any] | None:
        """Latched as long as the publisher lives; None where tf2_msgs is not installed."""
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError as error:
            self._node.get_logger().warning(
                f"/tf_static is not published: {error}; install tf2_msgs to have it"
            )
            return None
        publisher: Publisher[Any] = self._node.create_publisher(
            TFMessage, "/tf_static", qos.LATCHED
        )
        publisher.publish(TFMessage(transforms=[self._transform(one) for one in self._sources]))
        return publisher

    def _transform(self, source: _Source) -> TransformStamped:
        header = Header(stamp=self._node.get_clock().now().to_msg(), frame_id=WORLD_FRAME)
        return optical_frame_transform(source.camera, header, source.frame_id)

    def publish(self) -> Time:
        """Draws and publishes what the environment's cameras see now.

        A camera that nobody listens to is not drawn.

        Returns:
            The one stamp of all messages.

        Raises:
            RavensError: what the environment draws does not fit its cameras.
        """
        stamp: Time = self._node.get_clock().now().to_msg()
        for source in self._sources:
            if source.is_wanted():
                self._publish_view(source, stamp)
        goal = getattr(self._env, "get_lang_goal", None)
        if goal is not None:
            self._goal.publish(String(data=str(goal())))
        return stamp

    def _publish_view(self, source: _Source, stamp: Time) -> None:
        view = observe(self._env, source.config, self._client)
        messages = self._messages(source, view)
        messages.stamp(stamp)
        for publisher, attribute in source.outputs:
            publisher.publish(getattr(messages, attribute))

    def _messages(self, source: _Source, view: RavensView) -> SceneMessages:
        header = Header(frame_id=source.frame_id)
        return SceneMessages(
            header=header,
            color=array_to_image(view.image_rgb, "rgb8", header),
            depth=array_to_image(view.depth_m, "32FC1", header),
            info=camera_info(source.camera, header),
            id_image=array_to_image(view.id_image, "mono16", header),
            masks=self._truth(view, header),
        )

    def _truth(self, view: RavensView, header: Header) -> LabelledMaskArray:
        """The objects of which a pixel is seen; nobody could find the others."""
        height, width = view.id_image.shape
        masks = [self._mask(body, view, header) for body in view.bodies]
        return LabelledMaskArray(
            header=header,
            label_set=self._label_set,
            image_height=height,
            image_width=width,
            masks=[mask for mask in masks if mask.area],
        )

    def _mask(self, body: Body, view: RavensView, header: Header) -> LabelledMask:
        message = mask_to_message(view.id_image == body.instance_id, header)
        message.instance_id = message.track_id = body.instance_id
        message.concept_id = self._concept_of(body)
        message.probability = message.predicted_iou = message.stability = 1.0
        return message

    def close(self) -> None:
        """Leaves the ROS graph; the environment stays. Calling it again does nothing."""
        if self._context.ok():
            self._node.destroy_node()
            rclpy.shutdown(context=self._context)

    def __enter__(self) -> RavensBridge:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
