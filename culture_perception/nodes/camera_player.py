"""Node that stands in for a camera driver: it plays a folder, a bag, a video or a device."""

import sys
from typing import Any, Final

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from culture_perception.cameras.frames import Item, Poses, Problem, SourceFrame
from culture_perception.cameras.mounting import OPTICAL_FRAME
from culture_perception.cameras.pacing import OWN_PACE
from culture_perception.cameras.playing import Player
from culture_perception.compressed_images import rgb_to_compressed
from culture_perception.images import array_to_image
from culture_perception.message_records import NANOSECONDS
from culture_perception.nodes import qos
from culture_perception.nodes.camera_diagnosis import PlayFacts, diagnose, values_of
from culture_perception.nodes.camera_messages import camera_info_message, depth_message
from culture_perception.nodes.camera_settings import SETTINGS, mounting_of, open_source
from culture_perception.nodes.camera_stamps import Stamps
from culture_perception.nodes.camera_transforms import TransformOutput
from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.nodes.parameters import Values, declare, refuse_unknown, watch
from culture_perception.nodes.running import ManagedNode, run_node

CAPTURE_S: Final = 5.0
TOLD_PROBLEMS: Final = 20  # different ones that are logged; all are counted


class CameraPlayer(ManagedNode):
    """One thread reads, decodes and publishes; callbacks only change the rate and report."""

    def __init__(self) -> None:
        super().__init__("camera_player")
        self._values = declare(self, SETTINGS)
        refuse_unknown(self)
        mounting_of(self._values, OPTICAL_FRAME)  # a wrong one is to be said now
        self._source = open_source(self._values)
        self._rate_hz = float(self._values["rate_hz"])
        self._stamps = Stamps(recorded=self._values["restamp"] == "recorded")
        self._stamp_ns = 0
        self._told: set[str] = set()
        self._advertise()
        self._player = Player(
            self._source, self._show, self._on_end, self._rate_hz, bool(self._values["loop"])
        )
        watch(self, SETTINGS, self._apply)
        self.create_service(Trigger, "camera_player/capture", self._on_capture)
        self.create_timer(1.0, self._publish_diagnostics)
        self._facts = PlayFacts(self._player.played, self._source.described, self._rate_hz)
        self._player.start()
        self.get_logger().info(f"playing {self._source.described}")

    def _advertise(self) -> None:
        self._color = self._publisher(Image, "camera/color/image_raw")
        self._color_info = self._publisher(CameraInfo, "camera/color/camera_info")
        self._depth: Publisher[Any] | None = None
        if self._source.has_depth:
            self._depth = self._publisher(Image, "camera/depth/image_rect")
            self._depth_info = self._publisher(CameraInfo, "camera/depth/camera_info")
        self._compressed: Publisher[Any] | None = None
        if self._values["compressed"]:
            self._compressed = self._publisher(CompressedImage, "camera/color/image_raw/compressed")
        self._transforms = TransformOutput(self, dynamic=self._values["source"] == "bag")
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", qos.RESULTS)

    def _publisher(self, kind: type[Any], topic: str) -> Publisher[Any]:
        return self.create_publisher(kind, topic, qos.IMAGES)

    def close(self) -> None:
        """Ends the thread after the frame in hand."""
        self._player.stop()

    def _apply(self, values: Values) -> None:
        rate_hz = float(values["rate_hz"])
        if rate_hz != self._rate_hz:
            self._rate_hz = rate_hz
            self._player.set_rate(rate_hz)

    def _show(self, item: Item) -> None:
        """Thread: publishes what the source gave."""
        if isinstance(item, SourceFrame):
            self._show_frame(item)
        elif isinstance(item, Poses):
            own_pace = self._rate_hz == OWN_PACE
            self._transforms.put(item, self._stamps.shift_of(item, own_pace, self._now_ns()))
        else:
            self._tell(item)

    def _show_frame(self, frame: SourceFrame) -> None:
        frame_id = str(self._values["frame_id"]) or frame.frame_id or OPTICAL_FRAME
        now_ns = self._now_ns()
        if now_ns == 0:
            self._tell(Problem("use_sim_time is set and nothing comes on /clock: stamps are 0"))
        stamp_ns = self._stamps.of_frame(frame, self._rate_hz == OWN_PACE, now_ns)
        if not self._transforms.knows(frame_id):
            self._transforms.mount(mounting_of(self._values, frame_id), frame_id, stamp_ns)
        self._stamp_ns = stamp_ns
        header = Header(stamp=ns_to_stamp(stamp_ns), frame_id=frame_id)
        info = camera_info_message(frame.calibration, header)
        if self._depth is not None and frame.depth is not None:
            encoding = str(self._values["depth_encoding"])
            self._depth.publish(depth_message(frame.depth, encoding, header))
            self._depth_info.publish(info)
        self._color_info.publish(info)
        self._color.publish(array_to_image(frame.image_rgb, "rgb8", header))
        if self._compressed is not None and self._compressed.get_subscription_count():
            self._compressed.publish(rgb_to_compressed(frame.image_rgb, header))

    def _tell(self, problem: Problem) -> None:
        if problem.reason not in self._told and len(self._told) < TOLD_PROBLEMS:
            self._told.add(problem.reason)
            self.get_logger().warning(problem.reason)

    def _on_end(self, failure: Exception | None) -> None:
        """Thread: says that nothing more comes; gives up where that was not to be expected."""
        if not self.context.ok():
            return
        if failure is not None:
            self.give_up(f"{self._source.described}: {type(failure).__name__}: {failure}")
            return
        self.get_logger().info(
            f"the end of {self._source.described} after {self._player.played.frames} frames: "
            "nothing more is published (parameter loop is false)"
        )

    def _on_capture(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success = self._player.trigger(CAPTURE_S)
        if response.success:
            seconds, rest = divmod(self._stamp_ns, NANOSECONDS)
            response.message = f"{seconds}.{rest:09d}"
        elif self._player.played.ended:
            response.message = f"{self._source.described} was played to its end"
        else:
            response.message = f"no frame within {CAPTURE_S} s"
        return response

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _publish_diagnostics(self) -> None:
        before, described = self._facts, self._source.described
        self._facts = PlayFacts(self._player.played, described, self._rate_hz, before.played)
        level, message = diagnose(self._facts)
        status = DiagnosticStatus(
            level=bytes([level]),
            name=f"{self.get_name()}: camera",
            message=message,
            hardware_id=str(self._values["path"]),
            values=[KeyValue(key=key, value=one) for key, one in values_of(self._facts).items()],
        )
        header = Header(stamp=self.get_clock().now().to_msg())
        self._diagnostics.publish(DiagnosticArray(header=header, status=[status]))


def main() -> int:
    """Runs the player; returns the exit code."""
    return run_node(CameraPlayer, "camera_player")


if __name__ == "__main__":
    sys.exit(main())
