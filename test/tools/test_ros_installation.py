from pathlib import Path

import pytest

from tools.ros_installation import (
    RCLPY_MARKER,
    RosInstallationError,
    process_environment,
    sourced_ros,
)


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    folder = tmp_path / ".venv"
    _put_rclpy(folder)
    return folder


@pytest.fixture
def opt_ros(tmp_path: Path) -> Path:
    folder = tmp_path / "opt" / "ros" / "jazzy"
    _put_rclpy(folder)
    return folder


def _put_rclpy(prefix: Path) -> None:
    (prefix / RCLPY_MARKER).parent.mkdir(parents=True)
    (prefix / RCLPY_MARKER).touch()


def test_a_plain_shell_has_no_ros(venv: Path) -> None:
    assert sourced_ros({}, venv) is None


def test_the_wheels_are_not_an_installation(venv: Path) -> None:
    assert sourced_ros({"AMENT_PREFIX_PATH": str(venv)}, venv) is None


def test_a_sourced_installation_is_found_with_its_overlays(venv: Path, opt_ros: Path) -> None:
    overlay = opt_ros.parent / "workspace"
    environ = {"ROS_DISTRO": "jazzy", "AMENT_PREFIX_PATH": f"{overlay}:{venv}:{opt_ros}"}
    ros = sourced_ros(environ, venv)
    assert ros is not None
    assert (ros.distro, ros.prefixes) == ("jazzy", (overlay, opt_ros))


@pytest.mark.parametrize(
    "environ",
    [
        {"ROS_DISTRO": "humble"},
        {"AMENT_PREFIX_PATH": "/opt/ros/humble"},
    ],
)
def test_half_an_installation_is_an_error_with_a_cure(environ: dict[str, str], venv: Path) -> None:
    with pytest.raises(RosInstallationError, match=r"no rclpy .*source .*unset ROS_DISTRO"):
        sourced_ros(environ, venv)


def test_with_wheels_nothing_of_an_installation_stays(venv: Path, opt_ros: Path) -> None:
    environ = {
        "PATH": "/usr/bin",
        "PYTHONPATH": f"{opt_ros}/lib/python3.12/site-packages:/home/me/code",
        "LD_LIBRARY_PATH": f"{opt_ros}/lib",
        "HOME": "/home/me",
    }
    result = process_environment(environ, venv, None)
    assert result["AMENT_PREFIX_PATH"] == str(venv)
    assert result["PATH"] == f"{venv}/bin:/usr/bin"
    assert result["PYTHONPATH"] == "/home/me/code"
    assert result["LD_LIBRARY_PATH"] == ""
    assert result["HOME"] == "/home/me"
    assert "CMAKE_PREFIX_PATH" not in result


def test_with_an_installation_the_interfaces_of_the_venv_come_first(
    venv: Path, opt_ros: Path
) -> None:
    environ = {"AMENT_PREFIX_PATH": str(opt_ros), "LD_LIBRARY_PATH": f"{opt_ros}/lib"}
    result = process_environment(environ, venv, sourced_ros(environ, venv))
    assert result["AMENT_PREFIX_PATH"] == f"{venv}:{opt_ros}"
    assert result["LD_LIBRARY_PATH"] == f"{venv}/lib:{opt_ros}/lib"


def test_a_command_started_from_the_venv_s_own_python_finds_the_wheels_again(venv: Path) -> None:
    started = {"_ROS_WHEELS_BOOTSTRAP_COMPLETE": "1", "LD_LIBRARY_PATH": f"{venv}/lib"}
    result = process_environment(started, venv, None)
    assert "_ROS_WHEELS_BOOTSTRAP_COMPLETE" not in result
