"""Words for attributes, and the table of what each is true of.

A caption mentions words in six slots. What a caption is true of can then be computed instead of
guessed: each slot has a table of which words are true of which values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLOTS: Final = ("colour1", "colour2", "type", "content", "size", "brand")
UNSPECIFIED: Final = 0


@dataclass(frozen=True)
class Slot:
    """One attribute: its values, the words for them, and which are true of which.

    Attributes:
        values: value names; their index is the value's id.
        words: words; their index is the word's id; word 0 is empty and true of all. A bar parts
            what may stand apart: an adjective and its noun ("pointed|object"), a colour and its
            ending.
        table: (words, values) bool.
        usual: value name -> the word that it is usually called by; values without one are silent.
    """

    values: tuple[str, ...]
    words: tuple[str, ...]
    table: NDArray[np.bool_]
    usual: Mapping[str, str]

    def words_for(self, value: int) -> NDArray[np.int64]:
        """Ids of the words that say something true of a value."""
        return np.flatnonzero(self.table[1:, value]) + 1

    def word_id(self, word: str) -> int:
        """The id of a word.

        Raises:
            ValueError: there is no such word.
        """
        return self.words.index(word)

    def usual_id(self, value: str) -> int:
        """The id of a value's usual word; UNSPECIFIED where it has none."""
        word = self.usual.get(value)
        return UNSPECIFIED if word is None else self.word_id(word)


@dataclass(frozen=True)
class Wording:
    """How one language speaks of the goods of one market.

    Attributes:
        language: BCP-47.
        slots: in the order of SLOTS; both colours share their words.
        templates: (container, names the brand, names the content) -> sentence patterns.
        canonical: (names the brand, names the content) -> the pattern of a plain label.
        frames: what a pattern is put into, at {}; repeated ones are more usual.
        attributive: content words that stand only before a noun.
        joined_colours: one or two colour words as they stand in a text.
        tidied: a filled pattern -> text: spaces, articles.
    """

    language: str
    slots: tuple[Slot, ...]
    templates: Callable[[str, bool, bool], tuple[str, ...]]
    canonical: Mapping[tuple[bool, bool], str]
    frames: tuple[str, ...]
    attributive: frozenset[str]
    joined_colours: Callable[[Sequence[str]], str]
    tidied: Callable[[str], str]

    def table(self, slot: int) -> NDArray[np.bool_]:
        """(words, values) of a slot."""
        return self.slots[slot].table


def make_slot(
    values: Sequence[str], meaning: Mapping[str, Sequence[str]], usual: Mapping[str, str]
) -> Slot:
    """A slot from word -> values it is true of, and value -> its usual word."""
    unknown = {v for vs in meaning.values() for v in vs} - set(values)
    assert not unknown, f"words for values that do not exist: {sorted(unknown)}"
    rows = [[v in true_of for v in values] for true_of in meaning.values()]
    table = np.array([[True] * len(values), *rows], dtype=np.bool_)
    return Slot(tuple(values), ("", *meaning), table, dict(usual))
