"""Node that publishes what a simulated camera sees of a table, with ground truth.

The scene does not move between two requests for a new one, so it is drawn once and published
with a new stamp each time. Its plumbing (parameters, QoS, start and end of the process) is that
of the other nodes; of recognition it sees nothing.
"""

import sys
from collections.abc import Sequence
from typing import Any, Final

from culture_interfaces.msg import LabelledMaskArray
from culture_interfaces.srv import NewScene
from rclpy.timer import Timer
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from culture_perception.nodes import qos
from culture_perception.nodes.parameters import (
    ConfigurationError,
    Setting,
    Values,
    declare,
    refuse_unknown,
    watch,
)
from culture_perception.nodes.running import ManagedNode, run_node
from sim_bridge.assets import product_meshes
from sim_bridge.bridge_messages import SceneMessages, optical_frame_transform, scene_messages
from sim_bridge.camera import CAMERA_NAMES, PROFILE_NAMES, Camera, ravens_camera
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.renderer import RendererError
from sim_bridge.scenes import SceneError
from sim_bridge.selection import choose_products
from sim_bridge.world import World

WORLD_FRAME: Final = "world"
SETTINGS: Final = (
    Setting(
        "rate_hz",
        10.0,
        "frames a second; 0: only on /sim_bridge/capture, as a software-triggered camera",
        dynamic=True,
        minimum=0.0,
        maximum=100.0,
    ),
    Setting("camera", "front", "where the camera stands", choices=CAMERA_NAMES),
    Setting("profile", "ravens", "image size and focal length", choices=PROFILE_NAMES),
    Setting("renderer", "auto", "what draws", choices=("auto", "egl", "tiny")),
    Setting(
        "samples",
        2,
        "points along each side of a pixel, averaged as a sensor does",
        minimum=1,
        maximum=4,
    ),
    Setting("label_set", "ycb", "whose products are on the table at the start"),
    Setting("count", 5, "products on the table at the start", minimum=1, maximum=12),
    Setting("seed", 1, "of the scene at the start", minimum=0, maximum=2**53),
    Setting("scans_dir", "", "folder of real YCB scans in place of made products; empty: none"),
    Setting("frame_id", "camera_color_optical_frame", "optical frame of images and transform"),
)


class SimBridge(ManagedNode):
    """Publishes images, camera infos, transform and ground truth; serves new scenes."""

    def __init__(self, world: World | None = None) -> None:
        super().__init__("sim_bridge")
        values = declare(self, SETTINGS)
        self._frame_id = str(values["frame_id"])
        self._camera = ravens_camera(str(values["camera"]), str(values["profile"]))
        self._world = world or _open_world(values, self._camera)
        # Masks of the two renderers differ, so that what is recorded has to say which one drew.
        declare(self, [Setting("renderer_in_use", self._world.renderer_kind, "what really draws")])
        refuse_unknown(self)
        self._timer: Timer | None = None
        self._scene = self._make_scene(
            str(values["label_set"]), [], int(values["count"]), int(values["seed"])
        )
        self._advertise()
        self._set_rate(float(values["rate_hz"]))
        watch(self, SETTINGS, self._apply)
        self.get_logger().info(
            f"{self._camera.width}x{self._camera.height} drawn by {self._world.renderer_kind}, "
            f"{values['rate_hz']} Hz, {len(self._scene.masks.masks)} products on the table"
        )

    def _advertise(self) -> None:
        topics: dict[str, tuple[type[Any], str]] = {
            "camera/color/image_raw": (Image, "color"),
            "camera/color/camera_info": (CameraInfo, "info"),
            "camera/depth/image_rect": (Image, "depth"),
            "camera/depth/camera_info": (CameraInfo, "info"),
            "ground_truth/id_image": (Image, "id_image"),
            "ground_truth/labelled_masks": (LabelledMaskArray, "masks"),
        }
        self._outputs = [
            (self.create_publisher(kind, topic, qos.IMAGES), attribute)
            for topic, (kind, attribute) in topics.items()
        ]
        self._publish_transform()
        self.create_service(NewScene, "sim_bridge/new_scene", self._on_new_scene)
        self.create_service(Trigger, "sim_bridge/capture", self._on_capture)

    def _publish_transform(self) -> None:
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError as error:
            self.get_logger().warning(
                f"/tf_static is not published: {error}; install tf2_msgs to have it"
            )
            return
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=WORLD_FRAME)
        pose = optical_frame_transform(self._camera, header, self._frame_id)
        self.create_publisher(TFMessage, "/tf_static", qos.LATCHED).publish(
            TFMessage(transforms=[pose])
        )

    def close(self) -> None:
        """Closes the physics and the renderer."""
        self._world.close()

    def _apply(self, values: Values) -> None:
        self._set_rate(float(values["rate_hz"]))

    def _set_rate(self, rate_hz: float) -> None:
        if self._timer is not None:
            self.destroy_timer(self._timer)
            self._timer = None
        if rate_hz > 0:
            self._timer = self.create_timer(1.0 / rate_hz, self._publish)

    def _publish(self) -> None:
        self._scene.stamp(self.get_clock().now().to_msg())
        for publisher, attribute in self._outputs:
            publisher.publish(getattr(self._scene, attribute))

    def _make_scene(
        self, label_set: str, wanted: Sequence[str], count: int, seed: int
    ) -> SceneMessages:
        chosen = choose_products(CONCEPTS, label_set, wanted, count, seed)
        self._world.new_scene(chosen, seed)
        seen = self._world.observe(self._camera)
        return scene_messages(self._camera, self._frame_id, seen, label_set)

    def _on_new_scene(
        self, request: NewScene.Request, response: NewScene.Response
    ) -> NewScene.Response:
        try:
            self._scene = self._make_scene(
                request.label_set, request.concept_ids, request.count, request.seed
            )
        except SceneError as error:
            response.message = f"{error} (the table stays as it was)"
            self.get_logger().warning(response.message)
            return response
        response.success = True
        response.placed = [mask.concept_id for mask in self._scene.masks.masks]
        response.message = f"{request.label_set}, seed {request.seed}: {', '.join(response.placed)}"
        self.get_logger().info(response.message)
        return response

    def _on_capture(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._publish()
        stamp = self._scene.header.stamp
        response.success = True
        response.message = f"{stamp.sec}.{stamp.nanosec:09d}"
        return response


def _open_world(values: Values, camera: Camera) -> World:
    meshes = product_meshes(str(values["scans_dir"]))
    try:
        return World(meshes, camera, str(values["renderer"]), int(values["samples"]))
    except RendererError as error:
        raise ConfigurationError(
            f"parameter renderer is {values['renderer']!r}: {error}"
        ) from error


def main() -> int:
    """Runs the bridge; returns the exit code."""
    return run_node(SimBridge, "sim_bridge")


if __name__ == "__main__":
    sys.exit(main())
