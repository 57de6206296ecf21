"""English captions of siblings, with what exactly each claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.attributes import THINGS
from sim_bridge.products.brands import NO_BRAND
from sim_bridge.products.contents import CONTENTS, NOTHING
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.templates import implies_many_colours, templates_for
from sim_bridge.products.vocabulary import ATTRIBUTIVE, SLOTS, TABLES, UNSPECIFIED, VOCABULARY

Spec: TypeAlias = tuple[int, int, int, int, int, int]
COLOUR1, COLOUR2, TYPE, CONTENT, SIZE, BRAND = range(6)

_PREFIXES: Final = ("", "", "", "a ", "a ", "the ", "a photo of a ", "a picture of a ")
_CANONICAL_COLOURS: Final = {
    "sky": "light blue",
    "navy": "navy blue",
    "lime": "light green",
    "multi": "multicolored",
}
_CANONICAL_TYPES: Final = {"spray": "spray bottle", "flat_tin": "tin"}


@dataclass(frozen=True)
class Caption:
    """A text and its claims.

    Attributes:
        text: English, ASCII.
        spec: word id of each slot of vocabulary.SLOTS; 0 claims nothing.
        template: what the words were put into, so that one can be swapped.
    """

    text: str
    spec: Spec
    template: str


def attributes(sibling: Sibling) -> NDArray[np.int16]:
    """A sibling's value ids: (6,) in the order of vocabulary.SLOTS."""
    names = (sibling.colour1, sibling.colour2, sibling.container, sibling.content)
    names += (sibling.size, sibling.brand)
    ids = [slot.values.index(name) for slot, name in zip(VOCABULARY, names, strict=True)]
    return np.array(ids, dtype=np.int16)


def is_true(spec: Sequence[int], values: Sequence[int] | NDArray[np.int16]) -> bool:
    """Whether a caption's claims hold: two colours in either order, all other slots as they are.

    Args:
        spec: word ids, as Caption.spec.
        values: value ids, as attributes().
    """
    held = [bool(TABLES[i][spec[i], values[i]]) for i in (TYPE, CONTENT, SIZE, BRAND)]
    table, (word1, word2) = TABLES[COLOUR1], spec[:2]
    first, second = values[COLOUR1], values[COLOUR2]
    colours = bool(table[word1, first])
    if word2 != UNSPECIFIED:
        swapped = table[word1, second] and table[word2, first]
        colours = bool((table[word1, first] and table[word2, second]) or swapped)
    return colours and all(held)


def caption(sibling: Sibling, rng: np.random.Generator, brand: bool | None = None) -> Caption:
    """Draws a caption that is true of a sibling.

    Args:
        sibling: what it describes.
        rng: chooses template and words.
        brand: name the brand (where there is one), or do not; None leaves it to chance.
    """
    values = attributes(sibling)
    while True:
        drawn = _draw_caption(sibling, values, rng, brand)
        if any(drawn.spec[i] and not TABLES[i][drawn.spec[i]].all() for i in range(len(SLOTS))):
            return drawn  # "a big object" of everything, or of nothing, would teach nothing


def _draw_caption(
    sibling: Sibling, values: NDArray[np.int16], rng: np.random.Generator, brand: bool | None
) -> Caption:
    """One caption, which may claim nothing."""
    has_brand = sibling.brand != NO_BRAND
    with_brand = has_brand and (bool(rng.random() < 0.35) if brand is None else brand)
    with_content = sibling.content != NOTHING and bool(rng.random() < 0.85)
    options = templates_for(sibling.container, with_brand, with_content)
    template = options[int(rng.integers(len(options)))]
    spec = _draw_spec(values, template, sibling.container in THINGS, rng)
    if "{brand" in template and rng.random() < 0.6:
        spec = (UNSPECIFIED, UNSPECIFIED, *spec[2:])
    prefix = _PREFIXES[int(rng.integers(len(_PREFIXES)))]
    template = _in_random_case(prefix + template, rng)
    return Caption(_filled(template, spec), spec, template)


def canonical_caption(sibling: Sibling, brand: bool = False) -> Caption:
    """The plain label "<colours> <type> of <content>", or "<brand> <content> <type>".

    Raises:
        ValueError: brand is asked for and the sibling has none.
    """
    if brand and sibling.brand == NO_BRAND:
        raise ValueError(f"{sibling.concept_id} has no brand: ask for brand=False")
    template = "{brand} {content} {type}" if brand else "{colours} {type} of {content}"
    if sibling.content == NOTHING:
        template = "{brand} {type}" if brand else "{colours} {type}"
    spec = _canonical_spec(sibling, brand)
    return Caption(_filled(template, spec), spec, template)


def hard_negative(original: Caption, sibling: Sibling, rng: np.random.Generator) -> Caption:
    """The caption with one mentioned attribute swapped for a word that makes it false.

    Args:
        original: a caption of the sibling with at least one claim.
        sibling: what it is true of.
        rng: chooses attribute and word.

    Raises:
        ValueError: the caption claims nothing that could be swapped.
    """
    values = attributes(sibling)
    mentioned = [i for i, word in enumerate(original.spec) if word]
    if implies_many_colours(original.template):
        mentioned.remove(COLOUR1)  # said by the template itself: no word to swap
    while mentioned:
        slot = mentioned.pop(int(rng.integers(len(mentioned))))
        false_specs = _false_swaps(original.spec, slot, values)
        if false_specs:
            spec = false_specs[int(rng.integers(len(false_specs)))]
            return Caption(_filled(original.template, spec), spec, original.template)
    raise ValueError(f"{original.text!r} claims nothing that could be made false")


def describe(sibling: Sibling, rng: np.random.Generator, captions: int = 16) -> dict[str, Any]:
    """A sibling's record for the training data, fit for JSON.

    Returns:
        id, attributes (value ids), kind, captions (text, spec, negative, negative_spec),
        canonical and canonical_brand (text, spec; the latter None without a brand).
    """
    drawn = [caption(sibling, rng) for _ in range(captions)]
    branded = sibling.brand != NO_BRAND
    return {
        "id": sibling.concept_id,
        "attributes": attributes(sibling).tolist(),
        "kind": sibling.kind,
        "captions": [_with_negative(c, hard_negative(c, sibling, rng)) for c in drawn],
        "canonical": _record(canonical_caption(sibling)),
        "canonical_brand": _record(canonical_caption(sibling, brand=True)) if branded else None,
    }


def grammar() -> dict[str, Any]:
    """The slots with their values, words and truth tables, fit for JSON."""
    return {
        "slots": list(SLOTS),
        "values": [list(slot.values) for slot in VOCABULARY],
        "words": [[word.replace("|", " ") for word in slot.words] for slot in VOCABULARY],
        "tables": [slot.table.astype(int).tolist() for slot in VOCABULARY],
    }


def _record(item: Caption) -> dict[str, Any]:
    return {"text": item.text, "spec": list(item.spec)}


def _with_negative(item: Caption, negative: Caption) -> dict[str, Any]:
    return {
        **_record(item),
        "negative": negative.text,
        "negative_spec": list(negative.spec),
    }


def _draw_spec(
    values: NDArray[np.int16], template: str, thing: bool, rng: np.random.Generator
) -> Spec:
    """True words for the slots that the template has."""
    spec = [UNSPECIFIED] * 6
    if "{colours}" in template:
        spec[:2] = _draw_colours(values, rng)
    elif implies_many_colours(template):
        spec[COLOUR1] = VOCABULARY[COLOUR1].word_id("multicolored")
    spec[TYPE] = _draw_type(int(values[TYPE]), template, thing, rng)
    if "{content}" in template:
        spec[CONTENT] = _draw_content(int(values[CONTENT]), template, rng)
    if "{size}" in template and rng.random() < 0.5:
        spec[SIZE] = _draw_word(SIZE, int(values[SIZE]), rng)
    if "{brand}" in template:
        spec[BRAND] = int(values[BRAND])
    return _as_spec(spec)


def _draw_colours(values: NDArray[np.int16], rng: np.random.Generator) -> list[int]:
    """One colour, two in either order, or, seldom, none."""
    if rng.random() < 0.06:
        return [UNSPECIFIED, UNSPECIFIED]
    first = _draw_word(COLOUR1, int(values[COLOUR1]), rng)
    second = _draw_word(COLOUR2, int(values[COLOUR2]), rng)
    if second == UNSPECIFIED or rng.random() < 0.35:
        return [first, UNSPECIFIED]
    return [second, first] if rng.random() < 0.4 else [first, second]


def _draw_type(value: int, template: str, thing: bool, rng: np.random.Generator) -> int:
    """A word for the container, with an adjective of shape only where the template has room."""
    if "{type}" not in template:
        return UNSPECIFIED
    slot = VOCABULARY[TYPE]
    shaped = "{shape}" in template and bool(rng.random() < (0.4 if thing else 0.12))
    fitting = slot.words_for(value)
    if "{colours}" not in template or "{content}" in template or "{brand}" in template:
        fitting = fitting[~slot.table[fitting].all(axis=1)]  # no "object of coffee"
    words = [w for w in fitting if ("|" in slot.words[w]) == shaped]
    words = words or [w for w in fitting if "|" not in slot.words[w]]
    return _specific(TYPE, words, rng)


def _draw_content(value: int, template: str, rng: np.random.Generator) -> int:
    slot = VOCABULARY[CONTENT]
    words = list(slot.words_for(value))
    if "{content} {type}" not in template:
        words = [w for w in words if slot.words[w] not in ATTRIBUTIVE]
    return _specific(CONTENT, words, rng)


def _draw_word(slot: int, value: int, rng: np.random.Generator) -> int:
    return _specific(slot, list(VOCABULARY[slot].words_for(value)), rng)


def _specific(slot: int, words: Sequence[int], rng: np.random.Generator) -> int:
    """One of the words, rarely one that is true of much; UNSPECIFIED where there is none."""
    if not words:
        return UNSPECIFIED
    weights = 1.0 / TABLES[slot][list(words)].sum(axis=1)
    return int(rng.choice(words, p=weights / weights.sum()))


def _canonical_spec(sibling: Sibling, brand: bool) -> Spec:
    """Each value's usual word."""
    colour, _, kinds, content, _, _ = VOCABULARY
    spec = [UNSPECIFIED] * 6
    spec[TYPE] = kinds.word_id(_CANONICAL_TYPES.get(sibling.container, sibling.container))
    if sibling.content != NOTHING:
        spec[CONTENT] = content.word_id(CONTENTS[sibling.content].words[0])
    if brand:
        spec[BRAND] = int(attributes(sibling)[BRAND])
        return _as_spec(spec)
    for i, name in enumerate((sibling.colour1, sibling.colour2)):
        word = _CANONICAL_COLOURS.get(name, name)
        spec[i] = colour.words.index(word) if word in colour.words else UNSPECIFIED
    return _as_spec(spec)


def _false_swaps(spec: Spec, slot: int, values: NDArray[np.int16]) -> list[Spec]:
    """All specs with another word in one slot, never true together with the old one, and false."""
    table, old = TABLES[slot], spec[slot]
    disjoint = np.flatnonzero(~(table[1:] & table[old]).any(axis=1)) + 1
    words = VOCABULARY[slot].words
    alike = [w for w in disjoint if ("|" in words[w]) == ("|" in words[old])]
    swaps = [_as_spec([*spec[:slot], int(w), *spec[slot + 1 :]]) for w in alike]
    return [s for s in swaps if not is_true(s, values) and _colours_differ(s)]


def _colours_differ(spec: Spec) -> bool:
    """No "blue and dark blue"."""
    table = TABLES[COLOUR1]
    return spec[COLOUR2] == UNSPECIFIED or not (table[spec[0]] & table[spec[1]]).any()


def _as_spec(spec: Sequence[int]) -> Spec:
    colour1, colour2, kind, content, size, brand = (int(word) for word in spec)
    return colour1, colour2, kind, content, size, brand


def _in_random_case(template: str, rng: np.random.Generator) -> str:
    """Marks the brand to be written as it is, in small letters or in capitals."""
    draw = rng.random()
    case = "" if draw < 0.5 else "!lower" if draw < 0.8 else "!upper"
    return template.replace("{brand}", f"{{brand{case}}}")


def _filled(template: str, spec: Spec) -> str:
    """The template with its words, spaces tidied and articles mended."""
    words = [slot.words[i] for slot, i in zip(VOCABULARY, spec, strict=True)]
    adjective, _, noun = words[TYPE].rpartition("|")
    colours = " and ".join(word for word in words[:2] if word)
    brand = words[BRAND]
    parts = {
        "{colours}": colours,
        "{shape}": adjective,
        "{type}": noun,
        "{content}": words[CONTENT],
        "{size}": words[SIZE],
        "{brand}": brand,
        "{brand!lower}": brand.lower(),
        "{brand!upper}": brand.upper(),
    }
    text = re.sub(r"\{[^}]*\}", lambda found: parts[found.group()], template)
    text = " ".join(text.split())
    return re.sub(r"\ba (?=[aeiouAEIOU])", "an ", text)
