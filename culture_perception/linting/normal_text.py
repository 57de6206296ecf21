"""Texts made comparable, and one text found in another, in scripts with and without spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

import regex

_CJK: Final = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_UNSPACED: Final = rf"{_CJK}\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}"
"""Letters of scripts whose words no spaces part; the long vowel mark is of no script."""
_SPACED: Final = regex.compile(rf"[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]", regex.V1)
_NEEDLESS_SPACE: Final = regex.compile(rf"(?<=[{_UNSPACED}]) | (?=[{_UNSPACED}])")


def comparable(text: str) -> str:
    """A text without what makes no difference to a reader.

    Compatibility forms are made normal (NFKC), capitals small, white space one blank, and none
    beside a letter of a script that writes no spaces.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return str(_NEEDLESS_SPACE.sub("", " ".join(folded.split())))


def occurs_in(part: str, text: str) -> bool:
    """Whether a text has another in it, between word boundaries where the script has spaces."""
    return bool(part) and regex.search(_bounded(part), text, regex.V1) is not None


def any_of(words: Iterable[str], *, ignore_case: bool = False) -> Any:
    """A pattern that finds the words in a text, at each place the longest; of none, nothing."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    flags = regex.V1 | regex.IGNORECASE if ignore_case else regex.V1
    return regex.compile("|".join(map(_bounded, longest_first)) or r"(?!)", flags)


def stray_spaces(text: str) -> list[str]:
    """Blanks within Japanese or Chinese, with a letter on each side.

    Between two katakana letters a blank parts the words of a name (アタック リセットパワー) and is
    left out.
    """
    pairs = regex.findall(rf"[{_CJK}] +[{_CJK}]", text, overlapped=True)
    katakana = regex.compile(r"[\p{Katakana}ー] +[\p{Katakana}ー]")
    return [str(pair) for pair in pairs if not katakana.fullmatch(pair)]


def _bounded(word: str) -> str:
    """A pattern of the word; where its script has spaces, no letter may stand right beside it."""
    spaced = _SPACED.pattern
    before = f"(?<!{spaced})" if _SPACED.match(word[0]) else ""
    after = f"(?!{spaced})" if _SPACED.match(word[-1]) else ""
    return before + str(regex.escape(word)) + after
