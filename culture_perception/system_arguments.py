"""Arguments of a system: what somebody who starts it may choose, by launch or by the runner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from culture_perception.process import SystemFileError, Value

_TRUTH: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Argument:
    """One argument of a system.

    Attributes:
        name: As in `ros2 launch … name:=value`; the runner's option has - for _.
        default: Value where none is given; its type is the argument's type.
        description: One sentence for people.
        choices: The values allowed, as text; empty: any.
        sets: The parameters that get the value, `process.parameter`; `*.parameter` is a parameter
            of all processes. An empty text sets nothing.
        remaps: The topic that the value is a name for, in all processes; empty: none.
        beside: Argument with a topic; where this one's value is empty, it is the topic beside
            that one's with the last name of `remaps`, as camera_info lies beside its image.
    """

    name: str
    default: Value
    description: str
    choices: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    remaps: str = ""
    beside: str = ""

    @property
    def default_text(self) -> str:
        """The default as a launch file or a command line writes it."""
        return as_text(self.default)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values allowed, as text; empty: any."""
        return tuple(_TRUTH) if isinstance(self.default, bool) else self.choices

    def parse(self, text: str) -> Value:
        """The value that a text means.

        Raises:
            SystemFileError: It is not of the argument's type, or not one of its choices.
        """
        if self.allowed and text.lower() not in map(str.lower, self.allowed):
            raise SystemFileError(
                f"argument {self.name} is {text!r}; use one of: {', '.join(self.allowed)}"
            )
        if isinstance(self.default, bool):
            return _TRUTH[text.lower()]
        if isinstance(self.default, str):
            return text
        try:
            return type(self.default)(text)
        except ValueError:
            kind = "whole number" if isinstance(self.default, int) else "number"
            raise SystemFileError(
                f"argument {self.name} is {text!r}; give a {kind} such as {self.default}"
            ) from None

    def parameters_of(self, process: str, value: Value) -> dict[str, Value]:
        """The parameters of a process that get the value."""
        if value == "":
            return {}
        targets = (target.split(".", 1) for target in self.sets)
        return {name: value for owner, name in targets if owner in (process, "*")}

    def remappings_of(self, value: Value) -> dict[str, str]:
        """The remapping that the value makes, of every process."""
        if not self.remaps or value in ("", self.remaps):
            return {}
        return {self.remaps: str(value)}


STARTING: Final = (
    Argument("namespace", "", "of all nodes and topics, for example robot1"),
    Argument(
        "params_file",
        "",
        "ROS parameter file; it goes over defaults, and arguments that are given go over it",
    ),
    Argument(
        "log_level", "info", "of all nodes", choices=("debug", "info", "warn", "error", "fatal")
    ),
    Argument("respawn", False, "start a node again that ends"),
)
"""How a system is started: arguments that every system has."""


def as_text(value: Value) -> str:
    """A value as a launch file or a command line writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def values_of(arguments: tuple[Argument, ...], given: Mapping[str, str]) -> dict[str, Value]:
    """Name to value of all arguments.

    Args:
        arguments: All that there are.
        given: Name to text, of those that are not to be as by default.

    Raises:
        SystemFileError: An argument is unknown, or its text means no value of it.
    """
    names = [argument.name for argument in arguments]
    for name in given:
        if name not in names:
            raise SystemFileError(f"no argument {name!r}; there is {', '.join(names)}")
    values = {one.name: one.parse(given.get(one.name, one.default_text)) for one in arguments}
    for one in arguments:
        if one.beside and values[one.name] == "":
            values[one.name] = _beside(str(values[one.beside]), one.remaps)
    return values


def _beside(topic: str, relative: str) -> str:
    folder, slash, _ = topic.rpartition("/")
    return f"{folder}{slash}{relative.rpartition('/')[2]}"


def parameter_file(text: str) -> Path | None:
    """The ROS parameter file that a text names; None for an empty text.

    Raises:
        SystemFileError: The file is missing or none; ROS would start without it.
    """
    if not text:
        return None
    path = Path(text).absolute()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SystemFileError(f"parameter file {path}: {error}") from error
    if not _has_parameters(content):
        raise SystemFileError(
            f"parameter file {path}: write `/**:` or a node's name, below it `ros__parameters:`, "
            "and below that `name: value` lines"
        )
    return path


def _has_parameters(content: Any) -> bool:
    """Whether every branch of namespaces and nodes ends in parameters."""
    if not isinstance(content, dict) or not content:
        return False
    return all(key == "ros__parameters" or _has_parameters(one) for key, one in content.items())
