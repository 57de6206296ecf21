"""Reads the arguments of a system from what its file has of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from culture_perception.process import SystemFileError, Value
from culture_perception.system_arguments import STARTING, Argument
from culture_perception.system_entries import list_of, refuse_unknown

_ARGUMENT: Final = {"name", "default", "description", "choices", "sets", "remaps", "beside"}


def read_arguments(base: Sequence[Argument], entries: Sequence[Any]) -> tuple[Argument, ...]:
    """Those of the base, then those of the entries.

    Raises:
        SystemFileError: An entry is wrong, or its name is in use.
    """
    arguments = list(base)
    for entry in entries:
        argument = _argument(entry, [one.name for one in arguments])
        if argument.name in [one.name for one in (*arguments, *STARTING)]:
            raise SystemFileError(f"argument {argument.name} is there twice; name it otherwise")
        arguments.append(argument)
    return tuple(arguments)


def _argument(entry: Any, known: Sequence[str]) -> Argument:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise SystemFileError(f"{entry!r} is no argument; write `- name: …` and so on")
    name = entry["name"]
    label = f"argument {name}"
    if not name.isidentifier():
        raise SystemFileError(f"{label}: use letters, digits and _ for its name")
    refuse_unknown(entry, _ARGUMENT, label)
    if not isinstance(entry.get("default"), bool | int | float | str):
        raise SystemFileError(f"{label} has no default; give text, a number, true or false")
    if not isinstance(entry.get("description"), str):
        raise SystemFileError(f"{label} has no description; people read it")
    return Argument(
        name=name,
        default=_checked_default(entry),
        description=entry["description"],
        choices=tuple(map(str, list_of(entry, "choices", label))),
        sets=tuple(map(str, list_of(entry, "sets", label))),
        remaps=str(entry.get("remaps", "")),
        beside=_checked_beside(entry, known),
    )


def _checked_beside(entry: Mapping[str, Any], known: Sequence[str]) -> str:
    beside = str(entry.get("beside", ""))
    if beside and (beside not in known or not entry.get("remaps")):
        raise SystemFileError(
            f"argument {entry['name']} is beside {beside!r}: that has to be an argument before it, "
            "and this one needs a topic that it remaps"
        )
    return beside


def _checked_default(entry: Mapping[str, Any]) -> Value:
    choices, default = list_of(entry, "choices"), entry["default"]
    if not all(isinstance(choice, str) for choice in choices):
        raise SystemFileError(
            f"argument {entry['name']}: its choices {choices} are not all text; one that YAML "
            "takes for something else, such as true, needs quotes"
        )
    if choices and default not in choices:
        raise SystemFileError(
            f"argument {entry['name']}: its default {default!r} is none of its choices {choices}"
        )
    value: Value = default
    return value


def with_defaults(
    arguments: tuple[Argument, ...], defaults: Mapping[str, Any]
) -> tuple[Argument, ...]:
    """The same arguments with other defaults.

    Raises:
        SystemFileError: There is no such argument, or the default is not of its type or choices.
    """
    for name in defaults:
        if name not in [one.name for one in arguments]:
            raise SystemFileError(f"defaults: there is no argument {name}")
    changed = tuple(
        replace(one, default=defaults[one.name]) if one.name in defaults else one
        for one in arguments
    )
    for old, new in zip(arguments, changed, strict=True):
        if type(old.default) is not type(new.default):
            raise SystemFileError(
                f"defaults: {new.name} is {new.default!r}; give a {type(old.default).__name__}"
            )
        new.parse(new.default_text)
    return changed
