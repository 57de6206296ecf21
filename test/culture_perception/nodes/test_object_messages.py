"""Masks in space as messages; markers; detections where vision_msgs is."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("culture_interfaces")
with warnings.catch_warnings():
    # The wheels' message generator imports an old lark, which imports deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    importlib.import_module("rosidl_generator_py")

from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.masks import UNLABELLED, MaskArray
from culture_perception.nodes.detection_messages import (
    detections_to_message,
    label_info,
    vision_types,
)
from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.nodes.marker_messages import objects_to_markers
from culture_perception.nodes.object_messages import object_cloud, objects_to_message
from culture_perception.objects_3d import LocatedObject
from culture_perception.overlay import colour_of
from culture_perception.point_clouds import MaskPoints
from culture_perception.protocols import Segment
from culture_perception.results import Hypothesis, NamedMask, Recognition
from culture_perception.rigid_transform import RigidTransform

HEADER = Header(stamp=ns_to_stamp(1_795_000_000_000_000_007), frame_id="optical")
TEA, SALT = Hypothesis("a.tea", "お茶", 0.75, 0.5), Hypothesis("a.salt", "塩", 0.125, 0.25)
IMAGE = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def square(top: int, left: int) -> MaskArray:
    mask = np.zeros((6, 8), dtype=np.bool_)
    mask[top : top + 2, left : left + 3] = True
    return mask


TEA_MASK = NamedMask(7, Segment(square(0, 1)), "a.tea", "お茶", 0.75, 0.5, (SALT, TEA))
FAR_MASK = NamedMask(9, Segment(square(2, 4)), "a.salt", "塩", 0.5, 0.5, (SALT,))
UNKNOWN = NamedMask(UNLABELLED, Segment(square(4, 5)), "", "", 0.125, 0.25, (SALT,))
FOUND = Recognition("a", "0123", "ja", "plain", (6, 8), (TEA_MASK, FAR_MASK, UNKNOWN), {})
TRACKS = (7, 9, 40000)


def place_of(indices: Sequence[int], x: float) -> LocatedObject:
    points = np.array([[x, i, 1.0] for i in range(len(indices))], np.float32)
    return LocatedObject(
        points=MaskPoints(np.array(indices, np.uint32), points),
        centroid=(x, 0.5, 1.0),
        pose=RigidTransform((x, 0.25, 2.0), (0.5, 0.5, 0.5, 0.5)),
        size=(0.3, 0.2, 0.0),
        covariance=np.arange(36.0).reshape(6, 6),
    )


PLACES = (place_of([1, 2, 9], 0.25), None, place_of([37, 38], -0.5))


def test_objects_as_a_message() -> None:
    message = objects_to_message(FOUND, TRACKS, PLACES, HEADER)

    assert message.header == HEADER
    assert (message.label_set, message.labels_version) == ("a", "0123")
    assert (message.language, message.style) == ("ja", "plain")
    assert (message.image_height, message.image_width, message.without_depth) == (6, 8, 1)
    tea, unknown = message.objects
    assert (tea.track_id, tea.instance_id, tea.concept_id, tea.label) == (7, 7, "a.tea", "お茶")
    assert tea.probability == 0.75
    assert (unknown.track_id, unknown.instance_id, unknown.concept_id) == (40000, 65535, "")
    assert (tea.centroid.x, tea.centroid.y, tea.centroid.z) == (0.25, 0.5, 1.0)
    pose = tea.pose.pose
    assert (pose.position.x, pose.position.y, pose.position.z) == (0.25, 0.25, 2.0)
    assert (pose.orientation.x, pose.orientation.w) == (0.5, 0.5)
    assert list(tea.pose.covariance) == list(range(36))
    assert (tea.size.x, tea.size.y, tea.size.z) == (0.3, 0.2, 0.0)
    assert list(tea.point_indices) == [1, 2, 9] and list(unknown.point_indices) == [37, 38]
    assert (tea.cloud_start, tea.cloud_count) == (0, 3)
    assert (unknown.cloud_start, unknown.cloud_count) == (3, 2)
    assert deserialize_message(serialize_message(message), type(message)) == message


def test_the_cloud_has_the_objects_one_after_the_other() -> None:
    cloud = object_cloud(IMAGE, FOUND, TRACKS, PLACES, HEADER)

    assert cloud.header == HEADER
    assert (cloud.height, cloud.width, cloud.point_step, cloud.row_step) == (1, 5, 20, 100)
    assert cloud.is_dense and not cloud.is_bigendian
    offsets = {field.name: field.offset for field in cloud.fields}
    assert offsets == {"x": 0, "y": 4, "z": 8, "rgb": 12, "instance_id": 16, "track_id": 18}
    assert {field.name: field.datatype for field in cloud.fields}["rgb"] == 7  # FLOAT32
    raw = np.frombuffer(bytes(cloud.data), np.uint8).reshape(5, 20)
    assert raw[:, :12].copy().view("<f4").tolist() == [
        [0.25, 0, 1],
        [0.25, 1, 1],
        [0.25, 2, 1],
        [-0.5, 0, 1],
        [-0.5, 1, 1],
    ]
    # Pixel 9 has red 27, green 28, blue 29; rviz reads blue from the lowest byte.
    assert raw[2, 12:16].tolist() == [29, 28, 27, 0]
    assert raw[:, 16:18].copy().view("<u2").ravel().tolist() == [7, 7, 7, 65535, 65535]
    assert raw[:, 18:].copy().view("<u2").ravel().tolist() == [7, 7, 7, 40000, 40000]
    assert deserialize_message(serialize_message(cloud), type(cloud)) == cloud


@pytest.mark.parametrize("found", [FOUND, replace(FOUND, masks=())], ids=["no depth", "no masks"])
def test_nothing_in_space_is_an_empty_message(found: Recognition) -> None:
    tracks, nowhere = TRACKS[: len(found.masks)], (None,) * len(found.masks)

    message = objects_to_message(found, tracks, nowhere, HEADER)
    cloud = object_cloud(IMAGE, found, tracks, nowhere, HEADER)
    markers = objects_to_markers(found, tracks, nowhere, HEADER).markers

    assert (message.objects, message.without_depth) == ([], len(found.masks))
    assert (cloud.width, len(cloud.data)) == (0, 0)
    assert [marker.action for marker in markers] == [Marker.DELETEALL]


def test_markers_are_a_box_and_a_name_each() -> None:
    clear, *markers = objects_to_markers(FOUND, TRACKS, PLACES, HEADER, 1.5).markers

    assert (clear.action, clear.header) == (Marker.DELETEALL, HEADER)
    assert [(m.ns, m.id, m.type) for m in markers] == [
        ("boxes", 7, Marker.CUBE),
        ("names", 7, Marker.TEXT_VIEW_FACING),
        ("boxes", 40000, Marker.CUBE),
        ("names", 40000, Marker.TEXT_VIEW_FACING),
    ]
    assert all(m.header == HEADER and m.action == Marker.ADD for m in markers)
    assert all((m.lifetime.sec, m.lifetime.nanosec) == (1, 500_000_000) for m in markers)
    box, name, _, guess = markers
    assert (box.scale.x, box.scale.y, box.scale.z) == (0.3, 0.2, 0.001)
    assert box.pose.orientation.w == 0.5 and box.pose.position.z == 2.0
    colour = [round(255 * one) for one in (box.color.r, box.color.g, box.color.b)]
    assert tuple(colour) == colour_of("a.tea")
    assert (name.text, guess.text) == ("お茶 0.75", "? 塩")
    # The box's z axis is the frame's x: the name is beside the box in this frame.
    assert (name.pose.position.x, name.pose.position.z) == (pytest.approx(0.275), 2.0)
    assert name.scale.z > 0 and name.color.a == 1.0


def test_a_negative_lifetime_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lifetime_s -1\.0 must be 0 or more"):
        objects_to_markers(FOUND, TRACKS, PLACES, HEADER, -1.0)


@pytest.mark.parametrize("tracks", [(), (1, 2, 3, 4)])
def test_an_id_a_mask_is_needed(tracks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        objects_to_message(FOUND, tracks, PLACES, HEADER)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        object_cloud(IMAGE, FOUND, tracks, PLACES, HEADER)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        objects_to_markers(FOUND, tracks, PLACES, HEADER)


def test_without_vision_msgs_it_is_said_what_is_missing() -> None:
    if vision_types() is not None:
        pytest.skip("vision_msgs is installed")

    with pytest.raises(ModuleNotFoundError, match=r"not installed; .*apt install"):
        detections_to_message(FOUND, TRACKS, PLACES, HEADER)
    with pytest.raises(ModuleNotFoundError, match="vision_msgs is not installed"):
        label_info(ActiveLabels.of("a", "ja", "plain", ()), 0.5, HEADER.stamp)


@pytest.fixture
def types() -> Any:
    """vision_msgs.msg."""
    return pytest.importorskip("vision_msgs.msg", reason="vision_msgs comes with ROS only")


def test_detections(types: Any) -> None:
    message = detections_to_message(FOUND, TRACKS, PLACES, HEADER)

    assert isinstance(message, types.Detection2DArray) and message.header == HEADER
    tea, salt, unknown = message.detections
    assert [one.id for one in message.detections] == ["7", "9", "40000"]
    assert all(one.header == HEADER for one in message.detections)
    # Columns 1 to 3, rows 0 to 1.
    assert (tea.bbox.center.position.x, tea.bbox.center.position.y) == (2.5, 1.0)
    assert (tea.bbox.size_x, tea.bbox.size_y, tea.bbox.center.theta) == (3.0, 2.0, 0.0)
    answers = [(one.hypothesis.class_id, one.hypothesis.score) for one in tea.results]
    assert answers == [("a.tea", 0.75), ("a.salt", 0.125)]  # the given name first
    assert [one.hypothesis.class_id for one in salt.results] == ["a.salt"]
    rejected = [(one.hypothesis.class_id, one.hypothesis.score) for one in unknown.results]
    assert rejected == [("UNLABELED", 0.0)]
    assert tea.results[0].pose.pose.position.z == 2.0
    assert list(tea.results[1].pose.covariance) == list(range(36))
    assert salt.results[0].pose.pose.position.z == 0.0
    assert salt.results[0].pose.pose.orientation.w == 1.0
    assert deserialize_message(serialize_message(message), type(message)) == message


def test_no_detections(types: Any) -> None:
    message = detections_to_message(replace(FOUND, masks=()), (), (), HEADER)

    assert isinstance(message, types.Detection2DArray)
    assert (message.header, message.detections) == (HEADER, [])


def test_label_info_names_classes_in_the_active_language(types: Any) -> None:
    texts = (
        LabelText("a.tea", "お茶", ("お茶の写真",), "JP", "drink", "ja"),
        LabelText("a.salt", "塩", (), "JP", "food", "ja"),
    )
    message = label_info(ActiveLabels.of("a", "ja", "plain", texts), 0.5, HEADER.stamp)

    assert isinstance(message, types.LabelInfo)
    assert (message.header.stamp, message.threshold) == (HEADER.stamp, 0.5)
    assert [(one.class_id, one.class_name) for one in message.class_map] == [
        (1, "お茶"),
        (2, "塩"),
        (65535, "UNLABELED"),
    ]
    assert deserialize_message(serialize_message(message), type(message)) == message
