"""What must come from the system before pip can do the rest, and the command that installs it."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST, NEWEST = (3, 10), (3, 12)
_ERROR = re.compile(r"[A-Za-z.]+Error: ")
DRIVER_PATTERNS = (
    "usr/lib/*/dri/*_dri.so",
    "usr/lib*/dri/*_dri.so",
    "usr/lib/*/libgallium-*.so",
    "usr/lib*/libgallium-*.so",
)


@dataclass(frozen=True)
class Need:
    """One thing the system must have.

    Attributes:
        what: How a person calls it.
        why: What does not work without it.
        package: Its name for apt.
        present: Looks for it.
        required: Whether set-up stops without it.
    """

    what: str
    why: str
    package: str
    present: Callable[[], bool]
    required: bool = True


def interpreter_problem(
    version: tuple[int, int], system: str, machine: str, with_ros: bool
) -> str | None:
    """Says why this interpreter can not run the package.

    Args:
        version: Major and minor version of Python.
        system: As platform.system() gives it.
        machine: As platform.machine() gives it.
        with_ros: Whether a ROS installation is used instead of the wheels.

    Returns:
        What is wrong and what to do; None if nothing is.
    """
    if not OLDEST <= version <= NEWEST:
        return (
            f"Python {version[0]}.{version[1]} is not supported: rclpy, pybullet and torch have "
            f"wheels in common for 3.10 and 3.11 only (for 3.12, pybullet is compiled). Install "
            f"one of them and name it: make PYTHON=python3.11 demo"
        )
    if not with_ros and (system, machine) != ("Linux", "x86_64"):
        return (
            f"ROS 2 is on PyPI for Linux on x86_64 only, and this is {system} on {machine}. "
            f"Install ROS 2 (docs.ros.org), source its setup file, and run make again."
        )
    return None


def interpreter_remark(version: tuple[int, int]) -> str:
    """Says what takes longer with this interpreter than with others; empty for nothing."""
    if version < (3, 12):
        return ""
    return "pybullet has no wheel for Python 3.12 and is compiled, which takes 10 minutes or more"


def ros_python_problem(python: str) -> str | None:
    """Says why the interpreter can not import the sourced installation's rclpy; None if it can."""
    done = subprocess.run(
        [python, "-c", "import rclpy"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines() or ["no message"]
    reason = next((line for line in reversed(lines) if _ERROR.match(line)), lines[-1])
    return (
        f"the sourced ROS's rclpy does not load in {python} ({reason}). Use the Python it was "
        f"built for (make PYTHON=/usr/bin/python3 demo), or run on the wheels, in a shell where "
        f"no ROS is sourced."
    )


def system_needs(version: tuple[int, int], with_ros: bool) -> Iterator[Need]:
    """Yields what is needed, in the order in which it would be missed."""
    python = f"python{version[0]}.{version[1]}"
    headers = Path(sysconfig.get_path("include"), "Python.h")
    yield Need("venv", "the virtual environment", f"{python}-venv", _has_ensurepip)
    yield Need("gcc", "building the ROS interfaces", "gcc", lambda: _has_command("gcc", "cc"))
    yield Need("g++", "building the ROS interfaces", "g++", lambda: _has_command("g++", "c++"))
    yield Need("Python.h", "building the ROS interfaces", f"{python}-dev", headers.is_file)
    if with_ros:
        yield Need("cmake", "building the ROS interfaces", "cmake", lambda: _has_command("cmake"))
        yield Need("make", "building the ROS interfaces", "make", lambda: _has_command("make"))
    why = "rendering with EGL (without it the slower TinyRenderer draws)"
    yield Need("libEGL.so.1", why, "libegl1", lambda: _loads("libEGL.so.1"), required=False)
    yield Need("libGL.so.1", why, "libgl1", lambda: _loads("libGL.so.1"), required=False)
    yield Need("an OpenGL driver", why, "libgl1-mesa-dri", has_driver, required=False)


def missing_report(missing: Iterable[Need]) -> str:
    """Names what is missing and the one command that installs it all; empty for nothing."""
    needs = list(missing)
    if not needs:
        return ""
    lines = [f"  {need.what}: needed for {need.why}" for need in needs]
    packages = " ".join(need.package for need in needs)
    return "\n".join([*lines, f"Install: sudo apt-get install -y {packages}"])


def current_problem(with_ros: bool) -> str | None:
    """Applies `interpreter_problem` to the interpreter that runs this."""
    return interpreter_problem(
        sys.version_info[:2], platform.system(), platform.machine(), with_ros
    )


def has_driver(root: Path = Path("/")) -> bool:
    """Tells whether Mesa's or NVIDIA's OpenGL driver is installed."""
    found = any(next(root.glob(pattern), None) for pattern in DRIVER_PATTERNS)
    return found or _loads("libEGL_nvidia.so.0")


def _has_ensurepip() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def _has_command(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
