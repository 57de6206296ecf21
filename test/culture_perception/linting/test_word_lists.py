from __future__ import annotations

from pathlib import Path

import pytest

from culture_perception.concepts import LabelError
from culture_perception.linting.word_lists import Typo, Words, load_words
from culture_perception.resources import share_path

LISTS = """\
es:
  attributes:
    colour: {red: [rojo, roja]}
  not_attributes: [vino rojo]
  typos: [{wrong: cafe, right: café, why: the accent}]
"""


def write(folder: Path, text: str, name: str = "label_lint.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_lists_are_read_as_written(tmp_path: Path) -> None:
    assert load_words(write(tmp_path, LISTS)) == {
        "es": Words(
            {"colour": {"red": ("rojo", "roja")}},
            ("vino rojo",),
            (Typo("cafe", "café", "the accent"),),
        )
    }


def test_a_later_file_adds_to_an_earlier_one(tmp_path: Path) -> None:
    more = """\
es:
  attributes:
    colour: {red: [colorado], blue: [azul]}
    size: {big: [grande]}
de: {typos: [{wrong: Tee, right: Tea}]}
"""
    words = load_words(write(tmp_path, LISTS), write(tmp_path, more, "more.yaml"))

    assert words["es"].attributes == {
        "colour": {"red": ("rojo", "roja", "colorado"), "blue": ("azul",)},
        "size": {"big": ("grande",)},
    }
    assert len(words["es"].typos) == 1 and words["es"].not_attributes == ("vino rojo",)
    assert words["de"].attributes == {} and words["de"].typos == (Typo("Tee", "Tea"),)


@pytest.mark.parametrize(
    ("old", "new", "line", "named"),
    [
        ("attributes:", "attribute:", 2, "unknown key 'attribute'"),
        ("[rojo, roja]", "rojo", 3, "not a list"),
        ("{red: [rojo, roja]}", "[rojo]", 3, "not a mapping"),
        ("right: café", "write: café", 5, "unknown key 'write'"),
        ("right: café", "right: cafe", 5, "both 'cafe'"),
        ("[vino rojo]", "['']", 4, "empty"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_cure(
    tmp_path: Path, old: str, new: str, line: int, named: str
) -> None:
    assert old in LISTS, "the table is out of date"
    path = write(tmp_path, LISTS.replace(old, new, 1))
    with pytest.raises(LabelError) as caught:
        load_words(path)
    assert str(caught.value).startswith(f"{path}:{line}: "), str(caught.value)
    assert named in str(caught.value)


@pytest.mark.parametrize("kind", ["colour", "size", "shape", "container"])
def test_both_shipped_languages_have_words_for_the_same_values(kind: str) -> None:
    words = load_words(share_path("config", "label_lint.yaml"))
    assert set(words["en"].attributes[kind]) == set(words["ja"].attributes[kind])
