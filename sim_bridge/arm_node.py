"""Node that simulates a table, a camera and an arm that picks from the table.

It publishes what sim_bridge_node publishes, of a world that moves, and takes the arm's commands.
All physics and drawing is done by one thread (sim_bridge.arm.simulation_thread); the callbacks
hand over and wait without blocking the executor.
"""

import json
import sys
import time
from typing import Any, Final

from culture_interfaces.msg import LabelledMaskArray
from culture_interfaces.srv import NewScene
from rclpy.callback_groups import ReentrantCallbackGroup
from sensor_msgs.msg import CameraInfo, Image, JointState
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
from sim_bridge.arm.live_world import TABLE_FRAMES, LiveWorld
from sim_bridge.arm.messages import (
    joint_state,
    pose_to_transform,
)
from sim_bridge.arm.model import TOOL_LINK
from sim_bridge.arm.simulation_thread import SimulationStopped, SimulationThread
from sim_bridge.arm_commands import ArmCommands, done
from sim_bridge.assets import product_meshes
from sim_bridge.bridge_messages import SceneMessages, scene_messages
from sim_bridge.bridge_node import SETTINGS as CAMERA_SETTINGS
from sim_bridge.bridge_node import WORLD_FRAME
from sim_bridge.camera import ravens_camera
from sim_bridge.physics import Pose
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.renderer import RendererError
from sim_bridge.scenes import SceneError
from sim_bridge.selection import choose_products

SETTINGS: Final = (
    *CAMERA_SETTINGS,
    Setting(
        "moving_rate_hz",
        3.0,
        "frames a second while something moves, each drawn anew",
        dynamic=True,
        minimum=0.1,
        maximum=100.0,
    ),
    Setting("joint_rate_hz", 20.0, "joint states and /tf a second", minimum=1.0, maximum=100.0),
    Setting(
        "speed_m_s",
        0.4,
        "of the tool, where a goal gives none",
        dynamic=True,
        minimum=0.01,
        maximum=1.5,
    ),
    Setting(
        "real_time_factor",
        1.0,
        "simulated seconds in a second; 0: as many as this machine can",
        minimum=0.0,
        maximum=100.0,
    ),
)


class ArmSim(ManagedNode):
    """Publishes camera, joints and frames; serves motions, suction and new scenes."""

    def __init__(self) -> None:
        super().__init__("arm_sim")
        values = declare(self, SETTINGS)
        refuse_unknown(self)
        self._apply(values)
        self._frame_id = str(values["frame_id"])
        self._camera = ravens_camera(str(values["camera"]), str(values["profile"]))
        self._label_set = ""
        self._scene: SceneMessages | None = None
        self._drawn_revision = -1
        self._next_frame_s = 0.0
        self._group = ReentrantCallbackGroup()  # a callback that waits must not stop the others
        self._advertise()
        self._thread = SimulationThread(
            lambda: self._open_world(values),
            self._on_turn,
            self.give_up,
            float(values["real_time_factor"]),
        )
        self._thread.start()
        # Masks of the two renderers differ, so that what is recorded has to say which one drew.
        declare(self, [Setting("renderer_in_use", self._renderer_kind, "what really draws")])
        self._serve()
        watch(self, SETTINGS, self._apply)
        self.create_timer(1.0 / float(values["joint_rate_hz"]), self._publish_joints, self._group)

    def _open_world(self, values: Values) -> LiveWorld:
        """In the simulation's thread: the world with its first scene."""
        meshes = product_meshes(str(values["scans_dir"]))
        try:
            world = LiveWorld(meshes, self._camera, str(values["renderer"]), int(values["samples"]))
        except RendererError as error:
            raise ConfigurationError(
                f"parameter renderer is {values['renderer']!r}: {error}"
            ) from error
        self._make_scene(
            world, str(values["label_set"]), (), int(values["count"]), int(values["seed"])
        )
        self._renderer_kind = world.renderer_kind
        self.get_logger().info(
            f"arm on a rail, {self._camera.width}x{self._camera.height} drawn by "
            f"{self._renderer_kind}"
        )
        return world

    def _apply(self, values: Values) -> None:
        self._rate_hz = float(values["rate_hz"])
        self._moving_rate_hz = float(values["moving_rate_hz"])
        self._speed_m_s = float(values["speed_m_s"])

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
        self._joint_states = self.create_publisher(JointState, "joint_states", qos.RESULTS)
        self._advertise_frames()

    def _advertise_frames(self) -> None:
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError as error:
            raise ConfigurationError(f"there is no /tf ({error}): install tf2_msgs") from error
        self._frames_message = TFMessage
        self._frames = self.create_publisher(TFMessage, "/tf", qos.RESULTS)
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=WORLD_FRAME)
        camera = Pose(self._camera.position, self._camera.quaternion_xyzw)
        self._static_frames = self.create_publisher(TFMessage, "/tf_static", qos.LATCHED)
        self._static_frames.publish(
            TFMessage(
                transforms=[
                    pose_to_transform(pose, header, name)
                    for name, pose in {**TABLE_FRAMES, self._frame_id: camera}.items()
                ]
            )
        )

    def _serve(self) -> None:
        for kind, name, callback in (
            (NewScene, "sim_bridge/new_scene", self._on_new_scene),
            (Trigger, "sim_bridge/capture", self._on_capture),
            (Trigger, "sim_bridge/basket", self._on_basket),
        ):
            self.create_service(kind, name, callback, callback_group=self._group)
        self._commands = ArmCommands(
            self, self._group, self._thread, WORLD_FRAME, lambda: self._speed_m_s
        )

    def close(self) -> None:
        """Ends the thread, and with it physics and renderer."""
        self._thread.stop()

    # --- in the simulation's thread

    def _on_turn(self, world: LiveWorld) -> None:
        rate = self._rate_hz if world.at_rest else min(self._rate_hz, self._moving_rate_hz)
        now = time.monotonic()
        if rate > 0 and now >= self._next_frame_s:
            self._next_frame_s = max(self._next_frame_s + 1 / rate, now)
            self._publish_frame(world)

    def _publish_frame(self, world: LiveWorld) -> Header:
        """One frame of one stamp; what has not moved is not drawn again."""
        stamp = self.get_clock().now().to_msg()
        if self._scene is None or self._drawn_revision != world.revision:
            # Sharp where nothing moves; quick where the next frame differs anyhow.
            seen = world.observe(None if world.at_rest else 1)
            self._scene = scene_messages(self._camera, self._frame_id, seen, self._label_set)
            self._drawn_revision = world.revision if world.at_rest else -1
        self._scene.stamp(stamp)
        for publisher, attribute in self._outputs:
            publisher.publish(getattr(self._scene, attribute))
        return self._scene.header

    def _make_scene(
        self, world: LiveWorld, label_set: str, wanted: tuple[str, ...], count: int, seed: int
    ) -> tuple[str, ...]:
        chosen = choose_products(CONCEPTS, label_set, wanted, count, seed)
        world.new_scene(chosen, seed)
        self._label_set = label_set
        return chosen

    # --- in the executor

    def _publish_joints(self) -> None:
        header = Header(stamp=self.get_clock().now().to_msg())
        state = self._thread.state
        self._joint_states.publish(joint_state(state, header))
        header.frame_id = WORLD_FRAME
        self._frames.publish(
            self._frames_message(transforms=[pose_to_transform(state.tool, header, TOOL_LINK)])
        )

    async def _on_new_scene(
        self, request: NewScene.Request, response: NewScene.Response
    ) -> NewScene.Response:
        def make(world: LiveWorld) -> tuple[str, ...]:
            wanted = tuple(request.concept_ids)
            return self._make_scene(world, request.label_set, wanted, request.count, request.seed)

        try:
            placed = await done(self._thread.ask(make))
        except (SceneError, SimulationStopped) as error:
            response.message = f"{error} (the table stays as it was)"
            self.get_logger().warning(response.message)
            return response
        response.success, response.placed = True, list(placed)
        response.message = f"{request.label_set}, seed {request.seed}: {', '.join(placed)}"
        self.get_logger().info(response.message)
        return response

    async def _on_capture(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        stamp = (await done(self._thread.ask(self._publish_frame))).stamp
        response.success = True
        response.message = f"{stamp.sec}.{stamp.nanosec:09d}"
        return response

    async def _on_basket(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        """The truth, for a judge: a JSON list of what lies in the basket."""
        response.message = json.dumps(await done(self._thread.ask(LiveWorld.basket)))
        response.success = True
        return response


def main() -> int:
    """Runs the simulation; returns the exit code."""
    return run_node(ArmSim, "arm_sim")


if __name__ == "__main__":
    sys.exit(main())
