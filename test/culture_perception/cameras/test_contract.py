"""Each clause of the contract is broken once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from culture_perception.cameras.contract import COLOR, COLOR_INFO, CONTRACT, DEPTH, DEPTH_INFO
from culture_perception.cameras.contract_checks import breaches
from culture_perception.cameras.frames import Pose
from culture_perception.cameras.received import Offer, Received

SECOND = 1_000_000_000
FRAME = "camera_color_optical_frame"


@dataclass
class Camera:
    """What came of a camera that keeps the contract, for a test to spoil."""

    messages: dict[str, list[tuple[int, Any]]]
    offers: dict[str, list[Offer]]
    poses: list[Pose] = field(
        default_factory=lambda: [Pose("world", FRAME, (0, 0, 1), (0, 0, 0, 1))]
    )

    def all(self, *names: str) -> list[Any]:
        """Messages of these streams."""
        return [message for name in names for _, message in self.messages[name]]

    def breaches(self) -> list[str]:
        return breaches(Received(self.messages, self.offers, self.poses))


@pytest.fixture
def camera(kit: Any) -> Camera:
    messages: dict[str, list[tuple[int, Any]]] = {one.name: [] for one in CONTRACT.streams}
    for number in range(3):
        stamp_ns = SECOND + number * SECOND // 10
        made = {
            COLOR: kit.image(stamp_ns, kit.picture(9), "rgb8"),
            COLOR_INFO: kit.camera_info(stamp_ns),
            DEPTH: kit.image(stamp_ns, np.full((4, 6), 0.7, np.float32), "32FC1"),
            DEPTH_INFO: kit.camera_info(stamp_ns),
        }
        for stream, message in made.items():
            message.header.frame_id = FRAME
            messages[stream.name].append((stamp_ns + 20_000_000, message))
    offers = {one.name: [Offer(one.msgtype, "RELIABLE", "VOLATILE")] for one in CONTRACT.streams}
    return Camera(messages, offers)


def test_a_camera_that_keeps_the_contract_is_told_nothing(camera: Camera) -> None:
    assert camera.breaches() == []


def test_depth_may_be_absent_altogether(camera: Camera) -> None:
    for stream in (DEPTH, DEPTH_INFO):
        camera.messages[stream.name] = []
        camera.offers[stream.name] = []

    assert camera.breaches() == []


def test_who_begins_to_listen_between_two_messages_of_a_frame_breaks_nothing(
    camera: Camera,
) -> None:
    del camera.messages[COLOR.name][0]
    del camera.messages[DEPTH.name][-1]

    assert camera.breaches() == []


def set_all(camera: Camera, *names: str, **values: Any) -> None:
    for message in camera.all(*names):
        for name, value in values.items():
            setattr(message, name, value)


def frame_ids(camera: Camera, value: str, *names: str) -> None:
    for message in camera.all(*names):
        message.header.frame_id = value


def shift(camera: Camera, nanoseconds: int, *names: str) -> None:
    for message in camera.all(*names):
        message.header.stamp.nanosec += nanoseconds


EVERY = tuple(one.name for one in CONTRACT.streams)

Spoil = Callable[[Camera], Any]


def offer(name: str, **values: Any) -> Spoil:
    def spoil(camera: Camera) -> None:
        camera.offers[name] = [replace(camera.offers[name][0], **values)]

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda c: c.messages.update({"color": []}), "image_raw: no message (1 publishers)"),
        (lambda c: c.messages.update({"depth camera info": []}), "only one of them comes"),
        (lambda c: c.offers["color"].append(c.offers["color"][0]), "2 publishers, not one"),
        (offer("depth", msgtype="x/msg/Y"), "of type x/msg/Y, not sensor_msgs/msg/Image"),
        (offer("color", reliability="BEST_EFFORT"), "image_raw is BEST_EFFORT, not RELIABLE"),
        (offer("color", durability="TRANSIENT_LOCAL"), "TRANSIENT_LOCAL, not VOLATILE"),
        (lambda c: set_all(c, "color", encoding="8UC3"), "is in '8UC3', not rgb8 or bgr8"),
        (lambda c: set_all(c, "depth", encoding="rgb8"), "is in 'rgb8', not 32FC1 or 16UC1"),
        (lambda c: set_all(c, "color", step=17), "needs a step of 18 or more"),
        (lambda c: set_all(c, "depth", width=5), "size differs"),
        (lambda c: set_all(c, "color camera info", width=12), "size differs"),
        (lambda c: frame_ids(c, "camera_depth_optical_frame", "depth"), "frame_id differs"),
        (lambda c: frame_ids(c, "camera", *EVERY), "does not end in _optical_frame"),
        (lambda c: frame_ids(c, "/x_optical_frame", *EVERY), "'/x_optical_frame' does not end"),
        (lambda c: c.poses.clear(), "says nothing of where"),
        (lambda c: shift(c, 1, "depth"), "stamps are not on every topic"),
        (lambda c: set_all(c, "color camera info", k=np.zeros(9)), "calibrate the camera"),
        (lambda c: set_all(c, "color camera info", p=np.zeros(12)), "p has the focal lengths"),
        (lambda c: set_all(c, "color camera info", r=np.zeros(9)), "r is no rotation"),
        (lambda c: set_all(c, "depth camera info", distortion_model=""), "no distortion model"),
        (lambda c: set_all(c, "color camera info", d=np.zeros(3)), "d has 3"),
        (
            lambda c: set_all(c, "color camera info", k=[5, 0, 60, 0, 5, 1.5, 0, 0, 1]),
            "the principal point of k, 60.0, 1.5, is not in the image",
        ),
        (
            lambda c: c.messages["color"].reverse(),
            "image_raw: stamps do not grow",
        ),
        (lambda c: shift(c, 150_000_000, *EVERY), "0.13 s in the future"),
        (
            lambda c: c.messages.update(
                {"color": [(at + 3 * SECOND, one) for at, one in c.messages["color"]]}
            ),
            "up to 3.02 s old on arrival",
        ),
    ],
)
def test_what_is_broken_is_said(camera: Camera, spoil: Spoil, said: str) -> None:
    spoil(camera)

    assert [one for one in camera.breaches() if said in one], camera.breaches()


def test_depth_in_the_wrong_unit_is_known_by_its_distance(camera: Camera, kit: Any) -> None:
    camera.messages["depth"] = [
        (at, kit.image(SECOND, np.full((4, 6), 700.0, np.float32), "32FC1"))
        for at, _ in camera.messages["depth"]
    ]
    assert any("median distance 700 m: 32FC1 is in metres" in one for one in camera.breaches())

    camera.messages["depth"] = [
        (at, kit.image(SECOND, np.zeros((4, 6), np.uint16), "16UC1"))
        for at, _ in camera.messages["depth"]
    ]
    assert any("nothing is measured" in one for one in camera.breaches())


def test_a_rotation_must_be_one(camera: Camera) -> None:
    camera.poses[0] = replace(camera.poses[0], rotation_xyzw=(0, 0, 0, 2))
    assert any("no unit quaternion" in one for one in camera.breaches())
