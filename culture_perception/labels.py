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
    ActiveLabels,
    Concept,
    LabelError,
    LabelSet,
    LabelText,
    Language,
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
    "load_label_set",
    "load_label_sets",
    "load_languages",
]

LANGUAGES_FILE: Final = "languages.yaml"
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_CONCEPT_ID: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_SET_NAME: Final = re.compile(r"[a-z0-9_]+")


def load_languages(path: Path) -> dict[str, Language]:
    """Reads languages.yaml: tag -> language, in the order of the file.

    Raises:
        LabelError: anything in the file is wrong, for example fallbacks that go in a circle.
    """
    nodes = read_yaml(path, LabelError).mapping()
    languages = {tag: _language(tag, node, nodes) for tag, node in nodes.items()}
    for tag, node in nodes.items():
        _check_fallbacks_end(tag, node, languages)
    return languages


def load_label_set(path: Path, languages: Mapping[str, Language] | None = None) -> LabelSet:
    """Reads one label set.

    Args:
        path: its YAML file.
        languages: those that are known; None: those of the languages.yaml beside the file, else
            in the folder above, else the one shipped with this package.

    Raises:
        LabelError: anything in the file is wrong.
    """
    path = Path(path)
    known = load_languages(_languages_file(path)) if languages is None else languages
    root = read_yaml(path, LabelError)
    fields = root.mapping(("name", "culture", "description", "languages", "concepts"))
    tags = _declared_tags(fields["languages"], known)
    culture = fields["culture"].text()
    concepts = [_concept(node, culture, tags) for node in fields["concepts"].items()]
    if not concepts:
        raise fields["concepts"].error("the set has no concepts; add at least one")
    _check_unique_ids(fields["concepts"].items())
    _check_unique_labels(fields["concepts"].items(), tags)
    return LabelSet(
        name=_matching(fields["name"], _SET_NAME, "a set name", "my_set"),
        culture=culture,
        description=fields["description"].text(),
        languages=tags,
        concepts=tuple(concepts),
        known_languages=dict(known),
    )


def load_label_sets(*folders: Path) -> dict[str, LabelSet]:
    """Reads every label set of one or several folders: name -> set, by folder and file name.

    Raises:
        LabelError: a folder holds none, two have one name, or a file is wrong.
    """
    sets: dict[str, LabelSet] = {}
    files: dict[str, Path] = {}
    for path in (path for folder in folders for path in _label_files(Path(folder))):
        label_set = load_label_set(path)
        if label_set.name in sets:
            raise LabelError(
                f"{path}:1: label set {label_set.name!r} is there already, in "
                f"{files[label_set.name]}; rename one of the two"
            )
        sets[label_set.name] = label_set
        files[label_set.name] = path
    return sets


def _label_files(folder: Path) -> list[Path]:
    files = [path for path in sorted(folder.glob("*.yaml")) if path.name != LANGUAGES_FILE]
    if not files:
        raise LabelError(f"{folder}: no label set (*.yaml) is in this folder; check the path")
    return files


def _languages_file(label_file: Path) -> Path:
    for folder in (label_file.parent, label_file.parent.parent):
        if (folder / LANGUAGES_FILE).is_file():
            return folder / LANGUAGES_FILE
    return share_path("config", LANGUAGES_FILE)


def _language(tag: str, node: LocatedNode, known: Mapping[str, LocatedNode]) -> Language:
    if not _TAG.fullmatch(tag):
        raise node.error(
            f"{tag!r} is not a language tag; write language[-Script][-REGION], "
            "for example ja, pt-BR or zh-Hant-TW"
        )
    fields = node.mapping(("name", "templates"), ("fallback",))
    fallback = fields["fallback"].text() if "fallback" in fields else None
    if fallback is not None and fallback not in known:
        raise fields["fallback"].error(
            f"fallback {fallback!r} of {tag!r} is not declared; there is {', '.join(known)}"
        )
    templates = tuple(_template(item) for item in fields["templates"].items())
    if not templates:
        raise fields["templates"].error(f"{tag!r} has no template; add at least '{{}}'")
    return Language(tag, fields["name"].text(), fallback, templates)


def _template(node: LocatedNode) -> str:
    template = node.text()
    if template.count("{}") != 1:
        raise node.error(f"template {template!r} needs exactly one {{}}, where the label goes")
    return template


def _check_fallbacks_end(tag: str, node: LocatedNode, languages: Mapping[str, Language]) -> None:
    chain = [tag]
    while (fallback := languages[chain[-1]].fallback) is not None:
        chain.append(fallback)
        if fallback in chain[:-1]:
            circle = " -> ".join(chain)
            raise node.error(f"the fallbacks go in a circle: {circle}; remove one of them")


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
    fields = node.mapping(("id", "category", "texts"), ("culture",))
    by_tag = fields["texts"].mapping(tags)
    return Concept(
        concept_id=_matching(fields["id"], _CONCEPT_ID, "a concept id", "my_set.my_product"),
        culture=fields["culture"].text() if "culture" in fields else culture,
        category=fields["category"].text(),
        texts={
            tag: {style: text.text() for style, text in by_tag[tag].mapping(STYLES).items()}
            for tag in tags
        },
    )


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
