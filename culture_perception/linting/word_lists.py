"""Reads what lint knows of words: attributes and typos by language, from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from culture_perception.concepts import LabelError
from culture_perception.located_yaml import LocatedNode, read_yaml


@dataclass(frozen=True)
class Typo:
    """A known misspelling."""

    wrong: str
    right: str
    why: str = ""


@dataclass(frozen=True)
class Words:
    """The word lists of one language.

    Attributes:
        attributes: kind, for example "colour" -> value, the same in all languages -> words.
        not_attributes: what has such a word in it and means something else.
        typos: known misspellings.
    """

    attributes: Mapping[str, Mapping[str, tuple[str, ...]]]
    not_attributes: tuple[str, ...] = ()
    typos: tuple[Typo, ...] = ()

    def and_also(self, more: Words) -> Words:
        """These word lists with others of the same language added to them."""
        attributes = {kind: dict(values) for kind, values in self.attributes.items()}
        for kind, values in more.attributes.items():
            ours = attributes.setdefault(kind, {})
            for value, words in values.items():
                ours[value] = ours.get(value, ()) + words
        return Words(attributes, self.not_attributes + more.not_attributes, self.typos + more.typos)


def load_words(*paths: Path) -> dict[str, Words]:
    """Reads word lists: language -> words. A later file's words are added to an earlier one's.

    Raises:
        LabelError: anything in a file is wrong.
    """
    found: dict[str, Words] = {}
    for path in paths:
        for tag, node in read_yaml(path, LabelError).mapping().items():
            words = _words(node)
            found[tag] = found[tag].and_also(words) if tag in found else words
    return found


def _words(node: LocatedNode) -> Words:
    fields = node.mapping((), ("attributes", "not_attributes", "typos"))
    attributes = fields["attributes"].mapping() if "attributes" in fields else {}
    return Words(
        attributes={
            kind: {value: _texts(words) for value, words in values.mapping().items()}
            for kind, values in attributes.items()
        },
        not_attributes=_texts(fields["not_attributes"]) if "not_attributes" in fields else (),
        typos=tuple(map(_typo, fields["typos"].items())) if "typos" in fields else (),
    )


def _typo(node: LocatedNode) -> Typo:
    fields = node.mapping(("wrong", "right"), ("why",))
    typo = Typo(**{key: field.text() for key, field in fields.items()})
    if typo.wrong == typo.right:
        raise node.error(f"wrong and right are both {typo.wrong!r}; change one of the two")
    return typo


def _texts(node: LocatedNode) -> tuple[str, ...]:
    return tuple(item.text() for item in node.items())
