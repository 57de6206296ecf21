"""Launch files start what the runner starts; needs launch and launch_ros, which come with ROS."""

import importlib.util
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

with warnings.catch_warnings():
    # launch imports lark, an old one of which imports deprecated modules.
    warnings.simplefilter("ignore", DeprecationWarning)
    # Of launch alone, an import would find this repository's own folder of that name.
    pytest.importorskip("launch_ros.actions", reason="launch_ros comes with a ROS installation")

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.logging import launch_config
from launch_ros.actions import LifecycleNode, Node

from culture_perception.launching.description import describe
from culture_perception.process import Process
from culture_perception.system import find_system, load_description, system_names

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True, scope="module")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where launch writes; it takes no other once it has written."""
    folder = tmp_path_factory.mktemp("launch")
    launch_config.log_dir = str(folder)
    return folder


def launched(description: LaunchDescription, **given: str) -> list[Node]:
    """The nodes of a launch description, with some arguments, before they are started."""
    context = LaunchContext()
    context.launch_configurations.update(given)
    nodes: list[Node] = []
    for entity in description.entities:
        if isinstance(entity, DeclareLaunchArgument):
            entity.execute(context)
        elif isinstance(entity, OpaqueFunction):
            nodes += entity.execute(context) or []
    return nodes


def ros_arguments(node: Node) -> list[str]:
    """What launch puts after the first --ros-args, without what it adds of its own."""
    context = LaunchContext()
    words: list[str] = []
    for part in node.cmd[1:]:
        text = "".join(one.perform(context) for one in part if hasattr(one, "text"))
        words.append(text)
    first = words.index("--ros-args")
    return words[first + 1 : words.index("--ros-args", first + 1)]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("sim", {}),
        ("sim", {"source": "camera", "image_topic": "/x", "namespace": "robot1"}),
        ("sim", {"label_set": "konbini", "language": "ja", "use_sim_time": "True"}),
        ("sim", {"source": "player", "play": "pictures", "log_level": "debug"}),
        ("camera", {}),
        ("pick", {"text": "tuna can", "target_frame": "arm_base"}),
        ("camera", {"evaluate": "true", "view": "true", "device": "cuda:0"}),
    ],
)
def test_a_launch_file_and_the_runner_start_the_same(name: str, given: dict[str, str]) -> None:
    nodes = launched(describe(name), **given)
    processes = load_description(find_system(name)).resolve(given).processes
    assert [ros_arguments(node) for node in nodes] == [one.ros_arguments() for one in processes]
    assert [(one.node_package, one.node_executable) for one in nodes] == [
        (one.package, one.executable) for one in processes
    ]
    for node, process in zip(nodes, processes, strict=True):
        assert isinstance(node, LifecycleNode) is process.lifecycle


def test_a_parameter_file_goes_the_same_way(tmp_path: Path, log_folder: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("/**:\n  ros__parameters: {use_sim_time: true}\n", encoding="utf-8")
    given = {"params_file": str(path), "style": "brand"}
    nodes = launched(describe("sim"), **given)
    processes: tuple[Process, ...] = load_description(find_system("sim")).resolve(given).processes
    expected = [process.ros_arguments(log_folder) for process in processes]
    assert [ros_arguments(node) for node in nodes] == expected


def test_a_namespace_that_is_pushed_is_kept() -> None:
    nodes = launched(describe("camera"), ros_namespace="/fleet", namespace="robot1")
    for node in nodes:
        assert "__ns:=/fleet/robot1" in ros_arguments(node)


@pytest.mark.parametrize("name", system_names())
def test_every_launch_file_declares_every_argument(name: str) -> None:
    with launch_file(ROOT / "launch" / f"{name}.launch.py") as module:
        declared: list[Any] = module.generate_launch_description().get_launch_arguments()
    arguments = load_description(find_system(name)).arguments
    assert [one.name for one in declared] == [one.name for one in arguments]
    for shown, argument in zip(declared, arguments, strict=True):
        assert shown.description.startswith(argument.description)
        default = "".join(part.text for part in shown.default_value)
        assert default == argument.default_text
        assert tuple(shown.choices or ()) == argument.choices


@contextmanager
def launch_file(path: Path) -> Iterator[ModuleType]:
    """A launch file as a module, as ros2 launch loads it."""
    spec = importlib.util.spec_from_file_location("a_launch_file", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.dont_write_bytecode = written
