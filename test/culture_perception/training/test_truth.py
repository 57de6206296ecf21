"""Which captions are true of which products, by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from culture_perception.training.truth import Grammar, is_true, load_grammar

# Values: 0 red, 1 blue, 2 navy, 3 none; words: 1 red, 2 blue (also true of navy), 3 navy.
COLOURS = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]], dtype=bool)
TYPES = np.array([[1, 1], [1, 0], [1, 1]], dtype=bool)  # 1 box, 2 object
CONTENTS = np.array([[1, 1], [1, 0], [0, 1]], dtype=bool)  # 1 tea, 2 soap
SIZES = np.array([[1, 1], [0, 1]], dtype=bool)  # 1 big
BRANDS = np.array([[1, 1], [0, 1]], dtype=bool)  # 1 Acme
GRAMMAR = Grammar(
    slots=("colour1", "colour2", "type", "content", "size", "brand"),
    words=(
        ("", "red", "blue", "navy"),
        ("", "red", "blue", "navy"),
        ("", "box", "object"),
        ("", "tea", "soap"),
        ("", "big"),
        ("", "Acme"),
    ),
    tables=(COLOURS, COLOURS, TYPES, CONTENTS, SIZES, BRANDS),
)
RED_NAVY_TEA_BOX = (0, 2, 0, 0, 0, 1)
BLUE_SOAP_CAN = (1, 3, 1, 1, 1, 0)


@pytest.mark.parametrize(
    ("spec", "expected", "reason"),
    [
        ((0, 0, 0, 0, 0, 0), (True, True), "nothing said is true of all"),
        ((1, 0, 0, 0, 0, 0), (True, False), "red is the main colour of one"),
        ((2, 0, 0, 0, 0, 0), (False, True), "one colour must be the main one, navy is second"),
        ((1, 2, 0, 0, 0, 0), (True, False), "red and blue: navy is a blue"),
        ((2, 1, 0, 0, 0, 0), (True, False), "blue and red: either order"),
        ((2, 3, 0, 0, 0, 0), (False, False), "blue and navy: the red is missing"),
        ((0, 0, 1, 0, 0, 0), (True, False), "box"),
        ((0, 0, 2, 0, 0, 0), (True, True), "everything is an object"),
        ((1, 0, 1, 1, 0, 0), (True, False), "red box of tea"),
        ((1, 0, 1, 2, 0, 0), (False, False), "red box of soap: the content is wrong"),
        ((0, 0, 0, 0, 1, 0), (False, True), "big"),
        ((0, 0, 0, 0, 0, 1), (True, False), "Acme"),
    ],
)
def test_is_true(spec: tuple[int, ...], expected: tuple[bool, bool], reason: str) -> None:
    products = np.array([RED_NAVY_TEA_BOX, BLUE_SOAP_CAN])
    assert is_true(GRAMMAR, np.array([spec]), products).tolist() == [list(expected)], reason


def test_captions_are_rows_and_products_columns() -> None:
    specs = np.array([(0, 0, 0, 0, 0, 0), (0, 0, 0, 1, 0, 0), (0, 0, 0, 2, 0, 0)])
    truth = is_true(GRAMMAR, specs, np.array([RED_NAVY_TEA_BOX, BLUE_SOAP_CAN]))
    assert truth.tolist() == [[True, True], [True, False], [False, True]]


def test_no_captions_or_no_products() -> None:
    none, some = np.zeros((0, 6), dtype=np.int64), np.array([RED_NAVY_TEA_BOX])
    assert is_true(GRAMMAR, none, some).shape == (0, 1)
    assert is_true(GRAMMAR, some, none).shape == (1, 0)


def test_value_counts() -> None:
    assert GRAMMAR.value_counts == (4, 4, 2, 2, 2, 2)


def test_grammar_file_round_trips(tmp_path: Path) -> None:
    record = {
        "slots": GRAMMAR.slots,
        "values": [],
        "words": GRAMMAR.words,
        "tables": [table.astype(int).tolist() for table in GRAMMAR.tables],
    }
    (tmp_path / "grammar.json").write_text(json.dumps(record))
    loaded = load_grammar(tmp_path / "grammar.json")
    assert loaded.words == GRAMMAR.words
    assert all(np.array_equal(a, b) for a, b in zip(loaded.tables, GRAMMAR.tables, strict=True))


def test_too_few_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="6 slots"):
        replace(GRAMMAR, slots=("colour",))


def test_words_without_a_row_are_refused() -> None:
    words = (*GRAMMAR.words[:5], ("", "Acme", "Bolt"))
    with pytest.raises(ValueError, match="slot brand: 3 words"):
        replace(GRAMMAR, words=words)


def test_colours_need_one_table() -> None:
    tables = (COLOURS, np.ones_like(COLOURS), *GRAMMAR.tables[2:])
    with pytest.raises(ValueError, match="one common table"):
        replace(GRAMMAR, tables=tables)


def test_the_renderer_and_the_training_agree_on_truth() -> None:
    captions = pytest.importorskip("sim_bridge.products.captions")
    siblings = pytest.importorskip("sim_bridge.products.siblings")
    (english,) = pytest.importorskip("sim_bridge.products.markets").wordings("west")
    record = captions.grammar()
    grammar = Grammar(
        slots=tuple(record["slots"]),
        words=tuple(tuple(words) for words in record["words"]),
        tables=tuple(np.asarray(table, dtype=bool) for table in record["tables"]),
    )
    rng = np.random.default_rng(0)
    things = [siblings.sample_sibling(rng) for _ in range(20)]
    said = [captions.caption(thing, english, rng).spec for thing in things]
    values = np.array([captions.attributes(thing, english) for thing in things], dtype=np.int64)
    expected = [[captions.is_true(spec, value, english) for value in values] for spec in said]
    assert is_true(grammar, np.array(said), values).tolist() == expected
