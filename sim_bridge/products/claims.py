"""Captions and what they claim of a product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.sibling import Sibling
from sim_bridge.products.vocabulary import UNSPECIFIED, Wording

Spec: TypeAlias = tuple[int, int, int, int, int, int]
"""Word id of each slot of vocabulary.SLOTS; 0 claims nothing."""
COLOUR1: Final = 0
COLOUR2: Final = 1
TYPE: Final = 2
CONTENT: Final = 3
SIZE: Final = 4
BRAND: Final = 5


@dataclass(frozen=True)
class Caption:
    """A text and its claims.

    Attributes:
        text: as the language writes it.
        spec: word id of each slot of vocabulary.SLOTS; 0 claims nothing.
        template: what the words were put into, so that one can be swapped.
    """

    text: str
    spec: Spec
    template: str


def attributes(sibling: Sibling, wording: Wording) -> NDArray[np.int16]:
    """A sibling's value ids: (6,) in the order of vocabulary.SLOTS, the same in every language."""
    colours, rest = (sibling.colour1, sibling.colour2), (sibling.size, sibling.brand)
    names = (*colours, sibling.container, sibling.content, *rest)
    ids = [slot.values.index(name) for slot, name in zip(wording.slots, names, strict=True)]
    return np.array(ids, dtype=np.int16)


def is_true(spec: Sequence[int], values: Sequence[int] | NDArray[np.int16], said: Wording) -> bool:
    """Whether a caption's claims hold: two colours in either order, all other slots as they are.

    Args:
        spec: word ids, as Caption.spec.
        values: value ids, as attributes().
        said: the wording that the word ids are of.
    """
    held = [bool(said.table(i)[spec[i], values[i]]) for i in (TYPE, CONTENT, SIZE, BRAND)]
    table, (word1, word2) = said.table(COLOUR1), spec[:2]
    first, second = values[COLOUR1], values[COLOUR2]
    colours = bool(table[word1, first])
    if word2 != UNSPECIFIED:
        swapped = table[word1, second] and table[word2, first]
        colours = bool((table[word1, first] and table[word2, second]) or swapped)
    return colours and all(held)


def as_spec(spec: Sequence[int]) -> Spec:
    """Six word ids as a Spec."""
    colour1, colour2, kind, content, size, brand = (int(word) for word in spec)
    return colour1, colour2, kind, content, size, brand


def fill(template: str, spec: Spec, wording: Wording) -> str:
    """The template with its words, as the language writes them."""
    words = [slot.words[i] for slot, i in zip(wording.slots, spec, strict=True)]
    adjective, _, noun = words[TYPE].rpartition("|")
    brand = words[BRAND]
    parts = {
        "{colours}": wording.joined_colours([word for word in words[:2] if word]),
        "{shape}": adjective,
        "{type}": noun,
        "{content}": words[CONTENT],
        "{size}": words[SIZE],
        "{brand}": brand,
        "{brand!lower}": brand.lower(),
        "{brand!upper}": brand.upper(),
    }
    return wording.tidied(re.sub(r"\{[^}]*\}", lambda found: parts[found.group()], template))
