"""What is started of a system: its processes, each with its command line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

Value: TypeAlias = bool | int | float | str
_NAMESPACE: Final = re.compile(r"/?[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*")


class SystemFileError(ValueError):
    """A system, or what was asked of it, is wrong; the message says what, where and the cure."""


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
        chosen: Those of `parameters` that somebody chose, which go over `params_file`.
        params_file: ROS parameter file over the other parameters; None: none.
        namespace: Absolute, for example /robot1; empty: the global one.
        log_level: debug, info, warn, error or fatal; empty: as ROS has it.
        lifecycle: Whether it is a managed node, which has states.
        services: What it offers, and what a start waits for.
        topics: Topic to a few words about it, for people.
        verbs: Verbs of the command line that talk to it, for people.
    """

    name: str
    package: str
    executable: str
    module: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    remappings: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, Value] = field(default_factory=dict)
    params_file: Path | None = None
    namespace: str = ""
    log_level: str = ""
    lifecycle: bool = False
    services: tuple[str, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    verbs: tuple[str, ...] = ()

    def with_parameters(self, chosen: Mapping[str, Value]) -> Process:
        """The same process with other parameters, chosen by somebody."""
        return replace(
            self,
            parameters={**self.parameters, **chosen},
            chosen={**self.chosen, **chosen},
        )

    def command(self, folder: Path | None = None) -> list[str]:
        """The command line that runs it without a launch system; `folder` as in ros_arguments."""
        return [sys.executable, "-m", self.module, "--ros-args", *self.ros_arguments(folder)]

    def ros_arguments(self, folder: Path | None = None) -> list[str]:
        """What follows --ros-args, for the runner and for ros2 launch alike.

        Args:
            folder: Where a file is written if `params_file` and `chosen` are both given; needed
                then.
        """
        arguments = ["-r", f"__node:={self.name}"]
        if self.namespace:
            arguments += ["-r", f"__ns:={self.namespace}"]
        for source, target in self.remappings.items():
            arguments += ["-r", f"{source}:={target}"]
        for key, value in self.parameters.items():
            # JSON is YAML, and keeps "1" a string and 1.0 a double.
            arguments += ["-p", f"{key}:={json.dumps(value, ensure_ascii=False)}"]
        arguments += [text for path in self._files(folder) for text in ("--params-file", str(path))]
        if self.log_level:
            arguments += ["--log-level", self.log_level]
        return arguments

    def _files(self, folder: Path | None) -> list[Path]:
        if self.params_file is None:
            return []
        if not self.chosen:
            return [self.params_file]
        if folder is None:
            raise ValueError(f"{self.name} has chosen parameters over a file: give a folder")
        # A file's section for this node goes over every -p, so that -p would not do here.
        path = folder / f"{self.name}.params.yaml"
        section = {f"{self.namespace}/{self.name}": {"ros__parameters": dict(self.chosen)}}
        path.write_text(json.dumps(section, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return [self.params_file, path]

    def resolved(self, topic: str) -> str:
        """The absolute name of one of its topics, after remapping and in its namespace."""
        name = self.remappings.get(topic, topic)
        return name if name.startswith("/") else f"{self.namespace}/{name}"


@dataclass(frozen=True)
class System:
    """The processes of a system, in the order in which they are started.

    Attributes:
        name: What it is called in messages.
        processes: What is started.
        namespace: Absolute namespace of all; empty: the global one.
        respawn: Whether a process that ends is to be started again.
    """

    name: str
    processes: tuple[Process, ...]
    namespace: str = ""
    respawn: bool = False

    @property
    def services(self) -> tuple[str, ...]:
        """What its processes offer, relative to the namespace."""
        return tuple(service for process in self.processes for service in process.services)

    def process(self, name: str) -> Process | None:
        """The process of that name; None where it is not started."""
        return next((process for process in self.processes if process.name == name), None)

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
                one.with_parameters(changes[one.name]) if one.name in changes else one
                for one in self.processes
            ),
        )


def absolute_namespace(own: str, outer: str = "") -> str:
    """A namespace in the form that ROS's command line takes.

    Args:
        own: For example robot1 or /robot1; empty or /: the outer one.
        outer: Absolute namespace that a relative `own` is below; empty: the global one.

    Returns:
        For example /robot1; empty for the global namespace.

    Raises:
        SystemFileError: ROS allows no such name.
    """
    if own in ("", "/"):
        return outer.rstrip("/")
    if not _NAMESPACE.fullmatch(own) or "__" in own:
        raise SystemFileError(
            f"namespace {own!r}: use words of letters, digits and single _, none beginning with "
            "a digit, with / between them, for example robot1"
        )
    return own if own.startswith("/") else f"{outer.rstrip('/')}/{own}"
