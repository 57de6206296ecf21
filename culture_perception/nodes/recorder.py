"""Hands the messages of topics, as they came over the wire, to a bag that is being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import Any, Final

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)

from culture_perception.bags.definitions import UnknownTypeError, definition_of
from culture_perception.bags.recording import BagRecording, RecordedTopic
from culture_perception.message_records import NANOSECONDS

LOOK_S: Final = 0.2  # between two looks for publishers of topics that had none
DEPTH: Final = 100  # messages that wait for this process, a topic


class Recorder:
    """Subscribes to topics as soon as somebody publishes them, with the quality they are offered.

    Use it as a context manager.

    Attributes:
        types: topic -> its message type, of those that are recorded.
        problems: topic -> why it is not recorded, or not as it should be.
    """

    def __init__(
        self,
        topics: Sequence[str],
        recording: BagRecording,
        on_topic: Callable[[str, str], None] = lambda topic, msgtype: None,
    ) -> None:
        """Joins the system.

        Args:
            topics: What is to be recorded, in the order in which it is to be subscribed to.
            recording: Gets the messages.
            on_topic: Takes the name and type of each topic that is subscribed to.
        """
        self._waiting = list(topics)
        self._recording = recording
        self._on_topic = on_topic
        self.types: dict[str, str] = {}
        self.problems: dict[str, str] = {}
        self._context = Context()
        # Signals are the caller's: it has a bag to close.
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node("culture_perception_recorder", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def run(self, ended: Callable[[], bool]) -> None:
        """Records until `ended` says so.

        Raises:
            BagError: The bag can not be written.
        """
        look_at_s = 0.0
        while not ended():
            if time.monotonic() >= look_at_s:
                look_at_s = time.monotonic() + LOOK_S
                self._look_for_publishers()
                self._recording.check()
            self._executor.spin_once(timeout_sec=0.05)

    def _look_for_publishers(self) -> None:
        for topic in list(self._waiting):
            publishers = self._node.get_publishers_info_by_topic(topic)
            if publishers:
                self._waiting.remove(topic)
                self._subscribe(topic, publishers)

    def _subscribe(self, topic: str, publishers: Sequence[Any]) -> None:
        msgtype = publishers[0].topic_type
        try:
            kind = _class_of(msgtype)
        except (ImportError, AttributeError, ValueError) as error:
            self.problems[topic] = f"type {msgtype} is not installed ({error})"
            return
        text, digest = self._described(topic, msgtype, str(publishers[0].topic_type_hash))
        profiles = [one.qos_profile for one in publishers]
        offered = tuple(map(_recorded_qos, profiles))
        self._recording.add_topic(RecordedTopic(topic, msgtype, text, digest, offered))
        self.types[topic] = msgtype
        self._node.create_subscription(
            kind, topic, partial(self._on_message, topic), _requested(profiles), raw=True
        )
        self._on_topic(topic, msgtype)

    def _described(self, topic: str, msgtype: str, published: str) -> tuple[str, str]:
        """Text and hash of a type; a text that is not what is published would mislead."""
        try:
            text, digest = definition_of(msgtype)
        except UnknownTypeError as error:
            self.problems[topic] = f"recorded without a description of its type: {error}"
            return "", published
        if published.startswith("RIHS01_") and published != digest:
            self.problems[topic] = (
                f"recorded without a description of its type: its publisher has another version "
                f"of {msgtype} than is installed here"
            )
            return "", published
        return text, digest

    def _on_message(self, topic: str, data: bytes, info: Any) -> None:
        received_ns = int(info["received_timestamp"]) or time.time_ns()
        self._recording.put(topic, received_ns, data)


def _class_of(msgtype: str) -> Any:
    package, _, name = msgtype.partition("/msg/")
    return getattr(import_module(f"{package}.msg"), name)


def _requested(offered: Sequence[QoSProfile]) -> QoSProfile:
    """The best that all publishers offer."""
    reliable = all(one.reliability == ReliabilityPolicy.RELIABLE for one in offered)
    latched = all(one.durability == DurabilityPolicy.TRANSIENT_LOCAL for one in offered)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=DEPTH,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def _recorded_qos(profile: QoSProfile) -> Qos:
    return Qos(
        history=QosHistory(profile.history.value),
        depth=profile.depth,
        reliability=QosReliability(profile.reliability.value),
        durability=QosDurability(profile.durability.value),
        deadline=_qos_time(profile.deadline),
        lifespan=_qos_time(profile.lifespan),
        liveliness=QosLiveliness(profile.liveliness.value),
        liveliness_lease_duration=_qos_time(profile.liveliness_lease_duration),
        avoid_ros_namespace_conventions=profile.avoid_ros_namespace_conventions,
    )


def _qos_time(duration: Any) -> QosTime:
    return QosTime(*divmod(duration.nanoseconds, NANOSECONDS))
