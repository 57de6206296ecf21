"""Chooses true words for the slots of a caption's template."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.claims import BRAND, COLOUR1, COLOUR2, CONTENT, SIZE, TYPE, Spec, as_spec
from sim_bridge.products.templates import implies_many_colours
from sim_bridge.products.vocabulary import UNSPECIFIED, Slot, Wording


def draw_spec(
    wording: Wording,
    values: NDArray[np.int16],
    template: str,
    thing: bool,
    rng: np.random.Generator,
) -> Spec:
    """Draws true words for the slots that a template has.

    Args:
        wording: whose words.
        values: (6,) value ids, as claims.attributes.
        template: one of the wording's.
        thing: whether it is one of attributes.THINGS, which are often called by their shape.
        rng: chooses the words.
    """
    spec = [UNSPECIFIED] * 6
    if "{colours}" in template:
        spec[:2] = _draw_colours(wording, values, rng)
    elif implies_many_colours(template):
        spec[COLOUR1] = wording.slots[COLOUR1].usual_id("multi")
    spec[TYPE] = _draw_type(wording, int(values[TYPE]), template, thing, rng)
    if "{content}" in template:
        spec[CONTENT] = _draw_content(wording, int(values[CONTENT]), template, rng)
    if "{size}" in template and rng.random() < 0.5:
        spec[SIZE] = _draw_word(wording, SIZE, int(values[SIZE]), rng)
    if "{brand}" in template:
        spec[BRAND] = _draw_brand(wording, int(values[BRAND]), rng)
    return as_spec(spec)


def _draw_colours(
    wording: Wording, values: NDArray[np.int16], rng: np.random.Generator
) -> list[int]:
    """One colour, two in either order, or, seldom, none."""
    if rng.random() < 0.06:
        return [UNSPECIFIED, UNSPECIFIED]
    first = _draw_word(wording, COLOUR1, int(values[COLOUR1]), rng)
    second = _draw_word(wording, COLOUR2, int(values[COLOUR2]), rng)
    if second == UNSPECIFIED or rng.random() < 0.35:
        return [first, UNSPECIFIED]
    return [second, first] if rng.random() < 0.4 else [first, second]


def _draw_type(
    wording: Wording, value: int, template: str, thing: bool, rng: np.random.Generator
) -> int:
    """A word for the container, with an adjective of shape only where the template has room."""
    if "{type}" not in template:
        return UNSPECIFIED
    slot = wording.slots[TYPE]
    shaped = "{shape}" in template and bool(rng.random() < (0.4 if thing else 0.12))
    fitting = slot.words_for(value)
    if "{colours}" not in template or "{content}" in template or "{brand}" in template:
        fitting = fitting[~slot.table[fitting].all(axis=1)]  # no "object of coffee"
    words = [w for w in fitting if ("|" in slot.words[w]) == shaped]
    words = words or [w for w in fitting if "|" not in slot.words[w]]
    return _specific(slot, words, rng)


def _draw_content(wording: Wording, value: int, template: str, rng: np.random.Generator) -> int:
    slot = wording.slots[CONTENT]
    words = list(slot.words_for(value))
    if "{content} {type}" not in template:
        words = [w for w in words if slot.words[w] not in wording.attributive]
    return _specific(slot, words, rng)


def _draw_brand(wording: Wording, value: int, rng: np.random.Generator) -> int:
    """Any of the ways in which the brand is written."""
    words = wording.slots[BRAND].words_for(value)
    return int(words[0] if len(words) == 1 else rng.choice(words))


def _draw_word(wording: Wording, index: int, value: int, rng: np.random.Generator) -> int:
    slot = wording.slots[index]
    return _specific(slot, list(slot.words_for(value)), rng)


def _specific(slot: Slot, words: Sequence[int], rng: np.random.Generator) -> int:
    """One of the words, rarely one that is true of much; UNSPECIFIED where there is none."""
    if not words:
        return UNSPECIFIED
    weights = 1.0 / slot.table[list(words)].sum(axis=1)
    return int(rng.choice(words, p=weights / weights.sum()))
