"""The simulated camera, recognition and scores: the processes of config/systems/sim.yaml.

ros2 launch culture_perception sim.launch.py --show-args
ros2 launch culture_perception sim.launch.py label_set:=konbini namespace:=robot1
"""

from launch import LaunchDescription

from culture_perception.launching.description import describe


def generate_launch_description() -> LaunchDescription:
    return describe("sim")
