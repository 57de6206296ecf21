"""Which attributes (colour, container, brand ...) texts name, and where languages differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from culture_perception.linting.findings import WARNING, Finding, Label
from culture_perception.linting.misspellings import mended
from culture_perception.linting.normal_text import any_of, comparable
from culture_perception.linting.word_lists import Words


@dataclass(frozen=True)
class AttributeCount:
    """How many texts of a set name an attribute, for example a colour.

    Attributes:
        style: of the texts.
        attribute: its kind, as the word lists call it.
        named: language -> texts that name one; only languages with word lists.
        texts: of each language in this style.
    """

    style: str
    attribute: str
    named: Mapping[str, int]
    texts: int


@dataclass(frozen=True)
class Reading:
    """What one text names.

    Attributes:
        label: the text.
        named: attribute -> values; one for every attribute that the language's lists have, empty
            for what the text does not name.
        known: attribute -> values that the lists have words for.
    """

    label: Label
    named: Mapping[str, set[str]]
    known: Mapping[str, set[str]]


class AttributeReader:
    """Finds a language's attribute words in its texts."""

    def __init__(self, words: Words) -> None:
        """Takes the word lists of the language."""
        self.known: Final = {kind: set(values) for kind, values in words.attributes.items()}
        self._typos = words.typos
        self._meanings: dict[str, list[tuple[str, str]]] = {}
        for kind, values in words.attributes.items():
            for value, names in values.items():
                for name in names:
                    self._meanings.setdefault(comparable(name), []).append((kind, value))
        others = map(comparable, words.not_attributes)
        self._pattern: Any = any_of({*self._meanings, *others})

    def read(self, text: str) -> dict[str, set[str]]:
        """Attribute -> values that a text names, known misspellings mended."""
        found: dict[str, set[str]] = {kind: set() for kind in self.known}
        for name in self._pattern.findall(comparable(mended(text, self._typos))):
            for kind, value in self._meanings.get(name, ()):
                found[kind].add(value)
        return found


def read_attributes(labels: list[Label], words: Mapping[str, Words]) -> list[Reading]:
    """Reads the labels whose languages have lists of attributes; the others are left out."""
    readers = {tag: AttributeReader(lists) for tag, lists in words.items() if lists.attributes}
    return [
        Reading(label, reader.read(label.text), reader.known)
        for label in labels
        for reader in (readers.get(label.language),)
        if reader
    ]


def imbalances(readings: list[Reading]) -> Iterator[Finding]:
    """Texts that lack an attribute, or a value of it, that another language's text names.

    Args:
        readings: of one set; texts of one concept and style are compared.
    """
    by_concept: dict[tuple[str, str], list[Reading]] = {}
    for one in readings:
        by_concept.setdefault((one.label.concept_id, one.label.style), []).append(one)
    for together in by_concept.values():
        for own in together:
            others = [other for other in together if other is not own]
            lacking = [text for kind in own.named if (text := _lacking(kind, own, others))]
            if lacking:
                yield Finding(
                    WARNING,
                    "imbalance",
                    own.label,
                    ", ".join(lacking),
                    "name the same in every language",
                )


def count_attributes(readings: list[Reading], style: str) -> list[AttributeCount]:
    """How many texts of a style name each attribute, by language; attributes of none are left out.

    Args:
        readings: of one set.
        style: "plain" or "brand".
    """
    of_style = [one for one in readings if one.label.style == style]
    named = {kind for one in of_style for kind, values in one.named.items() if values}
    kinds = dict.fromkeys(kind for one in of_style for kind in one.known if kind in named)
    return [
        AttributeCount(
            style,
            kind,
            _by_language([one for one in of_style if kind in one.named], kind),
            len({one.label.concept_id for one in of_style}),
        )
        for kind in kinds
    ]


def _by_language(readings: list[Reading], kind: str) -> dict[str, int]:
    counts = dict.fromkeys((one.label.language for one in readings), 0)
    for one in readings:
        counts[one.label.language] += bool(one.named[kind])
    return counts


def _lacking(kind: str, own: Reading, others: list[Reading]) -> str:
    """What of one attribute a text lacks, in words; empty for nothing.

    A value that the text's language has no word for counts only where the text names none at all.
    """
    named = []
    for other in others:
        values = other.named.get(kind, set()) - own.named[kind]
        if own.named[kind]:
            values &= own.known[kind]
        if values:
            named.append(f"{other.label.language} names {_listed(values)}")
    if not named:
        return ""
    says = f"{kind} {_listed(own.named[kind])}" if own.named[kind] else f"no {kind}"
    return f"names {says} where {' and '.join(named)}"


def _listed(values: set[str]) -> str:
    return " and ".join(sorted(values)).replace("_", " ")
