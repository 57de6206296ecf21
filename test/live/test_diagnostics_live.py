"""Every cause of silence is provoked, and /diagnostics has to name it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from culture_interfaces.msg import LabelledMaskArray
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.msg import ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo

from culture_perception.images import array_to_image
from culture_perception.nodes import qos

NODES = "culture_perception.nodes"
LEVELS = {b"\x00": "ok", b"\x01": "warn", b"\x02": "error", b"\x03": "stale"}


class Diagnosis:
    """What perception says, kept while a camera may publish."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.received = peer.collect(DiagnosticArray, "/diagnostics", qos.RESULTS)

    def part(self, name: str) -> DiagnosticStatus | None:
        entries = self.received[-1].status if self.received else []
        return next((one for one in entries if one.name == f"perception: {name}"), None)

    def says(
        self, text: str, level: str, name: str = "recognition", feed: Callable[[], Any] = int
    ) -> None:
        """Waits until a part says so; `feed` is called all the time, as a camera would publish."""

        def said() -> bool:
            feed()
            one = self.part(name)
            return one is not None and text in one.message and LEVELS[one.level] == level

        try:
            self.peer.wait_for(said, text, 60.0)
        except pytest.fail.Exception:
            pytest.fail(f"{text!r} ({level}) was not said; last: {self.part(name)}")


@pytest.fixture
def listener(peer: Any) -> Any:
    """Somebody has to want results, or frames are left alone."""
    return peer.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)


def test_each_cause_of_silence_is_named(
    children: Any, peer: Any, picture: Any, camera_type: Any, listener: list[Any]
) -> None:
    children.start(f"{NODES}.perception", threads=1, stale_s=2.0)
    diagnosis = Diagnosis(peer)
    says = diagnosis.says
    says("nobody publishes it: start the label service", "warn")
    service = children.start(f"{NODES}.label_service")
    says("nobody publishes /camera/color/image_raw: start a camera", "warn")

    hasty = camera_type(peer, picture, qos_profile_sensor_data)
    says("image_reliability:=best_effort", "error")
    says("incompatible QoS", "error", "images")
    camera = camera_type(peer, picture)
    for publisher in (hasty.color, hasty.info, hasty.depth):
        peer.node.destroy_publisher(publisher)

    grey = array_to_image(picture.depth_m, "32FC1")
    says("'32FC1' has no known colours", "error", feed=lambda: camera.publish(color=grey))
    short = array_to_image(picture.image_rgb, "rgb8")
    short.data = short.data[:-5]
    says("mend the publisher", "error", feed=lambda: camera.publish(color=short))
    says("recognising by ycb en plain", "ok", feed=camera.publish)
    assert listener

    past = 100_000_000_000
    now = camera.publish()
    says("clock mismatch", "warn", feed=lambda: camera.publish(now - past))
    says("ahead of this node's clock", "warn", feed=lambda: camera.publish(now + past))
    says("recognising", "ok", feed=camera.publish)
    says("stale: no frame for", "stale")
    says("recognising", "ok", feed=camera.publish)

    rival = peer.node.create_publisher(LabelledMaskArray, "/perception/labelled_masks", 1)
    says("1 more publish /perception/labelled_masks", "warn", feed=camera.publish)
    peer.node.destroy_publisher(rival)

    service.popen.kill()
    service.popen.wait()
    del children.running["label_service"]
    says("the label service is gone", "warn", feed=camera.publish)
    before = len(listener)
    peer.wait_for(lambda: camera.publish() and len(listener) > before, "results without it")
    children.start(f"{NODES}.label_service")
    says("recognising", "ok", feed=camera.publish)


def test_depth_that_can_not_be_used_is_refused_with_the_reason(
    children: Any, peer: Any, picture: Any, camera_type: Any
) -> None:
    children.start(f"{NODES}.perception", threads=1)
    children.start(f"{NODES}.label_service")
    from culture_interfaces.msg import LabelledObjectArray

    objects = peer.collect(LabelledObjectArray, "/perception/objects", qos.RESULTS)
    diagnosis = Diagnosis(peer)
    camera = camera_type(peer, picture)
    says = diagnosis.says
    says("but no camera_info", "error", "depth", lambda: camera.publish(info=None))
    small = array_to_image(picture.depth_m[::2, ::2].copy(), "32FC1")
    says(
        "depth is 320x240, colour 640x480; publish depth aligned",
        "error",
        "depth",
        lambda: camera.publish(depth=small),
    )
    other = array_to_image(picture.depth_m, "32FC1")
    other.header.frame_id = "depth_optical"
    says(
        "depth is in frame 'depth_optical', colour in 'optical'",
        "error",
        "depth",
        lambda: camera.publish(depth=other),
    )
    blank = CameraInfo(height=480, width=640)
    says("not calibrated", "error", "depth", lambda: camera.publish(info=blank))

    def off_by_a_second() -> None:
        stamp_ns = camera.publish(depth=None)
        camera.publish(stamp_ns - 1_000_000_000, color=None)

    says("ms off", "error", "depth", off_by_a_second)
    says(
        "rgb8",
        "error",
        "depth",
        lambda: camera.publish(depth=array_to_image(picture.image_rgb, "rgb8")),
    )
    nothing = array_to_image(np.full_like(picture.depth_m, np.nan), "32FC1")
    objects.clear()
    says("received", "ok", "depth", lambda: camera.publish(depth=nothing))
    assert peer.wait_for(lambda: [o for o in objects if not o.objects], "objects without depth")
    millimetres = array_to_image(np.nan_to_num(picture.depth_m * 1000).astype(np.uint16), "16UC1")
    peer.wait_for(
        lambda: camera.publish(depth=millimetres) and [o for o in objects if o.objects],
        "places from whole millimetres",
    )


def test_missing_models_and_clocks_are_named_and_can_be_mended(children: Any, peer: Any) -> None:
    children.start(
        f"{NODES}.perception",
        threads=1,
        autostart=False,
        use_sim_time=True,
        segmenter="huge",
        device="cuda_or_cpu",
    )
    diagnosis = Diagnosis(peer)

    def change(transition: int) -> bool:
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(peer.call(ChangeState, "/perception/change_state", request).success)

    def put(name: str, value: str) -> Any:
        parameter = ParameterMessage(name=name, value=ParameterValue(type=4, string_value=value))
        request = SetParameters.Request(parameters=[parameter])
        return peer.call(SetParameters, "/perception/set_parameters", request).results[0]

    diagnosis.says("the node is unconfigured", "warn")
    assert not change(Transition.TRANSITION_CONFIGURE)
    diagnosis.says("segmenter 'huge': known are embedded", "error")
    diagnosis.says("segmenter 'huge'", "error", "models")
    assert put("segmenter", "embedded").successful
    assert change(Transition.TRANSITION_CONFIGURE)
    diagnosis.says("the node is inactive", "warn")
    refused = put("segmenter", "vit_b")
    assert not refused.successful
    assert "while the node is unconfigured" in refused.reason
    children.start(f"{NODES}.label_service")
    assert change(Transition.TRANSITION_ACTIVATE)
    diagnosis.says("no time comes on /clock", "warn")
    if not torch.cuda.is_available():
        diagnosis.says("fell back to the CPU", "warn", "models")
