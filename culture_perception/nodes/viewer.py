"""Node that shows live, in rerun, what is seen and recognised: image, names, space, scores.

Callbacks only hand messages over; a thread of its own draws and sends, the newest first. rerun is
an extra: without it the node says how to get it, and everything else runs.
"""

import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from culture_interfaces.msg import LabelledMaskArray, LabelledObjectArray, Scores
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, PointCloud2

from culture_perception.message_records import stamp_ns_of
from culture_perception.nodes import qos
from culture_perception.nodes.name_translation import NameTranslator
from culture_perception.nodes.parameters import (
    ConfigurationError,
    Setting,
    Values,
    declare,
    refuse_unknown,
    watch,
)
from culture_perception.nodes.running import ManagedNode, run_node
from culture_perception.transforms import RigidTransform, TransformError, TransformTree
from culture_perception.view_queue import COLOUR, DEPTH, MASKS, ViewQueue, Waiting

SETTINGS: Final = (
    Setting(
        "mode",
        "auto",
        "spawn: a window; web: a page; save: a file; connect: a viewer that runs already; auto: "
        "a window where there is a display, else a page",
        choices=("auto", "spawn", "web", "save", "connect"),
    ),
    Setting("path", "culture_perception.rrd", "file of mode save"),
    Setting("url", "", "viewer of mode connect; empty: one on this machine"),
    Setting("port", 9090, "of the page of mode web", minimum=1, maximum=65535),
    Setting("data_port", 9876, "of the data, modes web and spawn", minimum=1, maximum=65535),
    Setting("memory_limit", "512MiB", "of what is kept for a page that is opened later"),
    Setting(
        "max_rate_hz",
        10.0,
        "frames a second shown at most",
        dynamic=True,
        minimum=0.1,
        maximum=100.0,
    ),
    Setting("jpeg_quality", 90, "of colour images", minimum=1, maximum=100),
    Setting(
        "language",
        "",
        "BCP-47 tag of the language that names are shown in, as the label service has them; "
        "empty: as they were recognised",
    ),
    Setting(
        "world_frame", "world", "frame, z upwards, that space is shown in, as far as TF has it"
    ),
    Setting(
        "image_reliability",
        "reliable",
        "of the subscriptions to the camera",
        choices=("reliable", "best_effort"),
    ),
)
MAX_FAILURES: Final = 20  # in a row: then the viewer is gone for good
WARN_AGAIN_S: Final = 10.0
# As long as TF says nothing: upright at the origin, looking along x.
UNPLACED: Final = RigidTransform((0.0, 0.0, 0.0), (0.5, -0.5, 0.5, -0.5))
REMEDY: Final = (
    "install it with `pip install 'culture_perception[view]'` or `pip install rerun-sdk`"
)


class Viewer(ManagedNode):
    """Shows what comes on the topics of one camera and of its perception."""

    def __init__(self) -> None:
        super().__init__("viewer")
        values = declare(self, SETTINGS)
        refuse_unknown(self)
        self._world = str(values["world_frame"])
        self._period_s = 1.0 / float(values["max_rate_hz"])
        watch(self, SETTINGS, self._apply)
        self._names = NameTranslator(self, str(values["language"]))
        self._view, where = open_view(values, self._names.label_of)
        self._tree = TransformTree()
        self._listener = self._listen_to_transforms()
        self._queue = ViewQueue()
        self._placed = UNPLACED
        self._failures = 0
        self._stopping = threading.Event()
        self._subscribe(str(values["image_reliability"]))
        self._thread = threading.Thread(target=self._run, name="viewer", daemon=True)
        self._thread.start()
        self.get_logger().info(f"showing in {where}")

    def _subscribe(self, reliability: str) -> None:
        reliable = reliability == "reliable"
        camera = qos.NEWEST_IMAGE if reliable else qos_profile_sensor_data
        topics: Mapping[str, tuple[str, type[Any], QoSProfile]] = {
            COLOUR: ("camera/color/image_raw", Image, camera),
            DEPTH: ("camera/depth/image_rect", Image, camera),
            "info": ("camera/color/camera_info", CameraInfo, camera),
            MASKS: ("perception/labelled_masks", LabelledMaskArray, qos.RESULTS),
            "objects": ("perception/objects", LabelledObjectArray, qos.RESULTS),
            "cloud": ("perception/object_cloud", PointCloud2, qos.IMAGES),
            "scores": ("evaluator/scores", Scores, qos.RESULTS),
        }
        for kind, (topic, message_type, profile) in topics.items():
            self.create_subscription(message_type, topic, self._putter(kind), profile)

    def _putter(self, kind: str) -> Callable[[Any], None]:
        def put(message: Any) -> None:
            if kind == MASKS:
                self._names.prepare(message.label_set, message.style)
            self._queue.put(kind, stamp_ns_of(message), message)

        return put

    def _listen_to_transforms(self) -> Any:
        try:
            from culture_perception.nodes.transform_listener import TransformListener
        except ImportError as error:
            self.get_logger().warning(f"the camera is shown at the origin: {error}")
            return None
        return TransformListener(self, self._tree)

    def _apply(self, values: Values) -> None:
        self._period_s = 1.0 / float(values["max_rate_hz"])

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            for waiting in self._queue.take(time.monotonic()):
                self._show(waiting)

    def _show(self, waiting: Waiting) -> None:
        pose = self._pose_of(waiting.message.header.frame_id, waiting.stamp_ns)
        try:
            self._view.show(waiting.kind, waiting.stamp_ns, waiting.message, pose)
        except Exception as error:  # one message may be wrong, or the viewer gone
            self._failures += 1
            self.get_logger().error(
                f"{waiting.kind} is not shown: {type(error).__name__}: {error}",
                throttle_duration_sec=WARN_AGAIN_S,
            )
            if self._failures >= MAX_FAILURES:
                self.give_up(f"{self._failures} failures in a row, the last: {error}")
            return
        self._failures = 0

    def _pose_of(self, frame_id: str, stamp_ns: int) -> RigidTransform:
        """Where the camera was; the last place known for what has no frame, as scores."""
        if frame_id:
            try:
                self._placed = self._tree.lookup(self._world, frame_id, stamp_ns)
            except TransformError:
                self._placed = UNPLACED
        return self._placed

    def close(self) -> None:
        """Ends the thread, and the file where there is one."""
        self._stopping.set()
        self._thread.join(timeout=10.0)
        try:
            self._view.close()
        except RuntimeError as error:
            self.get_logger().error(f"what was shown last is lost: {error}")


def open_view(values: Values, translate: Callable[..., str]) -> tuple[Any, str]:
    """The view that the parameters ask for, and where to look.

    Args:
        values: of SETTINGS.
        translate: see RerunView.

    Raises:
        ConfigurationError: rerun is not installed, or the view does not open.
    """
    try:
        sinks = importlib.import_module("culture_perception.nodes.rerun_sink")
        views = importlib.import_module("culture_perception.nodes.rerun_view")
    except ImportError as error:
        raise ConfigurationError(f"the live view needs rerun ({error}): {REMEDY}") from error
    mode = str(values["mode"])
    if mode == "auto":
        has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        mode = "spawn" if has_display else "web"
    recording, where = sinks.open_recording(
        sinks.Sink(
            mode=mode,
            path=str(values["path"]),
            url=str(values["url"]),
            port=int(values["port"]),
            data_port=int(values["data_port"]),
            memory_limit=str(values["memory_limit"]),
        )
    )
    return views.RerunView(recording, int(values["jpeg_quality"]), translate), where


def main() -> int:
    """Runs the viewer; returns the exit code."""
    return run_node(Viewer, "viewer")


if __name__ == "__main__":
    sys.exit(main())
