from __future__ import annotations

import pytest

from culture_perception.linting.normal_text import any_of, comparable, occurs_in, stray_spaces


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Red\tBox ", "red box"),
        ("ＫＩＴ　ＫＡＴ", "kit kat"),  # full width is normal width
        ("ﾎﾟﾃﾄ", "ポテト"),  # half-width kana join their marks
        ("チョコレート の箱", "チョコレートの箱"),  # Japanese writes no spaces
        ("MACADAMIA チョコ", "macadamiaチョコ"),
        ("Straße", "strasse"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_what_makes_no_difference_to_a_reader_is_gone(text: str, normal: str) -> None:
    assert comparable(text) == normal


@pytest.mark.parametrize(
    ("part", "text", "found"),
    [
        ("red box", "big red box", True),
        ("red box", "big red boxes", False),  # a word goes on
        ("red box", "bored box", False),
        ("box", "box-shaped", True),
        ("洗剤の箱", "青い洗剤の箱", True),  # no spaces, so no boundaries
        ("neo", "アタックneoの箱", True),  # kana beside Latin letters end the word
        ("neo", "アタックneonの箱", False),
        ("caja", "cajá", False),
        ("कप", "कपड़ा", False),  # Hindi has spaces
        ("", "box", False),
    ],
)
def test_a_word_ends_where_its_script_has_spaces(part: str, text: str, found: bool) -> None:
    assert occurs_in(part, text) == found


def test_at_each_place_the_longest_word_counts() -> None:
    words = any_of(["green", "green tea", "yellow-green"])
    assert words.findall("yellow-green bottle of green tea") == ["yellow-green", "green tea"]
    assert words.findall("greens") == []
    assert any_of([]).findall("green") == []


@pytest.mark.parametrize(
    ("text", "stray"),
    [
        ("チョコレート の箱", ["ト の"]),
        ("緑 茶 の箱", ["緑 茶", "茶 の"]),
        ("アタック リセットパワーの箱", []),  # two words of a name
        ("MACADAMIA チョコレートの箱", []),
        ("red box", []),
    ],
)
def test_a_blank_within_japanese_is_stray(text: str, stray: list[str]) -> None:
    assert stray_spaces(text) == stray
