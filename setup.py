"""Adds to setup.cfg the files that go to share/culture_perception and lib/culture_perception."""

import sys
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
SHARE = Path("share/culture_perception")
FOLDERS = ("config", "examples", "launch", "models")


def files_by_folder(folder: str) -> dict[Path, list[str]]:
    """Lists a folder's files, hidden and compiled ones left out, by the folder they lie in."""
    found: dict[Path, list[str]] = {}
    for path in sorted((ROOT / folder).rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith((".", "__pycache__")) for part in relative.parts)
        if path.is_file() and not hidden:
            found.setdefault(relative.parent, []).append(relative.as_posix())
    return found


def executables() -> list[str]:
    """Writes what `ros2 launch` starts of a wheel: for each node, a script that runs that in bin.

    colcon puts the nodes' own scripts there, by setup.cfg; pip puts them into bin alone.
    """
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options.entry_points"]["console_scripts"].split("\n")
    folder = ROOT / "build" / "executables"
    folder.mkdir(parents=True, exist_ok=True)
    names = [line.partition("=")[0].strip() for line in lines]
    written = [folder / name for name in names if name.endswith("_node")]
    for path in written:
        path.write_text('#!/bin/sh\nexec "$(dirname "$0")/../../bin/$(basename "$0")" "$@"\n')
        path.chmod(0o755)
    return [path.relative_to(ROOT).as_posix() for path in written]


data_files = [
    ("share/ament_index/resource_index/packages", ["resource/culture_perception"]),
    (SHARE.as_posix(), ["package.xml"]),
]
for name in FOLDERS:
    data_files += [
        ((SHARE / folder).as_posix(), files) for folder, files in files_by_folder(name).items()
    ]
if "bdist_wheel" in sys.argv:
    data_files.append(("lib/culture_perception", executables()))

setup(data_files=data_files)
