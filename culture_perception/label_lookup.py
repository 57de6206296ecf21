"""Which concepts a text of any language stands for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from culture_perception.concepts import STYLES, LabelError, LabelSet, LabelText
from culture_perception.languages import closest_tag


def key_of(text: str) -> str:
    """What of a text counts in a comparison: neither case, width, spaces nor punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LMNS")


def same_label(labels: Iterable[LabelText], text: str) -> LabelText | None:
    """The first of the labels that is this text; None where none is."""
    wanted = key_of(text)
    return next((label for label in labels if wanted and key_of(label.label) == wanted), None)


def find_labels(
    label_sets: Mapping[str, LabelSet], text: str, language: str = ""
) -> list[tuple[str, LabelText]]:
    """Every label that is this text, with the name of its set.

    Args:
        label_sets: Where to look, by name.
        text: What is looked for; a text without a letter or a digit is no label's.
        language: Only labels written in it, or in what it is a kind of; empty: in any.

    Raises:
        LabelError: No label set knows the language.
    """
    known = {tag for one in label_sets.values() for tag in one.known_languages}
    written = closest_tag(language, known) if language else ""
    if written is None:
        raise LabelError(f"unknown language {language!r}; there is {', '.join(sorted(known))}")
    found: list[tuple[str, LabelText]] = []
    for name, label_set in label_sets.items():
        for tag in [tag for tag in label_set.languages if written in ("", tag)]:
            for style in STYLES:
                label = same_label(label_set.select(tag, style).labels, text)
                if label is not None and (name, label) not in found:
                    found.append((name, label))
    return found
