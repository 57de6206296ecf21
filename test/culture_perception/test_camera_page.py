"""The commands of docs/camera.md, checked against what would take them; and its table."""

import importlib
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from culture_perception.cameras.contract import CONTRACT
from culture_perception.system import find_system, load_description
from culture_perception.up_command import options_parser, system_of

PAGE = Path(__file__).parents[2] / "docs" / "camera.md"
TEXT = PAGE.read_text(encoding="utf-8")


def commands(beginning: str) -> list[str]:
    """Lines of all shell blocks that begin so, also of those in lists."""
    shells = re.findall(r"^ *```sh\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    joined = "\n".join(shells).replace("\\\n", " ").splitlines()
    found = [line.strip() for line in joined if line.strip().startswith(beginning)]
    assert found
    return found


def words(command: str) -> list[str]:
    return shlex.split(command, comments=True)


@pytest.mark.parametrize("command", commands("culture-perception up "))
def test_up_takes_the_options_and_its_processes_the_parameters(command: str) -> None:
    _, _, name, *options = words(command)
    description = load_description(find_system(name))

    system = system_of(description, options_parser(description).parse_args(options))

    processes = {process.name: process for process in system.processes}
    assert ("camera_player" in processes) == ("player" in options)
    assert "perception" in processes
    if "camera_player" in processes:
        pytest.importorskip("rclpy")
        settings = importlib.import_module("culture_perception.nodes.camera_settings").SETTINGS
        values = processes["camera_player"].parameters
        _check({name: value for name, value in values.items() if name != "use_sim_time"}, settings)


@pytest.mark.parametrize("command", commands("python -m culture_perception.nodes."))
def test_a_node_has_the_parameters_and_the_topics(command: str) -> None:
    pytest.importorskip("rclpy")
    _, _, module, marker, *rest = words(command)
    assert marker == "--ros-args"
    parameters, remappings = {}, set()
    for option, assignment in zip(rest[::2], rest[1::2], strict=True):
        name, _, value = assignment.partition(":=")
        if option == "-p":
            parameters[name] = yaml.safe_load(value)
        else:
            assert option == "-r"
            remappings.add(name)
    assert remappings <= {stream.topic for stream in CONTRACT.streams}
    # Settings lie in the node's own module, or in one of their own.
    settings_module = module.replace("camera_player", "camera_settings")
    _check(parameters, importlib.import_module(settings_module).SETTINGS)


def _check(parameters: dict[str, Any], settings: Any) -> None:
    known = {setting.name: setting for setting in settings}
    for name, value in parameters.items():
        assert name in known
        assert type(value) is type(known[name].default)
        known[name].check(value)


@pytest.mark.parametrize("command", commands("ros2 launch culture_perception "))
def test_the_launch_file_has_the_arguments(command: str) -> None:
    _, _, _, file, *given = words(command)
    assert (PAGE.parents[1] / "launch" / file).is_file()
    description = load_description(find_system(file.partition(".")[0]))

    resolved = description.resolve(dict(one.split(":=", 1) for one in given))

    assert "camera_player" in {process.name for process in resolved.processes}


def test_the_table_is_the_contract() -> None:
    rows = re.findall(r"^\| `(\S+)` \| (\S+) \| (.*) \|$", TEXT, re.MULTILINE)
    by_topic = {topic: (msgtype, text) for topic, msgtype, text in rows}

    assert [topic for topic, _, _ in rows] == [
        *(stream.topic for stream in CONTRACT.streams),
        "/tf_static",
    ]
    for stream in CONTRACT.streams:
        msgtype, text = by_topic[stream.topic]
        assert msgtype == stream.msgtype
        named = set(re.findall(r"`(\w+)`", text))
        assert named <= set(stream.encodings) or not stream.encodings


def test_ros_finds_the_executables() -> None:
    setup = (PAGE.parents[1] / "setup.cfg").read_text(encoding="utf-8")
    for command in commands("ros2 run culture_perception "):
        assert f"\n    {words(command)[3]} = culture_perception." in setup
