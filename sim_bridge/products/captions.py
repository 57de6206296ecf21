"""Captions of siblings in the languages of their market, with what exactly each claims."""

from __future__ import annotations

from typing import Any

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
from sim_bridge.products.contents import NOTHING
from sim_bridge.products.markets import wordings
from sim_bridge.products.negatives import hard_negative
from sim_bridge.products.sibling import WEST, Sibling
from sim_bridge.products.vocabulary import SLOTS, UNSPECIFIED, Wording

__all__ = [
    "Caption",
    "attributes",
    "canonical_caption",
    "caption",
    "describe",
    "grammar",
    "hard_negative",
    "is_true",
]


def caption(
    sibling: Sibling, wording: Wording, rng: np.random.Generator, brand: bool | None = None
) -> Caption:
    """Draws a caption that is true of a sibling.

    Args:
        sibling: what it describes.
        wording: of a language of its market.
        rng: chooses template and words.
        brand: name the brand (where there is one), or do not; None leaves it to chance.
    """
    values = attributes(sibling, wording)
    while True:
        drawn = _draw_caption(sibling, wording, values, rng, brand)
        if any(
            drawn.spec[i] and not wording.table(i)[drawn.spec[i]].all() for i in range(len(SLOTS))
        ):
            return drawn  # "a big object" of everything, or of nothing, would teach nothing


def _draw_caption(
    sibling: Sibling,
    wording: Wording,
    values: NDArray[np.int16],
    rng: np.random.Generator,
    brand: bool | None,
) -> Caption:
    """One caption, which may claim nothing."""
    has_brand = sibling.brand != NO_BRAND
    with_brand = has_brand and (bool(rng.random() < 0.35) if brand is None else brand)
    with_content = sibling.content != NOTHING and bool(rng.random() < 0.85)
    options = wording.templates(sibling.container, with_brand, with_content)
    template = options[int(rng.integers(len(options)))]
    spec = draw_spec(wording, values, template, sibling.container in THINGS, rng)
    if "{brand" in template and rng.random() < 0.6:
        spec = (UNSPECIFIED, UNSPECIFIED, *spec[2:])
    frame = wording.frames[int(rng.integers(len(wording.frames)))]
    template = _in_random_case(frame.replace("{}", template), rng)
    return Caption(fill(template, spec, wording), spec, template)


def canonical_caption(sibling: Sibling, wording: Wording, brand: bool = False) -> Caption:
    """The plain label of colours, container and content, or that of brand, content and container.

    Raises:
        ValueError: brand is asked for and the sibling has none.
    """
    if brand and sibling.brand == NO_BRAND:
        raise ValueError(f"{sibling.concept_id} has no brand: ask for brand=False")
    template = wording.canonical[brand, sibling.content != NOTHING]
    spec = _canonical_spec(sibling, wording, brand)
    return Caption(fill(template, spec, wording), spec, template)


def _canonical_spec(sibling: Sibling, wording: Wording, brand: bool) -> Spec:
    """Each value's usual word."""
    names = (
        sibling.colour1,
        sibling.colour2,
        sibling.container,
        sibling.content,
        "",
        sibling.brand,
    )
    spec = [slot.usual_id(name) for slot, name in zip(wording.slots, names, strict=True)]
    said = (TYPE, CONTENT, BRAND) if brand else (0, 1, TYPE, CONTENT)
    return as_spec([word if i in said else UNSPECIFIED for i, word in enumerate(spec)])


def describe(sibling: Sibling, rng: np.random.Generator, captions: int = 16) -> dict[str, Any]:
    """A sibling's record for the training data, fit for JSON.

    Of several languages each has as many captions; word ids are those of `grammar`.

    Returns:
        id, attributes (value ids), kind, captions (language, text, spec, negative,
        negative_spec) and labels: for each language canonical and canonical_brand (text, spec;
        the latter None without a brand).
    """
    spoken = wordings(sibling.market)
    drawn = [
        {
            "language": wording.language,
            **_with_negative(one, hard_negative(one, sibling, wording, rng), shift),
        }
        for wording, shift in zip(spoken, _shifts(spoken), strict=True)
        for one in [caption(sibling, wording, rng) for _ in range(captions // len(spoken))]
    ]
    return {
        "id": sibling.concept_id,
        "attributes": attributes(sibling, spoken[0]).tolist(),
        "kind": sibling.kind,
        "captions": drawn,
        "labels": {
            wording.language: _labels(sibling, wording, shift)
            for wording, shift in zip(spoken, _shifts(spoken), strict=True)
        },
    }


def _labels(sibling: Sibling, wording: Wording, shift: Spec) -> dict[str, Any]:
    branded = sibling.brand != NO_BRAND
    with_brand = canonical_caption(sibling, wording, brand=True) if branded else None
    return {
        "canonical": _record(canonical_caption(sibling, wording), shift),
        "canonical_brand": None if with_brand is None else _record(with_brand, shift),
    }


def grammar(market: str = WEST) -> dict[str, Any]:
    """A market's slots with their values, words and truth tables, fit for JSON.

    The words of all its languages stand in one list a slot; the empty word comes once.
    """
    spoken = wordings(market)
    words: list[list[str]] = [[""] for _ in SLOTS]
    tables: list[list[list[int]]] = [[[1] * len(slot.values)] for slot in spoken[0].slots]
    for wording in spoken:
        for i, slot in enumerate(wording.slots):
            words[i] += [word.replace("|", " ") for word in slot.words[1:]]
            tables[i] += slot.table[1:].astype(int).tolist()
    values = [list(slot.values) for slot in spoken[0].slots]
    return {"slots": list(SLOTS), "values": values, "words": words, "tables": tables}


def _shifts(spoken: tuple[Wording, ...]) -> list[Spec]:
    """How far each language's word ids lie behind its own ones in the common list."""
    sizes = [[len(slot.words) - 1 for slot in wording.slots] for wording in spoken]
    return [
        as_spec(np.sum(sizes[:i], axis=0, dtype=int)) if i else as_spec([0] * 6)
        for i in range(len(sizes))
    ]


def _record(item: Caption, shift: Spec) -> dict[str, Any]:
    return {"text": item.text, "spec": _shifted(item.spec, shift)}


def _with_negative(item: Caption, negative: Caption, shift: Spec) -> dict[str, Any]:
    return {
        **_record(item, shift),
        "negative": negative.text,
        "negative_spec": _shifted(negative.spec, shift),
    }


def _shifted(spec: Spec, shift: Spec) -> list[int]:
    return [word + more if word else UNSPECIFIED for word, more in zip(spec, shift, strict=True)]


def _in_random_case(template: str, rng: np.random.Generator) -> str:
    """Marks the brand to be written as it is, in small letters or in capitals."""
    draw = rng.random()
    case = "" if draw < 0.5 else "!lower" if draw < 0.8 else "!upper"
    return template.replace("{brand}", f"{{brand{case}}}")
