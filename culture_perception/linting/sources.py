"""Label sets by name or file, with the files that they were read from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from culture_perception.concepts import LabelError, LabelSet
from culture_perception.labels import label_files, load_label_files, load_label_set
from culture_perception.languages import ARMS_FOLDER
from culture_perception.resources import share_path


def find_label_sets(names: Sequence[str]) -> dict[Path, LabelSet]:
    """Reads label sets.

    Args:
        names: of sets that come with the package, arms included, or .yaml files; none: all sets
            that come with the package.

    Returns:
        File -> label set, each once, in the order of the names; arms follow their base sets.
        Files below the working folder are named from there.

    Raises:
        LabelError: there is no such set, or a file is wrong.
    """
    shipped = _shipped()
    if not names:
        return shipped
    found: dict[Path, LabelSet] = {}
    for name in names:
        found |= _from_file(Path(name)) if name.endswith(".yaml") else _by_name(name, shipped)
    return found


def _shipped() -> dict[Path, LabelSet]:
    found = sorted(
        _together(share_path("config", "labels")).items(),
        key=lambda item: (item[1].arm_of or item[1].name, item[1].arm_of is not None),
    )
    here = Path.cwd()
    return {
        path.relative_to(here) if path.is_relative_to(here) else path: label_set
        for path, label_set in found
    }


def _by_name(name: str, shipped: dict[Path, LabelSet]) -> dict[Path, LabelSet]:
    found = {path: one for path, one in shipped.items() if one.name == name}
    if not found:
        there_is = ", ".join(one.name for one in shipped.values())
        raise LabelError(f"no label set {name!r}; there is {there_is}, or give a .yaml file")
    return found


def _from_file(path: Path) -> dict[Path, LabelSet]:
    """One file; an arm is compared with its base set, which lies beside it or a folder up."""
    label_set = load_label_set(path)
    if label_set.arm_of is None:
        return {path: label_set}
    folder = path.parent.parent if path.parent.name == ARMS_FOLDER else path.parent
    return {path: _together(folder)[path]}


def _together(folder: Path) -> dict[Path, LabelSet]:
    arms = folder / ARMS_FOLDER
    return load_label_files(label_files(folder) + (label_files(arms) if arms.is_dir() else []))
