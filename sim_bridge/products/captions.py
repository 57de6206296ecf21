"""English captions of siblings, with what exactly each claims."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.attributes import THINGS
from sim_bridge.products.brands import NO_BRAND
from sim_bridge.products.caption_words import draw_spec
from sim_bridge.products.claims import (
    BRAND,
    CONTENT,
    TYPE,
    Caption,
    Spec,
    as_spec,
    attributes,
    fill,
    is_true,
)
from sim_bridge.products.contents import CONTENTS, NOTHING
from sim_bridge.products.negatives import hard_negative
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.templates import templates_for
from sim_bridge.products.vocabulary import SLOTS, TABLES, UNSPECIFIED, VOCABULARY

__all__ = [
    "TABLES",
    "Caption",
    "attributes",
    "canonical_caption",
    "caption",
    "describe",
    "grammar",
    "hard_negative",
    "is_true",
]

_PREFIXES: Final = ("", "", "", "a ", "a ", "the ", "a photo of a ", "a picture of a ")
_CANONICAL_COLOURS: Final = {
    "sky": "light blue",
    "navy": "navy blue",
    "lime": "light green",
    "multi": "multicolored",
}
_CANONICAL_TYPES: Final = {"spray": "spray bottle", "flat_tin": "tin"}


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
    spec = draw_spec(values, template, sibling.container in THINGS, rng)
    if "{brand" in template and rng.random() < 0.6:
        spec = (UNSPECIFIED, UNSPECIFIED, *spec[2:])
    prefix = _PREFIXES[int(rng.integers(len(_PREFIXES)))]
    template = _in_random_case(prefix + template, rng)
    return Caption(fill(template, spec), spec, template)


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
    return Caption(fill(template, spec), spec, template)


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


def _canonical_spec(sibling: Sibling, brand: bool) -> Spec:
    """Each value's usual word."""
    colour, _, kinds, content, _, _ = VOCABULARY
    spec = [UNSPECIFIED] * 6
    spec[TYPE] = kinds.word_id(_CANONICAL_TYPES.get(sibling.container, sibling.container))
    if sibling.content != NOTHING:
        spec[CONTENT] = content.word_id(CONTENTS[sibling.content].words[0])
    if brand:
        spec[BRAND] = int(attributes(sibling)[BRAND])
        return as_spec(spec)
    for i, name in enumerate((sibling.colour1, sibling.colour2)):
        word = _CANONICAL_COLOURS.get(name, name)
        spec[i] = colour.words.index(word) if word in colour.words else UNSPECIFIED
    return as_spec(spec)


def _in_random_case(template: str, rng: np.random.Generator) -> str:
    """Marks the brand to be written as it is, in small letters or in capitals."""
    draw = rng.random()
    case = "" if draw < 0.5 else "!lower" if draw < 0.8 else "!upper"
    return template.replace("{brand}", f"{{brand{case}}}")
