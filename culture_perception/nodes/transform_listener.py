"""Fills a TransformTree from /tf and /tf_static."""

from typing import Final

from rclpy.clock import JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from tf2_msgs.msg import TFMessage

from culture_perception.nodes.label_messages import stamp_to_ns
from culture_perception.transforms import RigidTransform, TransformError, TransformTree


def _qos(durability: DurabilityPolicy) -> QoSProfile:
    """tf2's own: every robot's publisher of joints or static transforms fits it."""
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=100,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=durability,
    )


MOVING: Final = _qos(DurabilityPolicy.VOLATILE)
STATIC: Final = _qos(DurabilityPolicy.TRANSIENT_LOCAL)


class TransformListener:
    """Subscribes for a node; the tree may be asked by any thread.

    What moves is forgotten when the node's clock jumps back, as with a bag that starts again.
    """

    def __init__(self, node: Node, tree: TransformTree) -> None:
        self.tree = tree
        self._node = node
        self._refused: set[str] = set()
        self._subscriptions = [
            node.create_subscription(TFMessage, "/tf", self._on_moving, MOVING),
            node.create_subscription(TFMessage, "/tf_static", self._on_static, STATIC),
        ]
        self._jumps = node.get_clock().create_jump_callback(
            JumpThreshold(
                min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=True
            ),
            post_callback=self._on_jump,
        )

    def close(self) -> None:
        """Ends the subscriptions."""
        self._jumps.unregister()
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def _on_moving(self, message: TFMessage) -> None:
        self._take(message, static=False)

    def _on_static(self, message: TFMessage) -> None:
        self._take(message, static=True)

    def _take(self, message: TFMessage, static: bool) -> None:
        for one in message.transforms:
            place, turn = one.transform.translation, one.transform.rotation
            try:
                self.tree.put(
                    one.header.frame_id,
                    one.child_frame_id,
                    stamp_to_ns(one.header.stamp),
                    RigidTransform((place.x, place.y, place.z), (turn.x, turn.y, turn.z, turn.w)),
                    static,
                )
            except (TransformError, ValueError) as error:
                self._warn_once(one.child_frame_id, str(error))

    def _warn_once(self, frame: str, reason: str) -> None:
        if frame not in self._refused:
            self._refused.add(frame)
            self._node.get_logger().warning(f"a transform is not used: {reason}")

    def _on_jump(self, jump: TimeJump) -> None:
        del jump
        self.tree.clear_moving()
