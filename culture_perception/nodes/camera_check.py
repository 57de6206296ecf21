"""Holds a camera that runs to the contract of docs/camera.md, and prints what is broken."""

import sys
import time
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any, Final

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from culture_perception.cameras.bag_frames import poses_of
from culture_perception.cameras.contract import CONTRACT, Contract, Stream
from culture_perception.cameras.contract_checks import breaches
from culture_perception.cameras.frames import Pose
from culture_perception.cameras.received import Offer, Received
from culture_perception.nodes import qos
from culture_perception.nodes.parameters import Setting, declare, refuse_unknown

SETTINGS: Final = (
    Setting("frames", 30, "of each topic, to judge by", minimum=2, maximum=10_000),
    Setting("timeout_s", 20.0, "to wait for them, seconds", minimum=0.1, maximum=3600.0),
)
_RELIABLE: Final = QoSProfile(depth=30, reliability=ReliabilityPolicy.RELIABLE)
_BEST_EFFORT: Final = QoSProfile(depth=30, reliability=ReliabilityPolicy.BEST_EFFORT)


class CameraProbe:
    """Keeps what a camera sends from now on."""

    def __init__(self, node: Node, contract: Contract = CONTRACT) -> None:
        """Hears nothing before `look`; remappings of the node hold.

        Args:
            node: Whose executor has to spin.
            contract: Which topics.
        """
        self._node = node
        self._contract = contract
        self._messages: dict[str, list[tuple[int, Any]]] = {
            one.name: [] for one in contract.streams
        }
        self._topics = {one.name: node.resolve_topic_name(one.topic) for one in contract.streams}
        self._waiting = list(contract.streams)
        self._poses: dict[str, Pose] = {}
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError as error:
            node.get_logger().warning(f"transforms are not judged: {error}; install tf2_msgs")
        else:
            node.create_subscription(TFMessage, "/tf_static", self._on_poses, qos.LATCHED)

    def look(self) -> None:
        """Subscribes to topics that have a publisher by now, as they are offered."""
        for stream in list(self._waiting):
            offers = self._offers(self._topics[stream.name])
            if offers:
                self._waiting.remove(stream)
                self._subscribe(stream, all(one.reliability == "RELIABLE" for one in offers))

    def _subscribe(self, stream: Stream, reliable: bool) -> None:
        package, _, name = stream.msgtype.partition("/msg/")
        self._node.create_subscription(
            getattr(import_module(f"{package}.msg"), name),
            stream.topic,
            partial(self._on_message, self._messages[stream.name]),
            _RELIABLE if reliable else _BEST_EFFORT,
        )

    def _on_message(self, kept: list[tuple[int, Any]], message: Any) -> None:
        kept.append((self._node.get_clock().now().nanoseconds, message))

    def _on_poses(self, message: Any) -> None:
        self._poses.update({pose.child: pose for pose in poses_of(message)})

    def counts(self) -> dict[str, int]:
        """Topic to messages so far, of those that have a publisher."""
        return {
            topic: len(self._messages[name])
            for name, topic in self._topics.items()
            if self._node.count_publishers(topic)
        }

    def received(self) -> Received:
        """What came so far."""
        offers = {name: self._offers(topic) for name, topic in self._topics.items()}
        return Received(self._messages, offers, tuple(self._poses.values()))

    def breaches(self) -> list[str]:
        """What is broken of the contract by what came so far."""
        return breaches(self.received(), self._contract)

    def _offers(self, topic: str) -> Sequence[Offer]:
        return [
            Offer(
                one.topic_type,
                one.qos_profile.reliability.name,
                one.qos_profile.durability.name,
                one.qos_profile.depth,
            )
            for one in self._node.get_publishers_info_by_topic(topic)
        ]


def check(node: Node) -> list[str]:
    """Listens to a camera and says what it breaks of the contract.

    Raises:
        ConfigurationError: A parameter is wrong.
    """
    values = declare(node, SETTINGS)
    refuse_unknown(node)
    probe = CameraProbe(node)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    deadline_s = time.monotonic() + float(values["timeout_s"])
    wanted = int(values["frames"])
    while time.monotonic() < deadline_s:
        probe.look()
        executor.spin_once(timeout_sec=0.1)
        counts = probe.counts()
        if counts and min(counts.values()) >= wanted:
            break
    for topic, count in probe.counts().items():
        print(f"{topic}: {count} messages")
    return probe.breaches()


def main() -> int:
    """Checks a camera; returns 0 where it keeps the contract, 1 where not, 2 where it can not."""
    try:
        rclpy.init(args=sys.argv)
        node = Node("camera_check")
        try:
            found = check(node)
        except ValueError as error:
            node.get_logger().fatal(f"can not start: {error}")
            return 2
        for one in found:
            print(f"- {one}")
        print("the camera keeps the contract" if not found else f"{len(found)} breaches")
        return 1 if found else 0
    except (KeyboardInterrupt, ExternalShutdownException):
        return 1
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    sys.exit(main())
