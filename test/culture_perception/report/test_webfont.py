from __future__ import annotations

import base64
import io

import pytest
from fontTools.ttLib import TTFont

from culture_perception.report.webfont import font_uri


def characters(uri: str) -> set[str]:
    kind, _, content = uri.partition(";base64,")
    assert kind == "data:font/woff"
    font = TTFont(io.BytesIO(base64.b64decode(content)))
    return {chr(code) for code in font.getBestCmap()}


def test_the_font_has_the_japanese_of_the_text_and_no_more() -> None:
    assert characters(font_uri("お茶 tea – 茶の box")) == set("お茶の")


@pytest.mark.parametrize("text", ["", "tea – “box” é", "\N{HANGUL SYLLABLE GA}"])
def test_no_font_where_the_shipped_one_has_nothing_to_add(text: str) -> None:
    assert font_uri(text) == ""


def test_the_same_text_gives_the_same_font() -> None:
    assert font_uri("お茶") == font_uri("茶お")
