"""Perception's results as messages: each is made only where somebody listens to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from culture_interfaces.msg import LabelledMaskArray, LabelledObjectArray
from culture_interfaces.msg import LabelSet as LabelSetMessage
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image, PointCloud2
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from culture_perception.concepts import ActiveLabels
from culture_perception.images import array_to_image
from culture_perception.nodes import qos
from culture_perception.nodes.detection_messages import (
    detections_to_message,
    label_info,
    vision_types,
)
from culture_perception.nodes.label_messages import labels_to_message, ns_to_stamp
from culture_perception.nodes.marker_messages import objects_to_markers
from culture_perception.nodes.mask_messages import recognition_to_message
from culture_perception.nodes.object_messages import object_cloud, objects_to_message
from culture_perception.objects_3d import LocatedObject
from culture_perception.overlay import draw_recognition
from culture_perception.perceiving import Perceived

MASKS: Final = "perception/labelled_masks"
LABEL_SET: Final = "perception/label_set"
LABEL_INFO: Final = "perception/label_info"
IN_TARGET: Final = "perception/objects_in_target_frame"
PLACED: Final = ("perception/objects", "perception/object_cloud", "perception/markers", IN_TARGET)
"""What needs depth."""

Places = Sequence[LocatedObject | None]


class Outputs:
    """Publishers that exist from `open` to `close`."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publishers: dict[str, Publisher[Any]] = {}
        self._makers: dict[str, Callable[[Perceived, Places, Header], Any]] = {}

    def open(self) -> None:
        """Advertises everything; the messages of vision_msgs only where that is installed."""
        self._add(MASKS, LabelledMaskArray, qos.RESULTS, _masks)
        self._add("perception/id_image", Image, qos.IMAGES, _id_image)
        self._add("perception/overlay", Image, qos.IMAGES, _overlay)
        self._add("perception/objects", LabelledObjectArray, qos.RESULTS, _objects)
        self._add("perception/object_cloud", PointCloud2, qos.IMAGES, _cloud)
        self._add("perception/markers", MarkerArray, qos.RESULTS, _markers)
        self._advertise(IN_TARGET, LabelledObjectArray, qos.RESULTS)
        self._advertise(LABEL_SET, LabelSetMessage, qos.LATCHED)
        types = vision_types()
        if types is not None:
            self._add("perception/detections", types.Detection2DArray, qos.RESULTS, _detections)
            self._advertise(LABEL_INFO, types.LabelInfo, qos.LATCHED)

    def close(self) -> None:
        """Takes all of them back."""
        for publisher in self._publishers.values():
            self._node.destroy_publisher(publisher)
        self._publishers, self._makers = {}, {}

    def wanted(self) -> bool:
        """Whether anybody listens to a result."""
        return any(map(self._is_heard, (*self._makers, IN_TARGET)))

    def places_wanted(self) -> bool:
        """Whether anybody listens to what needs depth."""
        return any(map(self._is_heard, (*PLACED, "perception/detections")))

    def publish(self, perceived: Perceived, in_target: tuple[str, Places] | None) -> None:
        """Publishes what was made of a frame, all with the image's header.

        Args:
            perceived: of the frame.
            in_target: the target frame and the places in it; None: there is none.
        """
        header = Header(stamp=ns_to_stamp(perceived.stamp_ns), frame_id=perceived.frame_id)
        places = perceived.objects or (None,) * len(perceived.recognition.masks)
        for topic, make in self._makers.items():
            if self._is_heard(topic):
                self._publishers[topic].publish(make(perceived, places, header))
        if in_target is not None and self._is_heard(IN_TARGET):
            frame, moved = in_target
            there = Header(stamp=header.stamp, frame_id=frame)
            self._publishers[IN_TARGET].publish(_objects(perceived, moved, there))

    def announce(self, labels: ActiveLabels, threshold: float) -> None:
        """Says what results are named by from now on; `threshold` is a name's probability."""
        stamp = self._node.get_clock().now().to_msg()
        self._publishers[LABEL_SET].publish(labels_to_message(labels, stamp))
        if LABEL_INFO in self._publishers:
            self._publishers[LABEL_INFO].publish(label_info(labels, threshold, stamp))

    def result_topic(self) -> str:
        """The resolved name of the topic of the masks."""
        if MASKS in self._publishers:
            return str(self._publishers[MASKS].topic_name)
        return str(self._node.resolve_topic_name(MASKS))

    def count_rivals(self) -> int:
        """How many other publishers of masks there are on that topic."""
        if MASKS not in self._publishers:
            return 0
        return max(0, self._node.count_publishers(self.result_topic()) - 1)

    def _add(
        self, topic: str, kind: Any, profile: Any, make: Callable[[Perceived, Places, Header], Any]
    ) -> None:
        self._advertise(topic, kind, profile)
        self._makers[topic] = make

    def _advertise(self, topic: str, kind: Any, profile: Any) -> None:
        self._publishers[topic] = self._node.create_publisher(kind, topic, profile)

    def _is_heard(self, topic: str) -> bool:
        publisher = self._publishers.get(topic)
        return publisher is not None and publisher.get_subscription_count() > 0


def _track_ids(perceived: Perceived) -> list[int]:
    return [one.track_id for one in perceived.recognition.masks]


def _masks(perceived: Perceived, places: Places, header: Header) -> Any:
    return recognition_to_message(perceived.recognition, header)


def _id_image(perceived: Perceived, places: Places, header: Header) -> Any:
    return array_to_image(perceived.recognition.id_image(), "mono16", header)


def _overlay(perceived: Perceived, places: Places, header: Header) -> Any:
    picture = draw_recognition(perceived.image_rgb, perceived.recognition)
    return array_to_image(picture, "rgb8", header)


def _objects(perceived: Perceived, places: Places, header: Header) -> Any:
    return objects_to_message(perceived.recognition, _track_ids(perceived), places, header)


def _cloud(perceived: Perceived, places: Places, header: Header) -> Any:
    ids = _track_ids(perceived)
    return object_cloud(perceived.image_rgb, perceived.recognition, ids, places, header)


def _markers(perceived: Perceived, places: Places, header: Header) -> Any:
    return objects_to_markers(perceived.recognition, _track_ids(perceived), places, header)


def _detections(perceived: Perceived, places: Places, header: Header) -> Any:
    return detections_to_message(perceived.recognition, _track_ids(perceived), places, header)
