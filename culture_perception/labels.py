"""Reads label sets and languages from YAML and checks all of it.

A label set is one file; languages.yaml declares the languages. A user adds a language, a product
or a whole set by editing YAML alone. Every error names the file, the line and the cure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from culture_perception.concepts import (
    STYLES,
    VERBATIM,
    ActiveLabels,
    Concept,
    LabelError,
    LabelSet,
    LabelText,
    Language,
)
from culture_perception.label_arms import check_arms, in_order, read_arm
from culture_perception.languages import (
    ARMS_FOLDER,
    LANGUAGES_FILE,
    load_languages,
    settings_file,
)
from culture_perception.located_yaml import LocatedNode, read_yaml
from culture_perception.resources import share_path

__all__ = [
    "STYLES",
    "ActiveLabels",
    "Concept",
    "LabelError",
    "LabelSet",
    "LabelText",
    "Language",
    "load_arms",
    "load_label_set",
    "load_label_sets",
    "load_languages",
]

WORD_LISTS_FILE: Final = "label_lint.yaml"
_CONCEPT_ID: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_SET_NAME: Final = re.compile(r"[a-z0-9_]+")


def load_label_set(path: Path, languages: Mapping[str, Language] | None = None) -> LabelSet:
    """Reads one label set.

    Args:
        path: its YAML file.
        languages: those that are known; None: those of the languages.yaml beside the file, else
            in the folder above, else the one shipped with this package. From a folder called arms
            it is one folder further up as well.

    Raises:
        LabelError: anything in the file is wrong. An arm is compared with its base set by
            load_label_sets, which reads both.
    """
    path = Path(path)
    known = load_languages(settings_file(path, LANGUAGES_FILE)) if languages is None else languages
    root = read_yaml(path, LabelError)
    fields = root.mapping(
        ("name", "culture", "description", "languages", "concepts"), ("arm_of", "arm")
    )
    tags = _declared_tags(fields["languages"], known)
    culture = fields["culture"].text()
    concepts = [_concept(node, culture, tags) for node in fields["concepts"].items()]
    if not concepts:
        raise fields["concepts"].error("the set has no concepts; add at least one")
    _check_unique_ids(fields["concepts"].items())
    _check_unique_labels(fields["concepts"].items(), tags)
    arm_of, arm = read_arm(fields)
    return LabelSet(
        name=_matching(fields["name"], _SET_NAME, "a set name", "my_set"),
        culture=culture,
        description=fields["description"].text(),
        languages=tags,
        concepts=tuple(concepts),
        known_languages=dict(known),
        arm_of=arm_of,
        arm=arm,
    )


def load_label_sets(*folders: Path) -> dict[str, LabelSet]:
    """Reads every label set of one or several folders: name -> set, by folder and file name.

    Raises:
        LabelError: a folder holds none, two have one name, a file is wrong, or an arm's base set
            is not there or does not fit it.
    """
    paths = [path for folder in folders for path in label_files(Path(folder))]
    return {one.name: one for one in load_label_files(paths).values()}


def load_arms(base_name: str, folder: Path | None = None) -> dict[str, LabelSet]:
    """A label set and its arms: the same concepts in other words.

    Args:
        base_name: of the set that the others are arms of, for example "konbini".
        folder: holds its file, and the arms' files or a folder of them called arms; None: the
            label sets shipped with this package.

    Returns:
        Arm -> label set: "verbatim", the set itself, then "normalised", "matched" and any other,
        as far as there are such.

    Raises:
        LabelError: there is no such set, it is itself an arm, a file is wrong, or an arm does not
            fit its base set.
    """
    folder = Path(folder) if folder else share_path("config", "labels")
    arms = folder / ARMS_FOLDER
    sets = load_label_sets(folder, *([arms] if arms.is_dir() else []))
    bases = [name for name, one in sets.items() if one.arm_of is None]
    if base_name not in bases:
        raise LabelError(f"{folder}: no label set {base_name!r}; there is {', '.join(bases)}")
    of_base = {one.arm: one for one in sets.values() if one.arm_of == base_name}
    return {VERBATIM: sets[base_name], **in_order(of_base)}


def load_label_files(paths: Iterable[Path]) -> dict[Path, LabelSet]:
    """Reads label sets that belong together: file -> set. Arms are compared with their base sets.

    Raises:
        LabelError: as load_label_sets, of these files.
    """
    sets: dict[str, LabelSet] = {}
    files: dict[str, Path] = {}
    for path in paths:
        label_set = load_label_set(path)
        if label_set.name in sets:
            raise LabelError(
                f"{path}:1: label set {label_set.name!r} is there already, in "
                f"{files[label_set.name]}; rename one of the two"
            )
        sets[label_set.name] = label_set
        files[label_set.name] = path
    check_arms(sets, files)
    return {files[name]: label_set for name, label_set in sets.items()}


def label_files(folder: Path) -> list[Path]:
    """The files of a folder that hold label sets, by name.

    Raises:
        LabelError: there are none.
    """
    others = (LANGUAGES_FILE, WORD_LISTS_FILE)
    files = [path for path in sorted(folder.glob("*.yaml")) if path.name not in others]
    if not files:
        raise LabelError(f"{folder}: no label set (*.yaml) is in this folder; check the path")
    return files


def _declared_tags(node: LocatedNode, known: Mapping[str, Language]) -> tuple[str, ...]:
    tags: list[str] = []
    for item in node.items():
        tag = item.text()
        if tag not in known:
            raise item.error(
                f"unknown language {tag!r}; there is {', '.join(known)} "
                f"(declare it in {LANGUAGES_FILE})"
            )
        if tag in tags:
            raise item.error(f"language {tag!r} is there twice; remove one of the two")
        tags.append(tag)
    if not tags:
        raise node.error("the set has no languages; add at least one")
    return tuple(tags)


def _concept(node: LocatedNode, culture: str, tags: tuple[str, ...]) -> Concept:
    fields = node.mapping(("id", "category", "texts"), ("culture", "notes"))
    by_tag = fields["texts"].mapping(tags)
    return Concept(
        concept_id=_matching(fields["id"], _CONCEPT_ID, "a concept id", "my_set.my_product"),
        culture=fields["culture"].text() if "culture" in fields else culture,
        category=fields["category"].text(),
        texts={
            tag: {style: text.text() for style, text in by_tag[tag].mapping(STYLES).items()}
            for tag in tags
        },
        notes=_notes(fields["notes"], tags) if "notes" in fields else {},
    )


def _notes(node: LocatedNode, tags: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return {
        tag: {style: text.text() for style, text in by_style.mapping((), STYLES).items()}
        for tag, by_style in node.mapping((), tags).items()
    }


def _matching(node: LocatedNode, pattern: re.Pattern[str], what: str, example: str) -> str:
    text = node.text()
    if not pattern.fullmatch(text):
        raise node.error(f"{text!r} is not {what}; use a-z, 0-9 and _ as in {example}")
    return text


def _check_unique_ids(concepts: Iterable[LocatedNode]) -> None:
    _check_unique([concept.mapping()["id"] for concept in concepts], "concept id")


def _check_unique_labels(concepts: Iterable[LocatedNode], tags: tuple[str, ...]) -> None:
    texts = [concept.mapping()["texts"].mapping() for concept in concepts]
    for tag in tags:
        for style in STYLES:
            _check_unique([by_tag[tag].mapping()[style] for by_tag in texts], f"{tag} {style} text")


def _check_unique(nodes: Iterable[LocatedNode], what: str) -> None:
    lines: dict[str, int] = {}
    for node in nodes:
        text = node.text()
        if text in lines:
            raise node.error(
                f"{what} {text!r} is there already, in line {lines[text]}; change one of the two"
            )
        lines[text] = node.line
