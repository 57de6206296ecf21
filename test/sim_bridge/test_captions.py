"""Captions: true of their own product, negatives false, truth tables as words mean them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim_bridge.products.attributes import NO_COLOUR, THINGS
from sim_bridge.products.brands import NO_BRAND
from sim_bridge.products.captions import (
    attributes,
    canonical_caption,
    caption,
    describe,
    grammar,
    hard_negative,
    is_true,
)
from sim_bridge.products.contents import NOTHING
from sim_bridge.products.kinds import GENERAL
from sim_bridge.products.markets import wordings
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.siblings import sample_sibling
from sim_bridge.products.vocabulary import SLOTS

(_ENGLISH,) = wordings("west")
_COFFEE = Sibling("blue", "white", "can", "coffee", "normal", "Master Chef", "master_chef_can", 1)
_TUNA = Sibling("navy", NO_COLOUR, "flat_tin", "tuna", "little", "StarKist", "tuna_fish_can", 2)
_SPRAY = Sibling("red", "navy", "spray", "window_cleaner", "normal", "Windex", "windex_bottle", 3)
_CUBE = Sibling("multi", NO_COLOUR, "cube", NOTHING, "normal", "Rubik's", "rubiks_cube", 4)
_SPONGE = Sibling("green", NO_COLOUR, "sponge", NOTHING, "normal", NO_BRAND, "sponge", 5)
_RICE = Sibling("pink", "black", "bag", "rice", "big", NO_BRAND, GENERAL, 6)
_KNOWN = (_COFFEE, _TUNA, _SPRAY, _CUBE, _SPONGE, _RICE)
_KONBINI_WORDS = frozenset(
    "soba takenoko attack macadamia megarhythm eye mask masks pocky biore calbee kikkoman "
    "hakatanoshio ocha tabekiri curry nissin".split()
)


def _siblings(count: int) -> list[Sibling]:
    rng = np.random.default_rng(11)
    return [sample_sibling(rng) for _ in range(count)]


def _spec(**words: str) -> list[int]:
    return [
        _ENGLISH.slots[i].word_id(words[slot]) if slot in words else 0
        for i, slot in enumerate(SLOTS)
    ]


@pytest.mark.parametrize(
    ("words", "sibling", "expected", "reason"),
    [
        ({"colour1": "blue"}, _COFFEE, True, "main colour"),
        ({"colour1": "white"}, _COFFEE, False, "the second colour alone does not name it"),
        ({"colour1": "white", "colour2": "blue"}, _COFFEE, True, "two colours in either order"),
        ({"colour1": "blue", "colour2": "red"}, _COFFEE, False, "one of two is wrong"),
        ({"colour1": "blue"}, _TUNA, True, "navy is a blue"),
        ({"colour1": "navy blue"}, _COFFEE, False, "blue is not navy"),
        ({"type": "can"}, _TUNA, True, "a tin is a can"),
        ({"type": "tin"}, _COFFEE, False, "a tall can is no tin"),
        ({"type": "bottle"}, _SPRAY, True, "a spray bottle is a bottle"),
        ({"content": "cleaner"}, _SPRAY, True, "window cleaner is a cleaner"),
        ({"content": "tuna"}, _COFFEE, False, "coffee is not tuna"),
        ({"size": "little"}, _TUNA, True, "little"),
        ({"size": "big"}, _TUNA, False, "little is not big"),
        ({"brand": "Windex"}, _SPRAY, True, "its brand"),
        ({"brand": "Windex"}, _RICE, False, "it has no brand"),
        ({"type": "rectangular irregular|object"}, _SPONGE, True, "the sponge's shape"),
        ({"type": "object"}, _RICE, True, "everything is an object"),
        ({}, _RICE, True, "nothing claimed is true of all"),
    ],
)
def test_truth(words: dict[str, str], sibling: Sibling, expected: bool, reason: str) -> None:
    assert is_true(_spec(**words), attributes(sibling, _ENGLISH), _ENGLISH) is expected, reason


@pytest.mark.parametrize(
    ("sibling", "plain", "brand"),
    [
        (_COFFEE, "blue and white can of coffee", "Master Chef coffee can"),
        (_TUNA, "navy blue tin of tuna", "StarKist tuna tin"),
        (
            _SPRAY,
            "red and navy blue spray bottle of window cleaner",
            "Windex window cleaner spray bottle",
        ),
        (_CUBE, "multicolored cube", "Rubik's cube"),
        (_SPONGE, "green sponge", None),
    ],
)
def test_canonical_captions(sibling: Sibling, plain: str, brand: str | None) -> None:
    assert canonical_caption(sibling, _ENGLISH).text == plain
    if brand is not None:
        assert canonical_caption(sibling, _ENGLISH, brand=True).text == brand


def test_canonical_brand_caption_needs_a_brand() -> None:
    with pytest.raises(ValueError, match="no brand"):
        canonical_caption(_SPONGE, _ENGLISH, brand=True)


def test_captions_are_true_and_negatives_false_by_one_word() -> None:
    rng = np.random.default_rng(0)
    for sibling in (*_KNOWN * 10, *_siblings(120)):
        values = attributes(sibling, _ENGLISH)
        drawn = caption(sibling, _ENGLISH, rng)
        negative = hard_negative(drawn, sibling, _ENGLISH, rng)
        assert is_true(drawn.spec, values, _ENGLISH), drawn
        assert not is_true(negative.spec, values, _ENGLISH), negative
        assert sum(a != b for a, b in zip(drawn.spec, negative.spec, strict=True)) == 1
        assert drawn.text != negative.text


def test_the_claims_are_what_the_text_says() -> None:
    rng = np.random.default_rng(1)
    for sibling in _siblings(150):
        drawn = caption(sibling, _ENGLISH, rng)
        if "square" in drawn.template:  # the template itself says that it is multicoloured
            continue
        for slot, word in zip(_ENGLISH.slots, drawn.spec, strict=True):
            for part in slot.words[word].split("|"):
                assert part.lower() in drawn.text.lower(), drawn


def test_texts_are_clean_ascii_without_konbini_words() -> None:
    rng = np.random.default_rng(2)
    texts = [caption(s, _ENGLISH, rng).text for s in _siblings(300)]
    for text in texts:
        assert text.isascii()
        assert text == " ".join(text.split())
        assert "{" not in text
        assert " of of " not in f" {text} "
        assert _KONBINI_WORDS.isdisjoint(text.lower().split()), text
    assert len(set(texts)) > 250


def test_brand_can_be_asked_for_or_refused() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        assert caption(_COFFEE, _ENGLISH, rng, brand=True).spec[5] > 0
        assert caption(_COFFEE, _ENGLISH, rng, brand=False).spec[5] == 0
        assert caption(_RICE, _ENGLISH, rng, brand=True).spec[5] == 0  # it has none


def test_patterns_of_the_seed_labels_come_up() -> None:
    rng = np.random.default_rng(4)
    cube = {caption(_CUBE, _ENGLISH, rng).text for _ in range(400)}
    sponge = {caption(_SPONGE, _ENGLISH, rng).text for _ in range(400)}
    assert "cube of different square colors" in cube
    assert "rectangular irregular green object" in sponge
    assert "sponge covered with green plastic" in sponge


def test_same_generator_state_same_record() -> None:
    first = describe(_COFFEE, np.random.default_rng(5))
    assert first == describe(_COFFEE, np.random.default_rng(5))
    assert first != describe(_COFFEE, np.random.default_rng(6))


def test_record_survives_json_and_has_all_fields() -> None:
    record = describe(_SPRAY, np.random.default_rng(0), captions=3)
    assert json.loads(json.dumps(record)) == record
    assert set(record) == {
        "id", "attributes", "kind", "captions", "labels",
    }  # fmt: skip
    assert len(record["captions"]) == 3
    assert set(record["captions"][0]) == {
        "language", "text", "spec", "negative", "negative_spec",
    }  # fmt: skip
    assert record["attributes"] == attributes(_SPRAY, _ENGLISH).tolist()
    unbranded = describe(_SPONGE, np.random.default_rng(0))
    assert unbranded["labels"]["en"]["canonical_brand"] is None


def test_grammar_is_the_tables_as_json() -> None:
    written = json.loads(json.dumps(grammar()))
    assert written["slots"] == list(SLOTS)
    for values, words, rows, slot in zip(
        written["values"], written["words"], written["tables"], _ENGLISH.slots, strict=True
    ):
        table = slot.table
        assert np.array_equal(np.array(rows, bool), table)
        assert table.shape == (len(words), len(values))
        assert table[0].all()
        assert words[0] == ""


def test_every_value_but_none_and_normal_has_a_word() -> None:
    silent = {NO_COLOUR, NOTHING, NO_BRAND, "normal"}
    for slot in _ENGLISH.slots:
        for i, value in enumerate(slot.values):
            assert (len(slot.words_for(i)) > 0) == (value not in silent), value


def test_things_are_named_without_content() -> None:
    rng = np.random.default_rng(8)
    for sibling in _siblings(200):
        if sibling.container in THINGS:
            assert caption(sibling, _ENGLISH, rng).spec[3] == 0
