"""Starts the processes of config/systems/sim.yaml, the list that `culture-perception up sim` reads.

ros2 launch culture_perception sim.launch.py log_level:=debug params_file:=my.yaml
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch_ros.actions import Node

from culture_perception.resources import share_path
from culture_perception.runner import ros_environment
from culture_perception.system import load_system

PASSED_ON = ("FASTDDS_DEFAULT_PROFILES_FILE", "OMP_NUM_THREADS")


def _nodes(context: LaunchContext) -> list[Node]:
    given = context.launch_configurations
    overrides = [given["params_file"]] if given["params_file"] else []
    return [
        Node(
            name=process.name,
            package=process.package,
            executable=process.executable,
            parameters=[dict(process.parameters), *overrides],
            remappings=list(process.remappings.items()),
            arguments=["--ros-args", "--log-level", given["log_level"]],
            respawn=given["respawn"] == "true",
            output="screen",
        )
        for process in load_system(share_path("config", "systems", "sim.yaml")).processes
    ]


def generate_launch_description() -> LaunchDescription:
    environment = ros_environment(None, local_only=False)
    return LaunchDescription(
        [
            DeclareLaunchArgument("log_level", default_value="info", description="of all nodes"),
            DeclareLaunchArgument(
                "params_file", default_value="", description="parameters over those of the list"
            ),
            DeclareLaunchArgument(
                "respawn", default_value="false", description="restart a node that ends"
            ),
            *(SetEnvironmentVariable(name, environment[name]) for name in PASSED_ON),
            OpaqueFunction(function=_nodes),
        ]
    )
