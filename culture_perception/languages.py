"""Reads the languages that labels may be written in, and finds files that go with label files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from culture_perception.concepts import LabelError, Language
from culture_perception.located_yaml import LocatedNode, read_yaml
from culture_perception.resources import share_path

LANGUAGES_FILE: Final = "languages.yaml"
ARMS_FOLDER: Final = "arms"
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


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


def closest_tag(tag: str, known: Iterable[str]) -> str | None:
    """The known tag that a wished one stands for; None where there is none.

    The lookup of RFC 4647, section 3.4: case does not count, and what is not known is left out from
    the end, so that ja-JP is ja.
    """
    by_folded = {one.casefold(): one for one in known}
    parts = tag.casefold().split("-")
    shorter = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((by_folded[one] for one in shorter if one in by_folded), None)


def settings_file(label_file: Path, name: str) -> Path:
    """The file of that name that counts for a label set: near it, else the package's own.

    Near is beside it or in the folder above, from a folder called arms also one further up.
    """
    folders = label_file.absolute().parents
    for folder in folders[: 3 if folders[0].name == ARMS_FOLDER else 2]:
        if (folder / name).is_file():
            return folder / name
    return share_path("config", name)


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
