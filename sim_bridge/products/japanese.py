"""How Japanese speaks of a market's goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sim_bridge.products.attributes import COLOURS, CONTAINERS, NO_COLOUR, SIZES, THINGS
from sim_bridge.products.brands import NO_BRAND, Brand
from sim_bridge.products.contents import NOTHING, Content
from sim_bridge.products.japanese_words import (
    COLOUR_WORDS,
    CONTENT_WORDS,
    GROUP_WORDS,
    SIZE_WORDS,
    TYPE_WORDS,
    USUAL_COLOURS,
    USUAL_TYPES,
)
from sim_bridge.products.vocabulary import Wording, make_slot

_FRAMES: Final = ("{}", "{}", "{}", "{}", "{}の写真", "これは{}です", "テーブルの上の{}")
_CANONICAL: Final = {
    (False, False): "{colours}{type}",
    (False, True): "{colours}{content}の{type}",
    (True, False): "{brand}の{type}",
    (True, True): "{brand}の{content}の{type}",
}
_PLAIN: Final = ("{colours}{type}", "{colours}{type}", "{size}{colours}{type}", "{size}{type}")
_WITH_CONTENT: Final = (
    "{colours}{content}の{type}",
    "{colours}{content}の{type}",
    "{content}の{type}",
    "{content}の{type}",
    "{size}{colours}{content}の{type}",
    "{size}{content}の{type}",
    "{colours}{type}の{content}",
    "{type}入りの{content}",
    "{colours}{type}に入った{content}",
    "{colours}{content}",
    "{content}",
    "{colours}{type}",
)
_WITH_BRAND: Final = ("{brand}の{type}", "{brand}の{type}", "{colours}{brand}の{type}", "{brand}")
_WITH_BRAND_AND_CONTENT: Final = (
    "{brand}の{type}",
    "{brand}の{type}",
    "{brand}",
    "{brand}",
    "{colours}{brand}の{type}",
    "{brand} {content}の{type}",
    "{brand}{content}の{type}",
    "{brand}の{content}",
    "{brand}の{content}の{type}",
    "{brand}の{content}{type}",
    "{brand}という{content}",
    "{content}{brand}",
)


def japanese(contents: Mapping[str, Content], brands: Mapping[str, Brand]) -> Wording:
    """Japanese for goods with these contents and brands."""
    colours = make_slot([*COLOURS, NO_COLOUR], COLOUR_WORDS, USUAL_COLOURS)
    return Wording(
        language="ja",
        slots=(
            colours,
            colours,
            make_slot(CONTAINERS, TYPE_WORDS, USUAL_TYPES),
            make_slot(
                [NOTHING, *contents],
                _content_words(contents),
                {name: CONTENT_WORDS[name][0] for name in contents},
            ),
            make_slot(list(SIZES), SIZE_WORDS, {}),
            make_slot(
                [NO_BRAND, *brands],
                _brand_words(brands),
                {key: written_in_japan(brand)[0] for key, brand in brands.items()},
            ),
        ),
        templates=_templates,
        canonical=_CANONICAL,
        frames=_FRAMES,
        attributive=frozenset(),
        joined_colours=_joined,
        tidied=str.strip,
    )


def written_in_japan(brand: Brand) -> tuple[str, ...]:
    """How a brand is written in Japanese text, the usual way first; foreign ones by their names."""
    return brand.japanese or (brand.name,)


def _brand_words(brands: Mapping[str, Brand]) -> dict[str, list[str]]:
    """Each way of writing -> the brands whose own name it is."""
    meaning: dict[str, list[str]] = {}
    for key, brand in brands.items():
        for word in written_in_japan(brand):
            meaning.setdefault(word, []).append(key)
    return meaning


def _content_words(contents: Mapping[str, Content]) -> dict[str, list[str]]:
    """Each content's own words first, then the words of groups."""
    meaning = {word: [name] for name in contents for word in CONTENT_WORDS[name]}
    for word, names in GROUP_WORDS.items():
        meaning[word] = [name for name in names.split() if name in contents]
    return meaning


def _templates(container: str, with_brand: bool, with_content: bool) -> tuple[str, ...]:
    if with_brand:
        return _WITH_BRAND_AND_CONTENT if with_content else _WITH_BRAND
    return _WITH_CONTENT if with_content and container not in THINGS else _PLAIN


def _joined(colours: Sequence[str]) -> str:
    """Alone as in 赤い, together as in 赤と白の."""
    stems = [colour.partition("|")[0] for colour in colours]
    if len(colours) == 1:
        return colours[0].replace("|", "")
    return "と".join(stems) + "の" if stems else ""
