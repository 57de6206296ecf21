"""Recognition for a camera whose driver is started elsewhere: config/systems/camera.yaml.

ros2 launch culture_perception camera.launch.py --show-args
ros2 launch culture_perception camera.launch.py image_topic:=/camera/camera/color/image_raw
"""

from launch import LaunchDescription

from culture_perception.launching.description import describe


def generate_launch_description() -> LaunchDescription:
    return describe("camera")
