"""Lets ROS tools find the package in .venv, where an editable install puts Python files alone."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Final

PACKAGE: Final = "culture_perception"
SHARED: Final = ("config", "models", "package.xml")


def node_executables(setup_cfg: Path) -> list[str]:
    """The console scripts that are nodes: what `ros2 launch` and `ros2 run` start.

    Args:
        setup_cfg: The package's metadata.
    """
    parser = configparser.ConfigParser()
    parser.read(setup_cfg, encoding="utf-8")
    lines = parser["options.entry_points"]["console_scripts"].split("\n")
    names = [line.partition("=")[0].strip() for line in lines]
    return [name for name in names if name.endswith("_node")]


def link_package(root: Path, venv: Path) -> None:
    """Makes what a real install has below lib/ and share/, as links; old links make room.

    Args:
        root: The repository.
        venv: The virtual environment, in which the package is installed.
    """
    marker = venv / "share" / "ament_index" / "resource_index" / "packages" / PACKAGE
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    for name in SHARED:
        _link(venv / "share" / PACKAGE / name, root / name)
    # ros2 launch looks into folders, not into links to folders.
    for path in (root / "launch").glob("*.launch.py"):
        _link(venv / "share" / PACKAGE / "launch" / path.name, path)
    for name in node_executables(root / "setup.cfg"):
        _link(venv / "lib" / PACKAGE / name, venv / "bin" / name)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)
