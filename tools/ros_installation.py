"""Which ROS the nodes run on: an installation whose setup file was sourced, or the wheels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

AMENT_INDEX = Path("share/ament_index")
RCLPY_MARKER = AMENT_INDEX / "resource_index/packages/rclpy"
SEARCH_PATHS = frozenset({"PYTHONPATH", "LD_LIBRARY_PATH", "CMAKE_PREFIX_PATH"})
# ros-wheels-bootstrapper puts the wheels' libraries on LD_LIBRARY_PATH when Python starts, and
# sets this so as not to do it again. A child that inherits it without that path finds no library.
BOOTSTRAPPED = "_ROS_WHEELS_BOOTSTRAP_COMPLETE"


class RosInstallationError(RuntimeError):
    """The shell is set up for a ROS that can not be used; the message says what to do."""


@dataclass(frozen=True)
class RosInstallation:
    """A ROS that was sourced in this shell.

    Attributes:
        distro: Its name, for example "jazzy"; "unknown" where ROS_DISTRO is not set.
        prefixes: The folders of AMENT_PREFIX_PATH outside the virtual environment, in order.
    """

    distro: str
    prefixes: tuple[Path, ...]


def sourced_ros(environ: Mapping[str, str], venv: Path) -> RosInstallation | None:
    """Looks for a ROS installation in the shell's variables.

    Args:
        environ: The environment variables.
        venv: The project's virtual environment: what lies in it counts as wheels.

    Returns:
        The installation, or None where the wheels are to be used.

    Raises:
        RosInstallationError: ROS_DISTRO or AMENT_PREFIX_PATH is set, but no rclpy is there.
    """
    distro = environ.get("ROS_DISTRO", "")
    prefixes = tuple(
        Path(entry)
        for entry in environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
        if entry and not Path(entry).resolve().is_relative_to(venv.resolve())
    )
    if any((prefix / RCLPY_MARKER).exists() for prefix in prefixes):
        return RosInstallation(distro or "unknown", prefixes)
    if distro or prefixes:
        shown = os.pathsep.join(map(str, prefixes)) or "(empty)"
        raise RosInstallationError(
            f"ROS_DISTRO={distro or '(unset)'} is set up in this shell, but no rclpy is below "
            f"AMENT_PREFIX_PATH={shown}. Either install and source it "
            f"(apt install ros-{distro or '<distro>'}-ros-base; source "
            f"/opt/ros/{distro or '<distro>'}/setup.bash), or use the wheels: open a shell where "
            f"no ROS is sourced, or unset ROS_DISTRO AMENT_PREFIX_PATH."
        )
    return None


def process_environment(
    environ: Mapping[str, str], venv: Path, ros: RosInstallation | None
) -> dict[str, str]:
    """Gives the variables under which a command of the virtual environment runs.

    Args:
        environ: The shell's variables.
        venv: The virtual environment; its interfaces are found through AMENT_PREFIX_PATH.
        ros: The installation in use; None for the wheels.

    Returns:
        A new mapping. With wheels it names no other prefix, so that nothing mixes.
    """
    result = {name: value for name, value in environ.items() if name != BOOTSTRAPPED}
    result["VIRTUAL_ENV"] = str(venv)
    result["PATH"] = _joined(venv / "bin", environ.get("PATH", ""))
    if ros is None:
        result["AMENT_PREFIX_PATH"] = str(venv)
        result.update({name: _without_ros(environ[name]) for name in SEARCH_PATHS & environ.keys()})
        return result
    prefixes = os.pathsep.join(map(str, ros.prefixes))
    result["AMENT_PREFIX_PATH"] = _joined(venv, prefixes)
    # The wheels' libraries know each other's place; those that colcon builds do not.
    result["LD_LIBRARY_PATH"] = _joined(venv / "lib", environ.get("LD_LIBRARY_PATH", ""))
    return result


def _without_ros(search_path: str) -> str:
    """Drops the entries that lie in a ROS installation: its libraries go before the wheels'."""
    entries = [entry for entry in search_path.split(os.pathsep) if entry]
    return os.pathsep.join(entry for entry in entries if not _lies_in_ros(Path(entry)))


def _lies_in_ros(path: Path) -> bool:
    return any((folder / AMENT_INDEX).is_dir() for folder in [path, *path.parents])


def _joined(first: Path, others: str) -> str:
    return os.pathsep.join([str(first), others] if others else [str(first)])
