"""Tells tokenizers that must know a text's language which one it is.

NLLB's begin every text with a token of its language, and the NLLB-CLIP models read the embedding
at that token (their pooling is that of the first position), so that Japanese announced as English,
which is the tokenizer's default, is embedded as something else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor

ENGLISH, JAPANESE, KOREAN, CHINESE = "eng_Latn", "jpn_Jpan", "kor_Hang", "zho_Hans"
_SCRIPTS: Final = {
    "HIRAGANA": JAPANESE,
    "KATAKANA": JAPANESE,
    "HALFWIDTH KATAKANA": JAPANESE,
    "HANGUL": KOREAN,
    "CJK UNIFIED": CHINESE,
}
"""NLLB's names of languages by how the Unicode names of a script's letters begin."""


class LanguageTokenizer:
    """A tokenizer of open_clip that is told the language of each text."""

    def __init__(self, tokenizer: Any) -> None:
        """Take an open_clip `HFTokenizer` that has languages."""
        self._tokenizer: Final = tokenizer

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Texts as int64 (N, context length)."""
        languages = languages_of(texts)
        rows: list[Tensor] = []
        for text, language in zip(texts, languages, strict=True):
            # Not set_language: transformers goes back to src_lang at each call.
            self._tokenizer.tokenizer.src_lang = language
            rows.append(self._tokenizer([text])[0])
        return torch.stack(rows)


def has_languages(tokenizer: object) -> bool:
    """Whether a tokenizer of open_clip must be told the language."""
    return hasattr(tokenizer, "set_lang_fn")


def languages_of(texts: Sequence[str]) -> list[str]:
    """NLLB's names of the texts' languages, by their script; Latin letters count as English.

    Chinese characters alone are Japanese where any of the texts has kana: the texts of one label
    set are embedded together.
    """
    found = [_language_of(text) for text in texts]
    if JAPANESE in found:
        return [JAPANESE if language == CHINESE else language for language in found]
    return found


def _language_of(text: str) -> str:
    found = {
        language
        for character in text
        for prefix, language in _SCRIPTS.items()
        if unicodedata.name(character, "").startswith(prefix)
    }
    return next((one for one in (JAPANESE, KOREAN, CHINESE) if one in found), ENGLISH)
