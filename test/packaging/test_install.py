"""What a wheel of the package contains, and that it works from where pip puts it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

DATA = "culture_perception-0.1.0.data/data"
SHARE = f"{DATA}/share/culture_perception"
FOLDERS = ("config", "launch", "models")


def _pip(*arguments: str) -> None:
    quiet = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", *arguments, *quiet]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(source_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(source_tree))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_wheel_has_every_file_of_the_share_folder(
    folder: str, names: set[str], source_tree: Path
) -> None:
    files = [path for path in (source_tree / folder).rglob("*") if path.is_file()]
    expected = {f"{SHARE}/{path.relative_to(source_tree).as_posix()}" for path in files}
    assert expected
    assert expected <= names


def test_a_wheel_has_every_module_and_nothing_of_the_tests(
    names: set[str], source_tree: Path
) -> None:
    for package in ("culture_perception", "sim_bridge"):
        files = {path.relative_to(source_tree) for path in (source_tree / package).rglob("*.py")}
        assert {path.as_posix() for path in files} <= names
    assert not [name for name in names if name.startswith(("test", "tools"))]


def test_ros_finds_the_package(names: set[str]) -> None:
    marker = "share/ament_index/resource_index/packages/culture_perception"
    assert {f"{DATA}/{marker}", f"{SHARE}/package.xml"} <= names


def test_types_are_shipped(names: set[str]) -> None:
    assert {"culture_perception/py.typed", "sim_bridge/py.typed"} <= names


def test_a_plain_install_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    _pip("install", "--ignore-installed", "--prefix", str(prefix), str(wheel))
    site_packages = next(prefix.rglob("site-packages"))
    script = "from culture_perception.resources import share_path; print(share_path('config'))"
    environment = {**os.environ, "PYTHONPATH": str(site_packages)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == prefix / "share" / "culture_perception" / "config"
    assert (prefix / "bin" / "culture-perception").is_file()
    _assert_that_ros2_launch_can_start_every_node(prefix, environment)


def _assert_that_ros2_launch_can_start_every_node(
    prefix: Path, environment: dict[str, str]
) -> None:
    folder = prefix / "lib" / "culture_perception"
    nodes = {path.name for path in (prefix / "bin").glob("*_node")}
    assert "perception_node" in nodes
    assert {path.name for path in folder.iterdir()} == nodes
    command = [str(folder / "evaluator_node"), "--ros-args", "-p", "capacity:=0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr  # it runs, and refuses what is out of range
    assert "parameter capacity" in done.stderr
