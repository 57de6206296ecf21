"""Reads a system from YAML, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from culture_perception.process import Process, SystemFileError, Value
from culture_perception.system_argument_entries import read_arguments, with_defaults
from culture_perception.system_arguments import STARTING, Argument
from culture_perception.system_description import Condition, Description, Part
from culture_perception.system_entries import list_of, mapping_of, refuse_unknown

_TOP: Final = {"like", "defaults", "arguments", "processes"}
_NEEDED: Final = ("name", "package", "executable", "module")
_MAPPINGS: Final = ("parameters", "remappings", "topics")
_LISTS: Final = ("services", "verbs")
_PROCESS: Final = {*_NEEDED, *_MAPPINGS, *_LISTS, "lifecycle", "when"}


def read_description(path: Path, followers: tuple[Path, ...] = ()) -> Description:
    """Reads and checks a system file, and the one that it is like.

    Args:
        path: The file.
        followers: Files that are like this one, in which it may not be.

    Raises:
        SystemFileError: The file is missing or wrong; the message names it.
    """
    content = _content(path)
    try:
        return _described(path, content, (*followers, path))
    except SystemFileError as error:
        raise SystemFileError(f"{path}: {error}") from error


def _content(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SystemFileError(f"{path}: {error}") from error
    if not isinstance(content, dict) or not {"processes", "like"} & set(content):
        raise SystemFileError(
            f"{path}: has no list of processes; write `processes:` and `- name: …`"
        )
    return content


def _described(path: Path, content: dict[str, Any], chain: tuple[Path, ...]) -> Description:
    refuse_unknown(content, _TOP, "it")
    base = Description(path.stem, (), ())
    if "like" in content:
        other = path.parent / f"{content['like']}.yaml"
        if other in chain:
            raise SystemFileError(f"like: {content['like']} is like this file itself")
        base = read_description(other, chain)
    arguments = read_arguments(base.own_arguments, list_of(content, "arguments"))
    arguments = with_defaults(arguments, mapping_of(content, "defaults", "it"))
    parts = {part.process.name: part for part in base.parts}
    added: set[str] = set()
    for entry in list_of(content, "processes"):
        part = _part(entry, parts)
        if part.process.name in added:
            raise SystemFileError(f"{part.process.name} is there twice; give each process a name")
        added.add(part.process.name)
        parts[part.process.name] = part
    _check_references(arguments, tuple(parts.values()))
    return Description(path.stem, arguments, tuple(parts.values()))


def _part(entry: Any, known: Mapping[str, Part]) -> Part:
    """A process; what an entry says of one that the base has goes over that."""
    if not isinstance(entry, dict):
        raise SystemFileError(f"{entry!r} is no process; write `- name: …` and so on")
    name = entry.get("name", "?")
    label = f"process {name}"
    old = known.get(name)
    needed = _NEEDED if old is None else ("name",)
    missing = [key for key in needed if not isinstance(entry.get(key), str)]
    if missing:
        raise SystemFileError(f"{label} lacks {', '.join(missing)}; add it as text")
    refuse_unknown(entry, _PROCESS, label)
    process = old.process if old else Process(*(entry[key] for key in _NEEDED))
    changes: dict[str, Any] = {key: entry[key] for key in _NEEDED if key in entry}
    for key in _MAPPINGS:
        changes[key] = {**getattr(process, key), **mapping_of(entry, key, label)}
    for key in _LISTS:
        changes[key] = (*getattr(process, key), *map(str, list_of(entry, key, label)))
    changes["lifecycle"] = bool(entry.get("lifecycle", process.lifecycle))
    when = _conditions(entry["when"], label) if "when" in entry else old.when if old else ()
    return Part(replace(process, **changes), when)


def _conditions(entry: Any, label: str) -> tuple[Condition, ...]:
    alternatives = entry if isinstance(entry, list) else [entry]
    if not all(isinstance(one, dict) and one for one in alternatives):
        raise SystemFileError(f"{label}: write `when: {{argument: value}}`, not {entry!r}")
    return tuple(
        {
            str(name): tuple(values) if isinstance(values, list) else (values,)
            for name, values in one.items()
        }
        for one in alternatives
    )


def _check_references(arguments: tuple[Argument, ...], parts: tuple[Part, ...]) -> None:
    """Refuses what names a process or an argument that is not there."""
    processes = {part.process.name for part in parts}
    for argument in arguments:
        for target in argument.sets:
            process, dot, parameter = target.partition(".")
            if not (dot and parameter and (process == "*" or process in processes)):
                raise SystemFileError(
                    f"argument {argument.name} sets {target}; write process.parameter, with * or "
                    f"one of {', '.join(sorted(processes))}"
                )
    by_name = {argument.name: argument for argument in (*arguments, *STARTING)}
    for part in parts:
        for name, values in ((n, v) for condition in part.when for n, v in condition.items()):
            _check_condition(part.process.name, by_name.get(name), name, values)


def _check_condition(
    process: str, argument: Argument | None, name: str, values: tuple[Value, ...]
) -> None:
    if argument is None:
        raise SystemFileError(f"process {process}: `when` names {name}, which is no argument")
    for value in values:
        if type(value) is not type(argument.default) or (
            argument.choices and value not in argument.choices
        ):
            raise SystemFileError(
                f"process {process}: `when` {name} is {value!r}, which {name} never is"
            )
