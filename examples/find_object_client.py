"""Asks perception where a thing is: python examples/find_object_client.py "red box of cookies"."""

import sys
from typing import Any

import rclpy
from culture_interfaces.action import FindObject
from rclpy.action.client import ActionClient
from rclpy.node import Node
from rclpy.utilities import remove_ros_args

text, *frame = remove_ros_args(sys.argv)[1:]  # a frame, for example world, may follow
rclpy.init(args=sys.argv)
node = Node("find_object_client")
client: Any = ActionClient(node, FindObject, "perception/find_object")
if not client.wait_for_server(timeout_sec=30.0):
    sys.exit("perception/find_object is not there: does perception run?")
goal = FindObject.Goal(text=text, target_frame=frame[0] if frame else "", timeout_s=20.0)
accepted = client.send_goal_async(goal)
rclpy.spin_until_future_complete(node, accepted)
answer = accepted.result().get_result_async()
rclpy.spin_until_future_complete(node, answer)
result = answer.result().result
if result.code != FindObject.Result.OK:
    sys.exit(f"code {result.code}: {result.message}")
print(f"{result.mask.label}: probability {result.mask.probability:.2f}, {result.mask.area} pixels")
if result.has_object:
    place = result.object.centroid
    print(f"at ({place.x:.3f}, {place.y:.3f}, {place.z:.3f}) in {result.object_header.frame_id}")
rclpy.shutdown()
