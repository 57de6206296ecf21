"""Known misspellings in labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from culture_perception.linting.findings import WARNING, Finding, Label
from culture_perception.linting.normal_text import any_of
from culture_perception.linting.word_lists import Typo, Words


def misspelled(labels: list[Label], words: Mapping[str, Words]) -> Iterator[Finding]:
    """Misspellings of the word lists.

    Args:
        labels: in any languages; a language without word lists has no known misspellings.
        words: by language.
    """
    for label in labels:
        for typo in words[label.language].typos if label.language in words else ():
            if mended(label.text, (typo,)) != unicodedata.normalize("NFKC", label.text):
                because = f" ({typo.why})" if typo.why else ""
                yield Finding(
                    WARNING,
                    "typo",
                    label,
                    f"has {typo.wrong!r}{because}",
                    f"write {typo.right!r}",
                )


def mended(text: str, typos: tuple[Typo, ...]) -> str:
    """A text, in its normal form (NFKC), without the misspellings.

    Capitals count only in a misspelling that is one of capitals.
    """
    text = unicodedata.normalize("NFKC", text)
    for typo in typos:
        of_capitals = typo.wrong.casefold() == typo.right.casefold()
        pattern = any_of([typo.wrong], ignore_case=not of_capitals)
        text = pattern.sub(lambda _, typo=typo: typo.right, text)
    return text
