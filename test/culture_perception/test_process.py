"""Command lines of processes, and namespaces."""

import sys
from pathlib import Path

import pytest
import yaml

from culture_perception.process import Process, System, SystemFileError, absolute_namespace


def test_a_command_keeps_types_and_text() -> None:
    process = Process(
        "eye",
        "package",
        "executable",
        "some.module",
        parameters={"rate": 1.0, "count": 2, "on": True, "name": "", "text": "1", "kana": "お茶"},
        remappings={"/image": "/camera/image"},
    )
    assert process.command() == [
        sys.executable,
        "-m",
        "some.module",
        "--ros-args",
        *("-r", "__node:=eye", "-r", "/image:=/camera/image"),
        *("-p", "rate:=1.0", "-p", "count:=2", "-p", "on:=true"),
        *("-p", 'name:=""', "-p", 'text:="1"', "-p", 'kana:="お茶"'),
    ]


def test_namespace_and_log_level_are_ros_arguments() -> None:
    process = Process("eye", "", "", "m", namespace="/robot1", log_level="warn")
    assert process.ros_arguments() == [
        *("-r", "__node:=eye", "-r", "__ns:=/robot1", "--log-level", "warn"),
    ]


def test_a_parameter_file_goes_over_parameters_and_chosen_ones_over_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    process = Process("eye", "", "", "m", {"x": 1, "y": 2}, params_file=file, namespace="/r")
    given = ["-r", "__node:=eye", "-r", "__ns:=/r", "-p", "x:=1", "-p", "y:=2"]
    assert process.ros_arguments() == [*given, "--params-file", str(file)]
    chosen = process.with_parameters({"y": 3})
    written = tmp_path / "eye.params.yaml"
    assert chosen.ros_arguments(tmp_path) == [
        *(*given[:-1], "y:=3", "--params-file", str(file), "--params-file", str(written)),
    ]
    assert yaml.safe_load(written.read_text("utf-8")) == {"/r/eye": {"ros__parameters": {"y": 3}}}
    with pytest.raises(ValueError, match="give a folder"):
        chosen.ros_arguments()


def test_parameters_go_over_those_of_the_file() -> None:
    system = System("s", (Process("a", "", "", "", {"x": 1, "y": 2}), Process("b", "", "", "")))
    changed = system.with_parameters({"a": {"y": 3}, "b": {"z": 4}})
    assert [dict(one.parameters) for one in changed.processes] == [{"x": 1, "y": 3}, {"z": 4}]
    assert [dict(one.chosen) for one in changed.processes] == [{"y": 3}, {"z": 4}]
    assert dict(system.processes[0].parameters) == {"x": 1, "y": 2}
    with pytest.raises(SystemFileError, match="no process 'c' in s; it has a, b"):
        system.with_parameters({"c": {}})


@pytest.mark.parametrize(
    ("topic", "namespace", "expected"),
    [
        ("image", "", "/image"),
        ("image", "/robot1", "/robot1/image"),
        ("/tf", "/robot1", "/tf"),
        ("old", "/robot1", "/robot1/new"),
        ("moved", "/robot1", "/elsewhere"),
    ],
)
def test_the_name_of_a_topic(topic: str, namespace: str, expected: str) -> None:
    remappings = {"old": "new", "moved": "/elsewhere"}
    process = Process("eye", "", "", "m", remappings=remappings, namespace=namespace)
    assert process.resolved(topic) == expected


@pytest.mark.parametrize(
    ("own", "outer", "expected"),
    [
        ("", "", ""),
        ("/", "", ""),
        ("robot1", "", "/robot1"),
        ("/robot1/arm", "", "/robot1/arm"),
        ("robot1", "/fleet", "/fleet/robot1"),
        ("/robot1", "/fleet", "/robot1"),
        ("", "/fleet", "/fleet"),
        ("robot1", "/", "/robot1"),
    ],
)
def test_namespaces_are_made_absolute(own: str, outer: str, expected: str) -> None:
    assert absolute_namespace(own, outer) == expected


@pytest.mark.parametrize("own", ["1robot", "a b", "a//b", "a/", "a__b", "ロボット", "/a/", "-r"])
def test_what_ros_does_not_allow_is_refused(own: str) -> None:
    with pytest.raises(SystemFileError, match=r"namespace .*: use words of letters"):
        absolute_namespace(own)
