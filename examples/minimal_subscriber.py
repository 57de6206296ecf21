"""Prints what perception names, frame by frame.

python examples/minimal_subscriber.py [--ros-args -r __ns:=/robot1]
"""

import rclpy
from culture_interfaces.msg import LabelledMaskArray
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node


def show(result: LabelledMaskArray) -> None:
    """One line a mask: its name, how sure that is, and its box in pixels."""
    for mask in result.masks:
        box = mask.box
        where = f"{box.width}x{box.height} at ({box.x_offset}, {box.y_offset})"
        print(f"{mask.label or 'unknown'}, {mask.probability:.2f}, {where}", flush=True)


rclpy.init()
node = Node("minimal_subscriber")
node.create_subscription(LabelledMaskArray, "perception/labelled_masks", show, 10)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    pass
finally:
    rclpy.try_shutdown()
