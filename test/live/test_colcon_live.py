"""The way of a ROS workspace: colcon build, source, run. Against the wheels or against a ROS."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("colcon_core", reason="colcon is a development dependency")

from culture_interfaces.srv import GetLabels

BUILD_TIMEOUT_S = 1200
PACKAGES = ("culture_interfaces", "culture_perception")


@pytest.fixture(scope="module")
def workspace(source_tree: Path) -> Path:
    """The sources with what colcon builds of them in install/."""
    prefixes = os.environ["AMENT_PREFIX_PATH"]
    path = os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "CMAKE_PREFIX_PATH": prefixes}
    definitions = [f"-DPython3_EXECUTABLE={sys.executable}", "-DBUILD_TESTING=OFF"]
    command = [sys.executable, "-m", "colcon", "build", "--cmake-args", *definitions]
    done = subprocess.run(
        command,
        cwd=source_tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return source_tree


def _sourced(workspace: Path, command: str) -> list[str]:
    """The command line that runs a command in a shell where the workspace is sourced."""
    setup = workspace / "install" / "local_setup.bash"
    return ["bash", "-c", f"source '{setup}' && exec {command}"]


def test_both_packages_are_found_and_installed(workspace: Path) -> None:
    marker = "share/ament_index/resource_index/packages"
    for package in PACKAGES:
        assert (workspace / "install" / package / marker / package).is_file()


def test_modules_and_files_come_from_the_workspace(workspace: Path, tmp_path: Path) -> None:
    script = (
        "import culture_perception, culture_interfaces.msg, sim_bridge;"
        "from culture_perception.resources import share_path;"
        "print(culture_perception.__file__, culture_interfaces.__file__, sim_bridge.__file__,"
        " share_path('config'), sep='\\n')"
    )
    command = _sourced(workspace, f'{sys.executable} -c "{script}"')
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert len(paths) == 4
    assert [path for path in paths if workspace / "install" not in path.parents] == []


@pytest.fixture
def label_service(
    workspace: Path, environment: dict[str, str], tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The node, started as `ros2 run culture_perception label_service_node` does."""
    node = workspace / "install/culture_perception/lib/culture_perception/label_service_node"
    arguments = "--ros-args -p label_set:=konbini -p language:=ja"
    command = _sourced(workspace, f"'{node}' {arguments}")
    with (tmp_path / "node.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        print((tmp_path / "node.log").read_text(errors="replace"))


def test_a_node_runs_from_the_workspace(label_service: subprocess.Popen[bytes], peer: Any) -> None:
    answer = peer.call(GetLabels, "/labels/get", GetLabels.Request())
    assert answer.success
    assert (answer.labels.label_set, answer.labels.language) == ("konbini", "ja")
    label_service.send_signal(signal.SIGINT)
    assert label_service.wait(timeout=20) == 0
