"""English words for attributes, and the table of what each is true of.

A caption mentions words in six slots. What a caption is true of can then be computed instead of
guessed: each slot has a table of which words are true of which values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.attributes import COLOURS, CONTAINERS, NO_COLOUR, SIZES
from sim_bridge.products.brands import BRANDS, NO_BRAND
from sim_bridge.products.contents import CONTENTS, NOTHING

SLOTS: Final = ("colour1", "colour2", "type", "content", "size", "brand")
UNSPECIFIED: Final = 0


@dataclass(frozen=True)
class Slot:
    """One attribute: its values, the words for them, and which are true of which.

    Attributes:
        values: value names; their index is the value's id.
        words: words; their index is the word's id; word 0 is empty and true of all. In the type
            slot "pointed|object" is an adjective that may stand apart from its noun.
        table: (words, values) bool.
    """

    values: tuple[str, ...]
    words: tuple[str, ...]
    table: NDArray[np.bool_]

    def words_for(self, value: int) -> NDArray[np.int64]:
        """Ids of the words that say something true of a value."""
        return np.flatnonzero(self.table[1:, value]) + 1

    def word_id(self, word: str) -> int:
        """The id of a word.

        Raises:
            ValueError: there is no such word.
        """
        return self.words.index(word)


def _slot(values: Sequence[str], meaning: Mapping[str, Sequence[str]]) -> Slot:
    """A slot from word -> values it is true of."""
    unknown = {v for vs in meaning.values() for v in vs} - set(values)
    assert not unknown, f"words for values that do not exist: {sorted(unknown)}"
    rows = [[v in true_of for v in values] for true_of in meaning.values()]
    table = np.array([[True] * len(values), *rows], dtype=np.bool_)
    return Slot(tuple(values), ("", *meaning), table)


_COLOUR_WORDS: Final[dict[str, Sequence[str]]] = {
    **{c: [c] for c in ("red", "yellow", "white", "brown", "purple", "black", "orange", "pink")},
    "green": ["green", "lime"],
    "blue": ["blue", "navy", "sky"],
    "grey": ["grey"],
    "gray": ["grey"],
    "light green": ["lime"],
    "dark green": ["green"],
    "navy blue": ["navy"],
    "dark blue": ["navy"],
    "light blue": ["sky"],
    "multicolored": ["multi"],
    "colorful": ["multi"],
}

_TYPE_WORDS: Final[dict[str, Sequence[str]]] = {
    "box": ["box"],
    "carton": ["box"],
    "package": ["box", "bag"],
    "can": ["can", "tin", "flat_tin"],
    "tin": ["tin", "flat_tin"],
    "bottle": ["bottle", "spray"],
    "spray bottle": ["spray"],
    "spray": ["spray"],
    "bag": ["bag"],
    "packet": ["bag"],
    "pouch": ["bag"],
    "bowl": ["bowl"],
    "cup": ["cup"],
    "tube": ["tube"],
    "cube": ["cube"],
    "puzzle cube": ["cube"],
    "toy cube": ["cube"],
    "marker": ["marker"],
    "pen": ["marker"],
    "marker pen": ["marker"],
    "screwdriver": ["screwdriver"],
    "tool": ["screwdriver"],
    "sponge": ["sponge"],
    "object": CONTAINERS,
    "rectangular|box": ["box"],
    "rectangular|tin": ["tin"],
    "rectangular|can": ["tin"],
    "round|tin": ["flat_tin"],
    "flat|tin": ["flat_tin"],
    "round|can": ["can", "flat_tin"],
    "cylindric|can": ["can"],
    "cylindrical|can": ["can"],
    "tall|bottle": ["bottle", "spray"],
    "round|bowl": ["bowl"],
    "long|tube": ["tube"],
    "square|cube": ["cube"],
    "cylindric|marker": ["marker"],
    "cylindrical|marker": ["marker"],
    "thin|marker": ["marker"],
    "long|tool": ["screwdriver"],
    "pointed|tool": ["screwdriver"],
    "rectangular|sponge": ["sponge"],
    "irregular|sponge": ["sponge"],
    "pointed|object": ["screwdriver"],
    "long pointed|object": ["screwdriver"],
    "long|object": ["screwdriver", "marker", "tube"],
    "cylindric|object": ["can", "marker"],
    "cylindrical|object": ["can", "marker"],
    "square|object": ["cube"],
    "rectangular|object": ["box", "sponge", "tin"],
    "irregular|object": ["sponge"],
    "rectangular irregular|object": ["sponge"],
    "flat rectangular|object": ["sponge"],
}

_GROUP_WORDS: Final[dict[str, str]] = {
    "cookies": "cookies crackers chocolate_cookies",
    "biscuits": "cookies crackers chocolate_cookies",
    "cookie": "cookies crackers chocolate_cookies",
    "cracker": "crackers",
    "chocolate cookie": "chocolate_cookies",
    "snack": "potato_chips corn_chips peanuts crackers cookies chocolate_cookies",
    "sweets": "candy chocolates",
    "jelly": "chocolate_jelly strawberry_jelly lime_jelly",
    "gelatin": "strawberry_jelly lime_jelly",
    "pudding": "chocolate_jelly",
    "dessert": "chocolate_jelly strawberry_jelly lime_jelly",
    "cleaner": "cleanser window_cleaner",
    "cleaning liquid": "cleanser window_cleaner bleach",
    "soup": "tomato_soup chicken_soup",
    "noodle": "noodles",
    "chips": "potato_chips corn_chips",
    "tea": "tea green_tea",
    "canned meat": "ham",
    "fish": "tuna",
    "peanut": "peanuts",
    "sauce": "mustard ketchup mayonnaise soy_sauce",
    "condiment": "mustard ketchup mayonnaise soy_sauce salt",
    "drink": "milk juice tea green_tea",
}
"""Words that are true of several contents, or stand only before a noun ("cookie box")."""

ATTRIBUTIVE: Final = frozenset(
    {"cookie", "cracker", "chocolate cookie", "noodle", "peanut", "snack", "dessert", "drink"}
)
"""Content words that need a noun behind them ("peanut bag", not "bag of peanut")."""


def _content_words() -> dict[str, list[str]]:
    """Each content's own words first, then the words of groups."""
    meaning: dict[str, list[str]] = {}
    for content in CONTENTS.values():
        for word in content.words:
            meaning.setdefault(word, []).append(content.name)
    for word, names in _GROUP_WORDS.items():
        meaning[word] = sorted({*meaning.get(word, []), *names.split()})
    return meaning


_COLOUR: Final = _slot([*COLOURS, NO_COLOUR], _COLOUR_WORDS)
VOCABULARY: Final[tuple[Slot, ...]] = (
    _COLOUR,
    _COLOUR,
    _slot(CONTAINERS, _TYPE_WORDS),
    _slot([NOTHING, *CONTENTS], _content_words()),
    _slot(
        list(SIZES), {"little": ["little"], "small": ["little"], "big": ["big"], "large": ["big"]}
    ),
    _slot([NO_BRAND, *BRANDS], {name: [name] for name in BRANDS}),
)
"""The slots in the order of SLOTS; both colours share their words."""

TABLES: Final[tuple[NDArray[np.bool_], ...]] = tuple(slot.table for slot in VOCABULARY)
"""(words, values) of each slot."""
