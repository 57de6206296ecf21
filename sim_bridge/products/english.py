"""How English speaks of a market's goods."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from sim_bridge.products.attributes import COLOURS, CONTAINERS, NO_COLOUR, SIZES
from sim_bridge.products.brands import NO_BRAND, Brand
from sim_bridge.products.contents import NOTHING, Content
from sim_bridge.products.english_words import (
    ATTRIBUTIVE,
    COLOUR_WORDS,
    GROUP_WORDS,
    SIZE_WORDS,
    TYPE_WORDS,
)
from sim_bridge.products.templates import templates_for
from sim_bridge.products.vocabulary import Wording, make_slot

_FRAMES: Final = (
    "{}",
    "{}",
    "{}",
    "a {}",
    "a {}",
    "the {}",
    "a photo of a {}",
    "a picture of a {}",
)
_CANONICAL: Final = {
    (False, False): "{colours} {type}",
    (False, True): "{colours} {type} of {content}",
    (True, False): "{brand} {type}",
    (True, True): "{brand} {content} {type}",
}
_USUAL_COLOURS: Final = {
    "sky": "light blue",
    "navy": "navy blue",
    "lime": "light green",
    "multi": "multicolored",
}
_USUAL_TYPES: Final = {"spray": "spray bottle", "flat_tin": "tin"}


def english(contents: Mapping[str, Content], brands: Mapping[str, Brand]) -> Wording:
    """English for goods with these contents and brands."""
    colours = make_slot(
        [*COLOURS, NO_COLOUR], COLOUR_WORDS, {c: _USUAL_COLOURS.get(c, c) for c in COLOURS}
    )
    types = {name: _USUAL_TYPES.get(name, name) for name in CONTAINERS}
    return Wording(
        language="en",
        slots=(
            colours,
            colours,
            make_slot(CONTAINERS, TYPE_WORDS, types),
            make_slot(
                [NOTHING, *contents],
                _content_words(contents),
                {name: content.words[0] for name, content in contents.items()},
            ),
            make_slot(list(SIZES), SIZE_WORDS, {}),
            make_slot(
                [NO_BRAND, *brands],
                {brand.name: [key] for key, brand in brands.items()},
                {key: brand.name for key, brand in brands.items()},
            ),
        ),
        templates=templates_for,
        canonical=_CANONICAL,
        frames=_FRAMES,
        attributive=ATTRIBUTIVE,
        joined_colours=_joined,
        tidied=_tidied,
    )


def _content_words(contents: Mapping[str, Content]) -> dict[str, list[str]]:
    """Each content's own words first, then the words of groups."""
    meaning: dict[str, list[str]] = {}
    for content in contents.values():
        for word in content.words:
            meaning.setdefault(word, []).append(content.name)
    for word, names in GROUP_WORDS.items():
        known = [name for name in names.split() if name in contents]
        meaning[word] = sorted({*meaning.get(word, []), *known})
    return meaning


def _joined(colours: Sequence[str]) -> str:
    return " and ".join(colours)


def _tidied(text: str) -> str:
    """Spaces tidied and articles mended."""
    return re.sub(r"\ba (?=[aeiouAEIOU])", "an ", " ".join(text.split()))
