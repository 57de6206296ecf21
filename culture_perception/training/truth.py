"""Which captions are true of which products: the exact positives of contrastive training.

A product has six attributes and a caption mentions some of them, each as a word. The grammar that
the renderer writes beside its pictures says, for each kind of word, which attribute values it is
true of ("blue" is true of navy and of sky blue). Word 0 of each kind means "not mentioned".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]

MAIN_COLOUR, SECOND_COLOUR, CONTAINER, CONTENT, SIZE, BRAND = range(6)
SLOT_COUNT = 6


@dataclass(frozen=True)
class Grammar:
    """The vocabulary of attributes and of the words that captions have for them.

    Attributes:
        slots: the six names of the attributes; the first two are colours, of one vocabulary.
        words: for each slot its words; word 0 is the empty one.
        tables: for each slot a (words, values) bool array: is the word true of the value.
    """

    slots: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    tables: tuple[BoolArray, ...]

    def __post_init__(self) -> None:
        """Refuses tables that do not fit their words.

        Raises:
            ValueError: there are not six slots, a table and its words differ in length, or the
                two colours do not share their words and values.
        """
        if not len(self.slots) == len(self.words) == len(self.tables) == SLOT_COUNT:
            raise ValueError(f"a grammar has {SLOT_COUNT} slots, got {self.slots}")
        for slot, words, table in zip(self.slots, self.words, self.tables, strict=True):
            if len(words) != len(table) or not table[0].all():
                raise ValueError(
                    f"slot {slot}: {len(words)} words and a table {table.shape} whose first row "
                    "must be all true; render the data again"
                )
        if not np.array_equal(self.tables[MAIN_COLOUR], self.tables[SECOND_COLOUR]):
            raise ValueError(f"{self.slots[0]} and {self.slots[1]} need one common table")

    @property
    def value_counts(self) -> tuple[int, ...]:
        """How many values each slot has."""
        return tuple(table.shape[1] for table in self.tables)


def load_grammar(path: Path) -> Grammar:
    """Reads the grammar that the renderer wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it does not hold six slots with fitting tables.
    """
    record = json.loads(path.read_text(encoding="utf-8"))
    slots = tuple(record["slots"])
    return Grammar(
        slots=slots,
        words=tuple(tuple(words) for words in record["words"]),
        tables=tuple(np.asarray(table, dtype=np.bool_) for table in record["tables"]),
    )


def is_true(grammar: Grammar, specs: IntArray, attributes: IntArray) -> BoolArray:
    """Tells for each caption and product whether the caption is true of the product.

    One mentioned colour must be the main one. Two colours are true in either order: nobody can say
    which of two is the main one.

    Args:
        grammar: the tables.
        specs: (N, 6) integers, the words of each caption by slot, 0 where not mentioned.
        attributes: (M, 6) integers, the values of each product by slot.

    Returns:
        (N, M) bool; (0, M) or (N, 0) for empty input.
    """
    truth = _colours_are_true(grammar, specs, attributes)
    for slot in (CONTAINER, CONTENT, SIZE, BRAND):
        truth &= grammar.tables[slot][specs[:, slot]][:, attributes[:, slot]]
    return truth


def _colours_are_true(grammar: Grammar, specs: IntArray, attributes: IntArray) -> BoolArray:
    table = grammar.tables[MAIN_COLOUR]
    first_word, second_word = table[specs[:, MAIN_COLOUR]], table[specs[:, SECOND_COLOUR]]
    main, second = attributes[:, MAIN_COLOUR], attributes[:, SECOND_COLOUR]
    in_order = first_word[:, main] & second_word[:, second]
    swapped = first_word[:, second] & second_word[:, main]
    two_mentioned = (specs[:, SECOND_COLOUR] > 0)[:, None]
    result: BoolArray = np.where(two_mentioned, in_order | swapped, in_order)
    return result
