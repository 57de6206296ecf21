"""Makes .venv: everything the package needs, at the versions of constraints.txt.

Run as `python -m tools.make_venv` in the repository; a second run finds nothing to do and returns
at once. TORCH_INDEX_URL names a package index to prefer for torch (see the README).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import needs
from tools.ament_links import link_package
from tools.pins import pins_with_ros
from tools.ros_installation import (
    RosInstallation,
    RosInstallationError,
    process_environment,
    sourced_ros,
)
from tools.steps import Step, content_key, pending_steps, run_steps

METADATA = ("setup.py", "setup.cfg", "pyproject.toml", "package.xml")
STAMP = "setup.json"
# A build without isolation sees these: everything is built with the pinned versions, and pybullet,
# where it is compiled, only then gives images as arrays and not as tuples.
BUILD_TOOLS = ("setuptools", "wheel", "numpy")


class SetupError(RuntimeError):
    """The set-up can not go on; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Setup:
    """What is set up, and where.

    Attributes:
        root: The repository.
        venv: The virtual environment to make.
        ros: The ROS installation to use; None for the wheels.
        torch_index_url: Index to prefer for torch; empty for none.
    """

    root: Path
    venv: Path
    ros: RosInstallation | None
    torch_index_url: str = ""

    @property
    def python(self) -> str:
        """The virtual environment's interpreter."""
        return str(self.venv / "bin" / "python")

    def steps(self) -> Iterator[Step]:
        """Yields the steps, each with the key of what it depends on."""
        base = (sys.version, os.path.realpath(sys.base_prefix), repr(self.ros))
        yield Step("venv", f"making {self.venv}", content_key([], *base), self._make_venv)
        pins = content_key([self.root / "constraints.txt"])
        yield Step("tools", "installing build tools", pins, self._install_build_tools)
        metadata = content_key([self.root / name for name in METADATA])
        says = "installing the package and what it needs (2.4 GB on disk, a minute or more)"
        yield Step("package", says, metadata, self._install_package)
        interfaces = content_key([self.root / "culture_interfaces"])
        says = "building the ROS interfaces (half a minute)"
        yield Step("interfaces", says, interfaces, self._install_interfaces)
        linked = ("setup.cfg", "launch", "tools/ament_links.py")
        links = content_key([self.root / name for name in linked])
        yield Step("links", "linking what ros2 launch looks for", links, self._link_package)

    def pip_arguments(self) -> list[str]:
        """Arguments of every `pip install`: the pins, and where torch comes from."""
        constraints = self.root / "constraints.txt"
        if self.ros:
            constraints = self.venv / "constraints.txt"
        arguments = ["--constraint", str(constraints), "--no-build-isolation"]
        if self.torch_index_url:
            arguments += ["--extra-index-url", self.torch_index_url]
        return arguments

    def package_requirement(self) -> str:
        """The package with the extras that fit where its ROS comes from."""
        # The viewer needs a newer NumPy than the constraints of a ROS installation allow.
        extras = "dev" if self.ros else "build,dev,ros,view"
        return f"{self.root}[{extras}]"

    def interfaces_command(self) -> list[str]:
        """The command that builds and installs the interfaces: colcon with ROS, pip without."""
        source = str(self.root / "culture_interfaces")
        if self.ros is None:
            flags = ["--no-build-isolation", "--no-deps", "--force-reinstall"]
            return [self.python, "-m", "pip", "install", "--quiet", *flags, source]
        build = self.venv / "build"
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        definitions = [
            f"-DPython3_EXECUTABLE={self.python}",
            f"-DPYTHON_INSTALL_DIR=lib/python{version}/site-packages",
            "-DBUILD_TESTING=OFF",
        ]
        folders = ["--merge-install", "--install-base", str(self.venv), "--build-base", str(build)]
        colcon = [self.python, "-m", "colcon", "--log-base", str(build / "log"), "build"]
        return [*colcon, "--base-paths", source, *folders, "--cmake-args", *definitions]

    def _make_venv(self) -> None:
        borrowed = ["--system-site-packages"] if self.ros else []
        # The interpreter behind .venv/bin/python, where that is what runs this: --clear removes it.
        python = os.path.realpath(sys.executable)
        self._run([python, "-m", "venv", "--clear", *borrowed, str(self.venv)])
        # The environment lies inside the workspace; colcon must not look for packages in it.
        (self.venv / "COLCON_IGNORE").touch()

    def _install_build_tools(self) -> None:
        if self.ros:
            lines = (self.root / "constraints.txt").read_text(encoding="utf-8").splitlines()
            (self.venv / "constraints.txt").write_text("\n".join(pins_with_ros(lines)) + "\n")
        self._pip_install(*BUILD_TOOLS)

    def _install_package(self) -> None:
        self._pip_install("--editable", self.package_requirement())

    def _install_interfaces(self) -> None:
        self._run(self.interfaces_command())

    def _link_package(self) -> None:
        link_package(self.root, self.venv)

    def _pip_install(self, *what: str) -> None:
        pip = [self.python, "-m", "pip", "install", "--quiet"]
        self._run([*pip, *self.pip_arguments(), *what])

    def _run(self, command: Sequence[str]) -> None:
        environment = process_environment(os.environ, self.venv, self.ros)
        done = subprocess.run(command, cwd=self.root, env=environment, check=False)
        if done.returncode:
            raise SetupError(
                f"this failed with exit code {done.returncode}, for the reason above:\n"
                f"  {' '.join(command)}\nMend it and run make again: it goes on from here."
            )


def check_machine(ros: RosInstallation | None) -> None:
    """Raises SetupError where something required is missing; warns of what is only useful."""
    problem = needs.current_problem(ros is not None)
    if problem is None and ros:
        problem = needs.ros_python_problem(sys.executable)
    if problem:
        raise SetupError(problem)
    if remark := needs.interpreter_remark(sys.version_info[:2]):
        say(remark)
    missing = [
        need
        for need in needs.system_needs(sys.version_info[:2], ros is not None)
        if not need.present()
    ]
    required = [need for need in missing if need.required]
    if required:
        raise SetupError("missing on this machine:\n" + needs.missing_report(required))
    if missing:
        say("useful but missing on this machine:\n" + needs.missing_report(missing))


def say(message: str) -> None:
    """Writes a line for the person who waits."""
    print(f"set-up: {message}", file=sys.stderr, flush=True)


def main() -> int:
    """Brings .venv up to date; gives the exit code."""
    root = Path(__file__).resolve().parent.parent
    venv = root / ".venv"
    started = time.monotonic()
    try:
        ros = sourced_ros(os.environ, venv)
        setup = Setup(root, venv, ros, os.environ.get("TORCH_INDEX_URL", ""))
        steps = list(setup.steps())
        if not pending_steps(steps, venv / STAMP):
            return 0
        check_machine(ros)
        run_steps(steps, venv / STAMP, say)
    except (SetupError, RosInstallationError) as error:
        say(f"error: {error}")
        return 1
    where = f"ROS {ros.distro}" if ros else "ROS wheels"
    say(f"done in {time.monotonic() - started:.0f} s, with {where}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
