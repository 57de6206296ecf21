"""Which topics perception subscribes to, after remapping, and what is left where that fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node

from culture_perception.nodes.camera_input import CameraInput, InputOptions

COMPRESSED = InputOptions("compressed", "compressedDepth", "reliable", True, 0.015)


@pytest.fixture
def context(environment: dict[str, str]) -> Iterator[Context]:
    made = Context()
    rclpy.init(context=made, domain_id=int(environment["ROS_DOMAIN_ID"]))
    yield made
    rclpy.shutdown(context=made)


def node_with(context: Context, *arguments: str) -> Node:
    return Node(
        "listener",
        context=context,
        namespace="robot1",
        cli_args=["--ros-args", *arguments],
        use_global_arguments=False,
    )


def topics_of(node: Node) -> set[str]:
    return {one.topic_name for one in node.subscriptions if "camera" in one.topic_name}


def test_a_remapped_image_takes_its_compressed_topics_along(context: Context) -> None:
    node = node_with(
        context,
        *("-r", "camera/color/image_raw:=/eye/color/image_raw"),
        *("-r", "camera/depth/image_rect:=eye/camera_depth"),
    )
    camera = CameraInput(node, lambda frame: None)
    camera.open(COMPRESSED)
    assert {one.topic_name for one in node.subscriptions} >= {
        "/eye/color/image_raw/compressed",
        "/robot1/eye/camera_depth/compressedDepth",
        "/robot1/camera/color/camera_info",
    }
    camera.close()
    assert topics_of(node) == set()
    node.destroy_node()


def test_a_compressed_topic_can_be_remapped_itself(context: Context) -> None:
    node = node_with(context, "-r", "camera/color/image_raw/compressed:=/eye/camera_jpeg")
    camera = CameraInput(node, lambda frame: None)
    camera.open(COMPRESSED)
    assert "/eye/camera_jpeg" in topics_of(node)
    camera.close()
    node.destroy_node()
