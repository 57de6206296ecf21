"""The one list of a system's processes: launch files and the pip-only runner both read it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Value: TypeAlias = bool | int | float | str
_KEYS = {"name", "package", "executable", "module", "parameters", "remappings"}
_NEEDED = ("name", "package", "executable", "module")


class SystemFileError(ValueError):
    """A system file is wrong; the message names the file, what is wrong and the cure."""


@dataclass(frozen=True)
class Process:
    """One node in one process.

    Attributes:
        name: Node name.
        package: ROS package that installs the executable.
        executable: Name below lib/<package>, for ros2 launch.
        module: Python module that runs the same node, for a machine without ros2.
        parameters: Node parameters.
        remappings: From name to name.
    """

    name: str
    package: str
    executable: str
    module: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    remappings: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> list[str]:
        """The command line that runs it without a launch system."""
        arguments = [sys.executable, "-m", self.module, "--ros-args", "-r", f"__node:={self.name}"]
        for source, target in self.remappings.items():
            arguments += ["-r", f"{source}:={target}"]
        for key, value in self.parameters.items():
            # JSON is YAML, and keeps "1" a string and 1.0 a double.
            arguments += ["-p", f"{key}:={json.dumps(value, ensure_ascii=False)}"]
        return arguments


@dataclass(frozen=True)
class System:
    """The processes of a system, in the order in which they are started."""

    name: str
    processes: tuple[Process, ...]

    def with_parameters(self, changes: Mapping[str, Mapping[str, Value]]) -> System:
        """The same system with other parameters.

        Args:
            changes: Process name to parameters, which go over those of the file.

        Raises:
            SystemFileError: There is no such process.
        """
        names = [process.name for process in self.processes]
        for name in changes:
            if name not in names:
                raise SystemFileError(
                    f"no process {name!r} in {self.name}; it has {', '.join(names)}"
                )
        return replace(
            self,
            processes=tuple(
                replace(one, parameters={**one.parameters, **changes.get(one.name, {})})
                for one in self.processes
            ),
        )


def load_system(path: Path) -> System:
    """Reads and checks a system file.

    Args:
        path: YAML with one key, `processes`: a list of what Process has.

    Raises:
        SystemFileError: The file is missing or wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SystemFileError(f"{path}: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("processes"), list):
        raise SystemFileError(
            f"{path}: has no list of processes; write `processes:` and `- name: …`"
        )
    processes = tuple(_load_process(entry, path) for entry in content["processes"])
    names = [process.name for process in processes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SystemFileError(
            f"{path}: {', '.join(twice)} is there twice; give each process a name"
        )
    return System(path.stem, processes)


def _load_process(entry: Any, path: Path) -> Process:
    if not isinstance(entry, dict):
        raise SystemFileError(f"{path}: {entry!r} is no process; write `- name: …` and so on")
    missing = [key for key in _NEEDED if not isinstance(entry.get(key), str)]
    if missing:
        raise SystemFileError(
            f"{path}: process {entry.get('name', '?')} lacks {', '.join(missing)}; add it as text"
        )
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise SystemFileError(
            f"{path}: process {entry['name']} has {', '.join(map(str, unknown))}, which nothing "
            f"reads; there is {', '.join(sorted(_KEYS))}"
        )
    return Process(
        **{key: entry[key] for key in _NEEDED},
        parameters=_mapping(entry, "parameters", path),
        remappings=_mapping(entry, "remappings", path),
    )


def _mapping(entry: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = entry.get(key) or {}
    if not isinstance(value, dict) or any(isinstance(one, dict | list) for one in value.values()):
        raise SystemFileError(
            f"{path}: {key} of process {entry['name']} must be `name: value` lines, is {value!r}"
        )
    return value
