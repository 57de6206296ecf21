"""What every entry of a system file is checked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from culture_perception.process import SystemFileError


def refuse_unknown(entry: Mapping[str, Any], known: set[str], label: str) -> None:
    """Raises SystemFileError where an entry has a key that nothing reads."""
    unknown = sorted(str(key) for key in entry if key not in known)
    if unknown:
        raise SystemFileError(
            f"{label} has {', '.join(unknown)}, which nothing reads; there is "
            f"{', '.join(sorted(known))}"
        )


def list_of(entry: Mapping[str, Any], key: str, label: str = "it") -> list[Any]:
    """An entry's list of that key; empty where it has none; SystemFileError where it is no list."""
    value = entry.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        needed = "has no list of" if label == "it" else "needs a list of"
        raise SystemFileError(f"{label} {needed} {key}, but {value!r}; write `- …` lines")
    return value


def mapping_of(entry: Mapping[str, Any], key: str, label: str) -> dict[str, Any]:
    """An entry's flat mapping of that key; empty where it has none; SystemFileError otherwise."""
    value = entry.get(key) or {}
    if not isinstance(value, dict) or any(isinstance(one, dict | list) for one in value.values()):
        raise SystemFileError(f"{key} of {label} must be `name: value` lines, is {value!r}")
    return value
