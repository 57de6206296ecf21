"""Hard negatives: captions that are false in one word."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.attributes import CONTAINERS, THINGS
from sim_bridge.products.claims import (
    COLOUR1,
    COLOUR2,
    CONTENT,
    TYPE,
    Caption,
    Spec,
    as_spec,
    attributes,
    fill,
    is_true,
)
from sim_bridge.products.contents import NOTHING
from sim_bridge.products.markets import market_of
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.templates import implies_many_colours
from sim_bridge.products.vocabulary import UNSPECIFIED, Wording

_PLAUSIBLE_SHARE: Final = 0.7


def hard_negative(
    original: Caption, sibling: Sibling, wording: Wording, rng: np.random.Generator
) -> Caption:
    """The caption with one mentioned attribute swapped for a word that makes it false.

    Args:
        original: a caption of the sibling with at least one claim.
        sibling: what it is true of.
        wording: that it is in.
        rng: chooses attribute and word.

    Raises:
        ValueError: the caption claims nothing that could be swapped.
    """
    values = attributes(sibling, wording)
    mentioned = [i for i, word in enumerate(original.spec) if word]
    if implies_many_colours(original.template):
        mentioned.remove(COLOUR1)  # said by the template itself: no word to swap
    while mentioned:
        slot = mentioned.pop(int(rng.integers(len(mentioned))))
        false_specs = _false_swaps(wording, original.spec, slot, values)
        plausible = _plausible_values(wording, slot, sibling)
        near = [s for s in false_specs if wording.table(slot)[s[slot], plausible].any()]
        if near and rng.random() < _PLAUSIBLE_SHARE:
            false_specs = near
        if false_specs:
            spec = false_specs[int(rng.integers(len(false_specs)))]
            return Caption(fill(original.template, spec, wording), spec, original.template)
    raise ValueError(f"{original.text!r} claims nothing that could be made false")


def _plausible_values(wording: Wording, slot: int, sibling: Sibling) -> list[int]:
    """Values that a product like this might well have: contents of its container, and so on."""
    values = wording.slots[slot].values
    if slot == CONTENT:
        return [
            values.index(name)
            for name, content in market_of(sibling).contents.items()
            if sibling.container in content.containers
        ]
    if slot == TYPE:
        thing = sibling.content == NOTHING
        return [values.index(name) for name in CONTAINERS if (name in THINGS) == thing]
    return list(range(len(values)))


def _false_swaps(wording: Wording, spec: Spec, slot: int, values: NDArray[np.int16]) -> list[Spec]:
    """All specs with another word in one slot, never true together with the old one, and false."""
    table, old = wording.table(slot), spec[slot]
    disjoint = np.flatnonzero(~(table[1:] & table[old]).any(axis=1)) + 1
    words = wording.slots[slot].words
    alike = [w for w in disjoint if ("|" in words[w]) == ("|" in words[old])]
    swaps = [as_spec([*spec[:slot], int(w), *spec[slot + 1 :]]) for w in alike]
    return [s for s in swaps if not is_true(s, values, wording) and _colours_differ(wording, s)]


def _colours_differ(wording: Wording, spec: Spec) -> bool:
    """No "blue and dark blue"."""
    table = wording.table(COLOUR1)
    return spec[COLOUR2] == UNSPECIFIED or not (table[spec[0]] & table[spec[1]]).any()
