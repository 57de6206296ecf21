from __future__ import annotations

from collections.abc import Callable

import pytest

from culture_perception.linting.findings import WARNING, Label
from culture_perception.linting.lint import words_for
from culture_perception.linting.misspellings import mended, misspelled
from culture_perception.linting.word_lists import Typo, Words
from culture_perception.resources import share_path

WORDS = {
    "en": Words({}, typos=(Typo("Toomoriko", "Toumoriko"), Typo("spam", "SPAM", "its owner's"))),
    "ja": Words({}, typos=(Typo("ピオレ", "ビオレ"),)),
}


@pytest.mark.parametrize(
    ("language", "text", "wrong", "right"),
    [
        ("en", "Toomoriko chips", "Toomoriko", "Toumoriko"),
        ("en", "TOOMORIKO chips", "Toomoriko", "Toumoriko"),
        ("en", "spam tin", "spam", "SPAM"),  # here capitals are what is wrong
        ("ja", "ピオレのボトル", "ピオレ", "ビオレ"),
        ("ja", "ﾋﾟｵﾚのボトル", "ピオレ", "ビオレ"),
    ],
)
def test_a_known_misspelling_is_found(
    make_labels: Callable[..., list[Label]], language: str, text: str, wrong: str, right: str
) -> None:
    (found,) = misspelled(make_labels(text, language=language), WORDS)
    assert (found.severity, found.kind) == (WARNING, "typo")
    assert repr(wrong) in found.problem and repr(right) in found.remedy


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Toumoriko chips"),
        ("en", "Toomorikos"),  # another word
        ("en", "SPAM tin"),
        ("en", "Spam tin"),
        ("ja", "ビオレのボトル"),
        ("ja", "Toomoriko"),  # the list of another language
        ("de", "Toomoriko"),  # no list
    ],
)
def test_what_is_not_on_the_list_is_not(
    make_labels: Callable[..., list[Label]], language: str, text: str
) -> None:
    assert list(misspelled(make_labels(text, language=language), WORDS)) == []


def test_the_reason_is_told(make_labels: Callable[..., list[Label]]) -> None:
    (found,) = misspelled(make_labels("spam tin", language="en"), WORDS)
    assert found.problem == "has 'spam' (its owner's)"


def test_a_text_is_mended() -> None:
    assert mended("toomoriko and Toomoriko", WORDS["en"].typos) == "Toumoriko and Toumoriko"


def test_no_right_form_on_the_shipped_lists_is_wrong_itself() -> None:
    for words in words_for(share_path("config", "labels", "konbini.yaml")).values():
        for typo in words.typos:
            assert mended(typo.wrong, words.typos) == typo.right
            assert mended(typo.right, words.typos) == typo.right
