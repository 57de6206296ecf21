"""White space and forms of characters that a reader overlooks and a tokenizer does not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

import regex

from culture_perception.linting.findings import WARNING, Finding, Label
from culture_perception.linting.normal_text import stray_spaces

_OTHER_WIDTHS: Final = ("<wide>", "<narrow>")
# Not the joiners U+200C and U+200D, which some scripts and emoji need.
_INVISIBLE: Final = regex.compile(r"[[\p{Cf}\p{Cc}]--[\u200c\u200d\s]]", regex.V1)
_OTHER_SPACE: Final = regex.compile(r"[\s--[ ]]", regex.V1)


def odd_space(labels: list[Label]) -> Iterator[Finding]:
    """White space where none belongs, and such as one cannot see."""
    for label in labels:
        problems = [*_odd_spaces(label.text)]
        if problems:
            yield Finding(
                WARNING, "space", label, ", ".join(problems), f"write {_mended(label.text)!r}"
            )


def odd_width(labels: list[Label]) -> Iterator[Finding]:
    """Full-width Latin letters and digits, half-width kana: other tokens than the usual forms.

    Full-width marks are left out: they are usual in Japanese.
    """
    for label in labels:
        odd = [character for character in label.text if _is_odd_width(character)]
        if odd:
            normal = "".join(
                unicodedata.normalize("NFKC", run) if _is_odd_width(run[0]) else run
                for run in _runs_of_width(label.text)
            )
            shown = "".join(dict.fromkeys(odd))
            yield Finding(
                WARNING,
                "width",
                label,
                f"has full-width letters or half-width kana ({shown})",
                f"write {normal!r}",
            )


def _odd_spaces(text: str) -> Iterator[str]:
    if text != text.strip():
        yield "begins or ends with white space"
    if regex.search(r"\S\s{2,}\S", text):
        yield "has several blanks in a row"
    for character in dict.fromkeys(_OTHER_SPACE.findall(text) + _INVISIBLE.findall(text)):
        name = unicodedata.name(character, "control character").lower()
        yield f"has U+{ord(character):04X} ({name})"
    for pair in stray_spaces(text):
        yield f"has a blank in a word or before a particle ({pair!r})"


def _mended(text: str) -> str:
    plain = " ".join(_INVISIBLE.sub("", text).split())
    for pair in stray_spaces(plain):
        plain = plain.replace(pair, pair.replace(" ", ""))
    return plain


def _is_odd_width(character: str) -> bool:
    form = unicodedata.decomposition(character).partition(" ")[0]
    # The voiced marks of half-width kana count as letters that modify (Lm).
    return form in _OTHER_WIDTHS and unicodedata.category(character)[0] in "LN"


def _runs_of_width(text: str) -> list[str]:
    """The text cut where odd and usual widths meet: half-width kana join with their marks."""
    runs: list[str] = []
    for character in text:
        if runs and _is_odd_width(runs[-1][-1]) == _is_odd_width(character):
            runs[-1] += character
        else:
            runs.append(character)
    return runs
