"""Perception with the embedded models, a simulated camera and the label service: real processes."""

import contextlib
from typing import Any

import numpy as np
import pytest
from culture_interfaces.msg import LabelledMaskArray, LabelSet
from culture_interfaces.srv import NewScene, SelectLabels
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from culture_perception.images import array_to_image, image_to_array
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import ns_to_stamp, stamp_to_ns

pytest.importorskip("pybullet")

NODES = "culture_perception.nodes"
IMAGE = "/camera/color/image_raw"


class System:
    """What is published by perception, and what can be asked of the rest."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        self.results = peer.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)
        self.id_images = peer.collect(Image, "/perception/id_image", qos.IMAGES)
        self.overlays = peer.collect(Image, "/perception/overlay", qos.IMAGES)
        self.labels = peer.collect(LabelSet, "/perception/label_set", qos.LABELS)
        self.diagnostics = peer.collect(DiagnosticArray, "/diagnostics", qos.RESULTS)

    def select(self, **request: str) -> Any:
        return self.peer.call(SelectLabels, "/labels/select", SelectLabels.Request(**request))

    def recognised(self) -> Any:
        """Captures until a result of one of these captures arrives; gives that result."""
        captured: set[int] = set()

        def result() -> Any:
            return next((m for m in self.results if stamp_to_ns(m.header.stamp) in captured), None)

        for _ in range(20):
            answer = self.peer.call(Trigger, "/sim_bridge/capture", Trigger.Request())
            captured.add(int(answer.message.replace(".", "")))
            with contextlib.suppress(pytest.fail.Exception):  # not all are connected yet
                return self.peer.wait_for(result, "result", 5.0)
        pytest.fail("no frame was recognised")

    def facts(self) -> dict[str, str]:
        """Key and value of the last diagnostics, once there is one newer than this call."""
        self.diagnostics.clear()
        self.peer.wait_for(lambda: self.diagnostics, "diagnostics", 15.0)
        return {one.key: one.value for one in self.diagnostics[-1].status[0].values}


@pytest.fixture(scope="module")
def system(shared_peer: Any) -> System:
    shared_peer.children.start("sim_bridge.bridge_node", rate_hz=0.0)
    shared_peer.children.start(f"{NODES}.label_service")
    shared_peer.children.start(f"{NODES}.perception", threads=1)
    made = System(shared_peer)
    shared_peer.wait_for(lambda: made.labels, "perception's labels", 120.0)
    return made


def test_switch_to_japanese_at_run_time(system: System) -> None:
    request = NewScene.Request(label_set="konbini", count=4, seed=21)
    assert system.peer.call(NewScene, "/sim_bridge/new_scene", request).success
    english = system.select(label_set="konbini", language="en", style="plain")
    before = system.recognised()
    japanese = system.select(language="ja")
    assert japanese.success
    after = system.recognised()
    assert (before.language, before.labels_version) == ("en", english.labels_version)
    assert (after.language, after.labels_version) == ("ja", japanese.labels_version)
    assert english.labels_version != japanese.labels_version
    texts = [one.label for mask in after.masks for one in mask.alternatives]
    assert texts
    assert all(any(ord(letter) > 0x3000 for letter in text) for text in texts)
    assert all(
        text.isascii() for mask in before.masks for text in [h.label for h in mask.alternatives]
    )


def test_wrong_request_changes_nothing(system: System) -> None:
    before = system.recognised()
    announced = len(system.labels)
    answer = system.select(language="tlh")
    assert not answer.success
    assert "tlh" in answer.message
    after = system.recognised()
    assert after.labels_version == before.labels_version == answer.labels_version
    assert len(system.labels) == announced


def test_results_carry_the_images_header_and_agree(system: System) -> None:
    result = system.recognised()
    stamp_ns = stamp_to_ns(result.header.stamp)

    def of_same_stamp(messages: list[Any]) -> Any:
        return next((m for m in messages if stamp_to_ns(m.header.stamp) == stamp_ns), None)

    id_image = system.peer.wait_for(lambda: of_same_stamp(system.id_images), "the id image")
    overlay = system.peer.wait_for(lambda: of_same_stamp(system.overlays), "the overlay")
    assert result.header.frame_id == "camera_color_optical_frame"
    assert id_image.header == overlay.header == result.header
    assert (id_image.encoding, overlay.encoding) == ("mono16", "rgb8")
    assert (result.image_height, result.image_width) == (480, 640)
    named = [mask for mask in result.masks if mask.concept_id]
    assert [mask.instance_id for mask in named] == list(range(1, len(named) + 1))
    values = set(np.unique(image_to_array(id_image)).tolist())
    assert values <= {0, 65535, *(mask.instance_id for mask in named)}
    for mask in result.masks:
        assert mask.area == np.count_nonzero(image_to_array(mask.mask))
        assert (mask.mask.height, mask.mask.width) == (mask.box.height, mask.box.width)
        assert [h.probability for h in mask.alternatives] == sorted(
            (h.probability for h in mask.alternatives), reverse=True
        )
        assert mask.instance_id == 65535 or mask.concept_id


def test_of_a_burst_the_newest_frame_wins_and_all_are_counted(children: Any, peer: Any) -> None:
    children.start(f"{NODES}.label_service")
    children.start(f"{NODES}.perception", threads=1)
    system = System(peer)
    camera = peer.node.create_publisher(Image, IMAGE, qos.IMAGES)
    peer.wait_for(lambda: camera.get_subscription_count() > 0, "perception", 120.0)
    peer.wait_for(lambda: system.labels, "perception's labels", 120.0)
    picture = np.full((480, 640, 3), 128, dtype=np.uint8)
    for number in range(1, 51):
        header = Header(stamp=ns_to_stamp(number), frame_id="camera")
        camera.publish(array_to_image(picture, "rgb8", header))
        peer.executor.spin_once(timeout_sec=0.01)
    peer.wait_for(
        lambda: any(stamp_to_ns(one.header.stamp) == 50 for one in system.results),
        "the newest frame",
    )
    facts = system.facts()
    counts = {name: int(facts[name]) for name in ("received", "processed", "dropped", "failed")}
    assert counts["received"] == counts["processed"] + counts["dropped"]
    assert counts["failed"] == int(facts["waiting"]) == 0
    assert counts["processed"] == len(system.results)
    assert counts["dropped"] > 0
    # What the middleware itself replaced in its queue of one never reached the node.
    assert counts["received"] <= 50


def test_silence_is_explained(children: Any, peer: Any) -> None:
    children.start(f"{NODES}.perception", threads=1)
    system = System(peer)

    def message() -> str:
        return system.diagnostics[-1].status[0].message if system.diagnostics else ""

    peer.wait_for(lambda: "no labels yet" in message(), "the want of labels", 120.0)
    children.start(f"{NODES}.label_service")
    peer.wait_for(lambda: f"nobody publishes {IMAGE}" in message(), "the want of a camera")
    camera = peer.node.create_publisher(Image, IMAGE, qos.IMAGES)
    peer.wait_for(lambda: "no frame yet" in message(), "the want of a frame")
    camera.publish(array_to_image(np.zeros((8, 8), dtype=np.float32), "32FC1", Header()))
    peer.wait_for(lambda: "32FC1" in message(), "the error")
    assert system.diagnostics[-1].status[0].level == b"\x02"
    assert system.facts()["failed"] == "1"


def test_a_best_effort_camera_is_heard_with_the_parameter_for_it(children: Any, peer: Any) -> None:
    reliability = f"qos_overrides.{IMAGE}.subscription.reliability"
    children.start(f"{NODES}.perception", threads=1, **{reliability: "best_effort"})
    system = System(peer)
    camera = peer.node.create_publisher(Image, IMAGE, qos_profile_sensor_data)
    small = array_to_image(np.zeros((8, 8, 3), dtype=np.uint8), "rgb8", Header())
    peer.node.create_timer(0.1, lambda: camera.publish(small))
    peer.wait_for(lambda: int(system.facts()["received"]) > 0, "a frame", 120.0)


def test_a_wrong_model_is_one_clear_message(children: Any) -> None:
    for parameters, expected in (
        ({"segmenter": "huge"}, "segmenter 'huge': known are embedded"),
        ({"segmentr": "vit_b"}, "unknown parameter segmentr; perception has assignment"),
    ):
        child = children.start(f"{NODES}.perception", **parameters)
        assert child.popen.wait(timeout=60) == 2
        assert expected in child.output
        assert "Traceback" not in child.output
    children.running.clear()
