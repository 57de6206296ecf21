"""Questions as texts for models that write, and letters read from what they write."""

from __future__ import annotations

import re
from typing import Final

from culture_perception.culture_bench.items import Item
from culture_perception.label_lookup import key_of

LETTERS: Final = "ABCD"
_ASK: Final = {
    "en": "Answer with the letter of the right option alone.",
    "ja": "正しい選択肢の記号(A~D)だけで答えてください。",
}
_LEADING: Final = re.compile(r"^[\s(\[*\"'`「【（]*([A-Da-d])(?![A-Za-z])")
_MARKED: Final = re.compile(
    r"(?:answer|option|choice|correct|答え|正解|選択肢)[^A-Za-z]{0,3}(?:is|は|:|：)?[\s(\[*\"'「【（]*"
    r"([A-D])(?![A-Za-z])",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(
    r"(?<![A-Za-z])([B-D]|A(?!\s+(?!(?:or|and|is)\b)[a-z]))(?![A-Za-z'])"  # "A red box": no letter
)
_THINKING: Final = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_OPTION_MARK: Final = re.compile(r"^\s*\(?[A-Da-d][).:：、．]\s*")


def prompt(item: Item) -> str:
    """The question, the lettered options, and how to answer, in the item's language."""
    lines = [
        f"{letter}. {stripped(text)}" for letter, text in zip(LETTERS, item.options, strict=True)
    ]
    ask = _ASK.get(item.language.partition("-")[0], _ASK["en"])
    return "\n".join([item.question, *lines, ask])


def stripped(option: str) -> str:
    """An option without a letter before it and a full stop after it."""
    return _OPTION_MARK.sub("", option).strip().rstrip(".。").strip()


def parse(text: str, item: Item) -> int | None:
    """Which option a model's words choose; None where they choose none, or several.

    A letter at the beginning counts first, then one after a word such as "answer", then the only
    letter, then the only option that is written out.
    """
    said = _THINKING.sub("", text).strip()
    for pattern in (_LEADING, _MARKED):
        if (found := pattern.search(said)) and not _is_article(found, said):
            return LETTERS.index(found.group(1).upper())
    letters = set(_ALONE.findall(said))
    if len(letters) == 1:
        return LETTERS.index(letters.pop())
    keys = [key_of(stripped(one)) for one in item.options]
    written = [index for index, key in enumerate(keys) if key and key in key_of(said)]
    return written[0] if len(written) == 1 else None


def _is_article(found: re.Match[str], said: str) -> bool:
    """Whether the letter begins a sentence such as "A red box"."""
    return bool(re.match(r"\s+[a-z]", said[found.end(1) :])) and found.group(1) in "Aa"
