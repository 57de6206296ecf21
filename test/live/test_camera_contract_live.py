"""One contract for every camera: the simulator and the player keep it, and perception takes both.

The player plays what the simulator showed, so that their frames can be compared pixel for pixel.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from culture_interfaces.msg import LabelledMaskArray
from culture_interfaces.srv import NewScene

from culture_perception.cameras.contract import (
    COLOR,
    COLOR_INFO,
    CONTRACT,
    DEPTH,
    DEPTH_INFO,
)
from culture_perception.cameras.received import Received
from culture_perception.depth_images import metres_to_millimetres
from culture_perception.images import image_to_array
from culture_perception.message_records import stamp_ns_of
from culture_perception.nodes import qos
from culture_perception.nodes.camera_check import CameraProbe

pytest.importorskip("pybullet")

NODES = "culture_perception.nodes"
FRAME = "camera_color_optical_frame"
FRAMES = 12


@dataclass(frozen=True)
class Watched:
    """What came of a camera, and what it breaks of the contract."""

    received: Received
    breaches: list[str]

    def last(self, stream: Any) -> Any:
        return self.received.of(stream)[-1]

    def promises(self) -> dict[str, Any]:
        """What a subscriber sees of each topic, whichever camera it is."""
        kinds = {}
        for stream in CONTRACT.streams:
            one = self.last(stream)
            (offer,) = self.received.offers[stream.name]
            kinds[stream.topic] = (
                offer,
                type(one),
                getattr(one, "encoding", ""),
                (one.width, one.height),
                one.header.frame_id,
            )
        return kinds


def watch(peer: Any) -> Watched:
    """Listens until every topic has brought some frames."""
    probe = CameraProbe(peer.node)

    def is_enough() -> bool:
        probe.look()
        counts = probe.counts()
        return len(counts) == len(CONTRACT.streams) and min(counts.values()) >= FRAMES

    peer.wait_for(is_enough, f"{FRAMES} frames of each topic")
    return Watched(probe.received(), probe.breaches())


def write_folder(folder: Path, watched: Watched, count: int = 2) -> None:
    """The last frames as a folder that the player reads."""
    (folder / "depth").mkdir(parents=True)
    colors, depths = watched.received.of(COLOR), watched.received.of(DEPTH)
    by_stamp = {stamp_ns_of(one): one for one in depths}
    both = [one for one in colors if stamp_ns_of(one) in by_stamp]
    for number, color in enumerate(both[-count:]):
        depth = image_to_array(by_stamp[stamp_ns_of(color)])
        cv2.imwrite(str(folder / f"{number}.png"), image_to_array(color)[:, :, ::-1])
        cv2.imwrite(str(folder / "depth" / f"{number}.png"), metres_to_millimetres(depth))
    info = watched.last(COLOR_INFO)

    def matrix(rows: int, values: Any) -> dict[str, Any]:
        data = [float(value) for value in values]
        return {"rows": rows, "cols": len(data) // rows, "data": data}

    calibration = {
        "image_width": info.width,
        "image_height": info.height,
        "camera_name": "simulated",
        "camera_matrix": matrix(3, info.k),
        "distortion_model": info.distortion_model,
        "distortion_coefficients": matrix(1, info.d),
        "rectification_matrix": matrix(3, info.r),
        "projection_matrix": matrix(3, info.p),
    }
    (folder / "camera_info.yaml").write_text(yaml.safe_dump(calibration))


@dataclass(frozen=True)
class Simulated:
    """The simulator's promises, and a folder of its frames."""

    watched: Watched
    folder: Path


@pytest.fixture(scope="module")
def simulated(shared_peer: Any, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    child = shared_peer.children.start("sim_bridge.bridge_node", rate_hz=10.0)
    request = NewScene.Request(label_set="ycb", count=4, seed=7)
    assert shared_peer.call(NewScene, "/sim_bridge/new_scene", request).success
    watched = watch(shared_peer)
    assert child.interrupt() == 0
    shared_peer.children.running.clear()
    folder = tmp_path_factory.mktemp("camera") / "frames"
    write_folder(folder, watched)
    return Simulated(watched, folder)


def test_the_simulator_keeps_the_contract(simulated: Simulated) -> None:
    assert simulated.watched.breaches == []


@pytest.mark.parametrize("rate_hz", [10.0, 30.0])
def test_the_player_keeps_the_contract_and_promises_the_same(
    rate_hz: float, simulated: Simulated, children: Any, peer: Any
) -> None:
    children.start(f"{NODES}.camera_player", path=str(simulated.folder), rate_hz=rate_hz)

    watched = watch(peer)

    assert watched.breaches == []
    assert watched.promises() == simulated.watched.promises()
    for stream in (COLOR_INFO, DEPTH_INFO):
        ours, theirs = watched.last(stream), simulated.watched.last(stream)
        ours.header = theirs.header
        assert ours == theirs  # K, D, R, P, size and distortion model, to the last digit
    np.testing.assert_array_equal(
        image_to_array(watched.last(COLOR)), image_to_array(simulated.watched.last(COLOR))
    )
    np.testing.assert_allclose(
        image_to_array(watched.last(DEPTH)),
        image_to_array(simulated.watched.last(DEPTH)),
        atol=0.00051,  # whole millimetres in the files
    )


def test_perception_takes_the_player_for_a_camera(
    simulated: Simulated, children: Any, peer: Any
) -> None:
    children.start(f"{NODES}.camera_player", path=str(simulated.folder), rate_hz=2.0)
    children.start(f"{NODES}.label_service", label_set="ycb")
    children.start(f"{NODES}.perception", threads=1)
    results = peer.collect(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)
    images = peer.collect(type(simulated.watched.last(COLOR)), f"/{COLOR.topic}", qos.IMAGES)

    peer.wait_for(lambda: len(results) >= 2, "two results", 120.0)

    stamps = {stamp_ns_of(image) for image in images}
    for result in results:
        assert result.header.frame_id == FRAME
        assert (result.image_height, result.image_width) == (480, 640)
        assert stamp_ns_of(result) in stamps
        assert result.masks
        assert any(mask.label for mask in result.masks)


def test_a_camera_that_breaks_the_contract_is_told_so(children: Any, peer: Any) -> None:
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Image

    camera = peer.node.create_publisher(Image, COLOR.topic, qos_profile_sensor_data)
    probe = CameraProbe(peer.node)

    def is_enough() -> bool:
        probe.look()
        camera.publish(Image(height=1, width=1, encoding="8UC3", step=3, data=b"abc"))
        return probe.counts().get(f"/{COLOR.topic}", 0) >= 2

    peer.wait_for(is_enough, "two frames")
    found = "\n".join(probe.breaches())
    for said in (
        "camera/color/camera_info: no message (0 publishers)",
        "image_raw is BEST_EFFORT, not RELIABLE",
        "is in '8UC3'",
        "stamps do not grow",
        "frame_id '' does not end in _optical_frame",
    ):
        assert said in found
