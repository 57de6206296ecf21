"""Transforms from real /tf, /tf_static and /clock topics."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import Transform, TransformStamped, Vector3
from rclpy.node import Node
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.nodes.transform_listener import MOVING, STATIC, TransformListener
from culture_perception.transforms import TransformTree

SECOND = 1_000_000_000


def stamped(parent: str, child: str, stamp_ns: int, x: float) -> TransformStamped:
    header = Header(stamp=ns_to_stamp(stamp_ns), frame_id=parent)
    transform = Transform(translation=Vector3(x=x))
    return TransformStamped(header=header, child_frame_id=child, transform=transform)


@pytest.fixture
def listening(peer: Any) -> Iterator[TransformListener]:
    """A listener in a namespace, on simulated time; the peer publishes."""
    simulated = Parameter("use_sim_time", value=True)
    node = Node(
        "listener", namespace="robot", context=peer.context, parameter_overrides=[simulated]
    )
    peer.executor.add_node(node)
    listener = TransformListener(node, TransformTree())
    yield listener
    listener.close()
    peer.executor.remove_node(node)
    node.destroy_node()


def test_frames_come_and_go_with_the_clock(peer: Any, listening: TransformListener) -> None:
    tree = listening.tree
    clock = peer.node.create_publisher(Clock, "/clock", 10)
    moving = peer.node.create_publisher(TFMessage, "/tf", MOVING)
    static = peer.node.create_publisher(TFMessage, "/tf_static", STATIC)
    peer.wait_for(clock.get_subscription_count, "a clock's subscriber")

    static.publish(TFMessage(transforms=[stamped("world", "base", 0, 1.0)]))
    peer.wait_for(moving.get_subscription_count, "a subscriber of /tf")
    clock.publish(Clock(clock=ns_to_stamp(100 * SECOND)))
    nonsense = stamped("base", "", 100 * SECOND, 0.0)
    moving.publish(
        TFMessage(
            transforms=[
                nonsense,
                stamped("base", "tool", 100 * SECOND, 2.0),
                stamped("base", "tool", 101 * SECOND, 4.0),
            ]
        )
    )
    peer.wait_for(lambda: {"tool", "world"} <= set(tree.frames()), "both transforms")

    between = tree.lookup("world", "tool", 100 * SECOND + SECOND // 2)
    np.testing.assert_allclose(between.translation, [4, 0, 0])

    def jumped() -> bool:
        clock.publish(Clock(clock=ns_to_stamp(50 * SECOND)))
        return "tool" not in tree.frames()

    peer.wait_for(jumped, "the end of what moved before the jump")
    assert tree.lookup("world", "base", 50 * SECOND).translation == (1, 0, 0)
