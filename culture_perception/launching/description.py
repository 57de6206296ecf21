"""A system file as a launch description: the same processes that the pip-only runner starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.logging import launch_config
from launch_ros.actions import LifecycleNode, Node

from culture_perception.process import Process
from culture_perception.runner import ros_environment
from culture_perception.system import Description, find_system, load_description
from culture_perception.system_arguments import Argument

PASSED_ON: Final = ("FASTDDS_DEFAULT_PROFILES_FILE", "OMP_NUM_THREADS")
RESPAWN_S: Final = 2.0


def describe(system: str) -> LaunchDescription:
    """The launch description of a system.

    Args:
        system: An installed one, for example sim, or a path that ends in .yaml.

    Raises:
        SystemFileError: There is no such system, or its file is wrong.
    """
    description = load_description(find_system(system))
    environment = ros_environment(None, local_only=False)
    return LaunchDescription(
        [
            *map(_declared, description.arguments),
            *(SetEnvironmentVariable(name, environment[name]) for name in PASSED_ON),
            OpaqueFunction(function=_nodes, args=[description]),
        ]
    )


def _declared(argument: Argument) -> DeclareLaunchArgument:
    text = argument.description
    if isinstance(argument.default, bool):
        # Not as choices: launch would refuse `True`, which people write.
        text += ": true or false"
    return DeclareLaunchArgument(
        argument.name,
        default_value=argument.default_text,
        description=text,
        choices=argument.choices or None,
    )


def _nodes(context: LaunchContext, description: Description) -> list[Any]:
    configurations = context.launch_configurations
    given = {argument.name: configurations[argument.name] for argument in description.arguments}
    system = description.resolve(given, configurations.get("ros_namespace", ""))
    return [_node(process, system.respawn) for process in system.processes]


def _node(process: Process, respawn: bool) -> Node:
    kind = LifecycleNode if process.lifecycle else Node
    return kind(
        name=process.name,
        namespace=process.namespace or "/",
        package=process.package,
        executable=process.executable,
        # Not `parameters` and `remappings`: the very words that the runner gives to a process.
        ros_arguments=process.ros_arguments(Path(launch_config.log_dir)),
        respawn=respawn,
        respawn_delay=RESPAWN_S,
        output="screen",
    )
