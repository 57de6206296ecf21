import sys
from pathlib import Path

import pytest

from tools.needs import (
    Need,
    current_problem,
    has_driver,
    interpreter_problem,
    interpreter_remark,
    missing_report,
    ros_python_problem,
    system_needs,
)


@pytest.mark.parametrize("minor", [10, 11, 12])
def test_supported_interpreters(minor: int) -> None:
    assert interpreter_problem((3, minor), "Linux", "x86_64", with_ros=False) is None


@pytest.mark.parametrize(("minor", "slow"), [(10, False), (11, False), (12, True)])
def test_where_pybullet_is_compiled_it_is_said(minor: int, slow: bool) -> None:
    assert ("pybullet" in interpreter_remark((3, minor))) == slow


@pytest.mark.parametrize("version", [(3, 9), (3, 13), (2, 7)])
@pytest.mark.parametrize("with_ros", [True, False])
def test_other_interpreters_are_named_with_a_cure(version: tuple[int, int], with_ros: bool) -> None:
    problem = interpreter_problem(version, "Linux", "x86_64", with_ros)
    assert problem is not None
    assert f"Python {version[0]}.{version[1]} " in problem
    assert "PYTHON=python3.11" in problem


@pytest.mark.parametrize(("system", "machine"), [("Linux", "aarch64"), ("Darwin", "x86_64")])
def test_where_no_wheels_exist_a_ros_installation_is_asked_for(system: str, machine: str) -> None:
    problem = interpreter_problem((3, 11), system, machine, with_ros=False)
    assert problem is not None
    assert machine in problem
    assert "Install ROS 2" in problem
    assert interpreter_problem((3, 11), system, machine, with_ros=True) is None


def test_this_interpreter_is_supported() -> None:
    assert current_problem(with_ros=True) is None


def test_the_report_gives_one_command_for_all() -> None:
    missing = [
        Need("g++", "building the ROS interfaces", "g++", lambda: False),
        Need("libEGL.so.1", "rendering", "libegl1", lambda: False, required=False),
    ]
    report = missing_report(missing)
    assert "g++: needed for building the ROS interfaces" in report
    assert report.endswith("sudo apt-get install -y g++ libegl1")


def test_nothing_missing_is_an_empty_report() -> None:
    assert missing_report([]) == ""


def test_only_rendering_is_optional() -> None:
    optional = {need.package for need in system_needs((3, 11), False) if not need.required}
    assert optional == {"libegl1", "libgl1", "libgl1-mesa-dri"}


def test_a_ros_installation_needs_a_cmake_that_the_wheels_bring_along() -> None:
    packages = [{need.package for need in system_needs((3, 10), ros)} for ros in (False, True)]
    assert packages[1] - packages[0] == {"cmake", "make"}
    assert "python3.10-dev" in packages[0]


def test_commands_are_looked_for_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    by_package = {need.package: need for need in system_needs((3, 11), False)}
    assert not by_package["g++"].present()
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    assert by_package["g++"].present()


def test_a_driver_is_looked_for_where_distributions_put_it(tmp_path: Path) -> None:
    before = has_driver(tmp_path)
    driver = tmp_path / "usr/lib/x86_64-linux-gnu/dri/swrast_dri.so"
    driver.parent.mkdir(parents=True)
    driver.touch()
    assert has_driver(tmp_path)
    assert not before or has_driver(Path("/nowhere")), "only NVIDIA's is found without the file"


def test_a_python_without_rclpy_is_named(tmp_path: Path) -> None:
    python = tmp_path / "python"
    error = "ModuleNotFoundError: No module named 'rclpy'"
    python.write_text(f'#!/bin/sh\necho "{error}\nSee the manual" >&2\nexit 1\n')
    python.chmod(0o755)
    problem = ros_python_problem(str(python))
    assert problem is not None
    assert "No module named 'rclpy'" in problem
    assert "PYTHON=/usr/bin/python3" in problem


def test_this_python_has_rclpy() -> None:
    pytest.importorskip("rclpy")
    assert ros_python_problem(sys.executable) is None
