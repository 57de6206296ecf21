"""The one list of a system's processes: launch files and the pip-only runner both read it."""

from __future__ import annotations

from pathlib import Path

from culture_perception.process import Process, System, SystemFileError, Value
from culture_perception.resources import share_path
from culture_perception.system_description import Description
from culture_perception.system_file import read_description

__all__ = [
    "Description",
    "Process",
    "System",
    "SystemFileError",
    "Value",
    "find_system",
    "load_description",
    "load_system",
    "system_names",
]


def load_system(path: Path) -> System:
    """The system of a file, with every argument as by default.

    Raises:
        SystemFileError: The file is missing or wrong.
    """
    return load_description(path).resolve({})


def load_description(path: Path) -> Description:
    """Reads and checks a system file; its format is told in config/systems/sim.yaml.

    Raises:
        SystemFileError: The file is missing or wrong.
    """
    return read_description(path)


def find_system(name: str) -> Path:
    """The file of an installed system, or a file of one's own.

    Args:
        name: For example sim, or a path that ends in .yaml.

    Raises:
        SystemFileError: There is no such system.
    """
    path = Path(name)
    if path.suffix == ".yaml":
        return path
    if name not in system_names():
        raise SystemFileError(
            f"no system {name!r}; there is {', '.join(system_names())}, or give a .yaml file"
        )
    return _systems() / f"{name}.yaml"


def system_names() -> list[str]:
    """The systems that are installed."""
    return sorted(path.stem for path in _systems().glob("*.yaml"))


def _systems() -> Path:
    return share_path("config", "systems")
