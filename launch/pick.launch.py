"""The simulated table with an arm, and a planner that picks by name: config/systems/pick.yaml.

ros2 launch culture_perception pick.launch.py --show-args
ros2 launch culture_perception pick.launch.py text:="tuna can"
"""

from launch import LaunchDescription

from culture_perception.launching.description import describe


def generate_launch_description() -> LaunchDescription:
    return describe("pick")
