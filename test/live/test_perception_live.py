"""Perception with the embedded models, a simulated camera and the label service: real processes."""

import contextlib
from typing import Any

import cv2
import numpy as np
import pytest
from culture_interfaces.msg import LabelledMaskArray, LabelledObjectArray, LabelSet
from culture_interfaces.srv import NewScene, SelectLabels
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from culture_perception.images import image_to_array
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import stamp_to_ns

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
    assert [mask.instance_id for mask in named] == [mask.track_id for mask in named]
    assert len({mask.track_id for mask in result.masks}) == len(result.masks)
    values = set(np.unique(image_to_array(id_image)).tolist())
    assert values <= {0, 65535, *(mask.instance_id for mask in named)}
    for mask in result.masks:
        assert mask.area == np.count_nonzero(image_to_array(mask.mask))
        assert (mask.mask.height, mask.mask.width) == (mask.box.height, mask.box.width)
        assert [h.probability for h in mask.alternatives] == sorted(
            (h.probability for h in mask.alternatives), reverse=True
        )
        assert mask.instance_id == 65535 or mask.concept_id


def test_compressed_images_of_a_best_effort_camera(children: Any, peer: Any, picture: Any) -> None:
    children.start(
        f"{NODES}.perception",
        threads=1,
        image_transport="compressed",
        depth_transport="compressedDepth",
        image_reliability="best_effort",
    )
    children.start(f"{NODES}.label_service")
    results = peer.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)
    objects = peer.collect(LabelledObjectArray, "/perception/objects", qos.RESULTS)
    create = peer.node.create_publisher
    color = create(CompressedImage, f"{IMAGE}/compressed", qos_profile_sensor_data)
    depth = create(
        CompressedImage, "/camera/depth/image_rect/compressedDepth", qos_profile_sensor_data
    )
    info = create(CameraInfo, "/camera/color/camera_info", qos_profile_sensor_data)
    millimetres = np.nan_to_num(picture.depth_m * 1000).astype(np.uint16)
    # The plugin's own header comes first: a format and two quantisation numbers, 12 bytes.
    packed = b"\0" * 12 + cv2.imencode(".png", millimetres)[1].tobytes()
    jpeg = cv2.imencode(".jpg", picture.image_rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1]

    def publish() -> bool:
        header = Header(stamp=peer.node.get_clock().now().to_msg(), frame_id="optical")
        picture.info.header = header
        info.publish(picture.info)
        depth.publish(
            CompressedImage(header=header, format="16UC1; compressedDepth png", data=packed)
        )
        color.publish(
            CompressedImage(header=header, format="rgb8; jpeg compressed bgr8", data=jpeg.tobytes())
        )
        return True

    peer.wait_for(
        lambda: publish() and results and [one for one in objects if one.objects],
        "masks and places",
        120.0,
    )
    assert any(mask.concept_id for mask in results[-1].masks)


def test_a_wrong_model_is_one_clear_message(children: Any) -> None:
    for parameters, expected in (
        ({"segmenter": "huge"}, "segmenter 'huge': known are embedded"),
        ({"segmentr": "vit_b"}, "unknown parameter segmentr; perception has action_timeout_s"),
    ):
        child = children.start(f"{NODES}.perception", **parameters)
        assert child.popen.wait(timeout=60) == 2
        assert expected in child.output
        assert "Traceback" not in child.output
    children.running.clear()
