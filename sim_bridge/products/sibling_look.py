"""What all faces of one sibling's package share: colours, layout, words, lettering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim_bridge.products.attributes import NO_COLOUR, varied
from sim_bridge.products.brands import NO_BRAND, Brand
from sim_bridge.products.contents import NOTHING, Content
from sim_bridge.products.japanese import written_in_japan
from sim_bridge.products.markets import Market, market_of
from sim_bridge.products.pen import Rgb
from sim_bridge.products.sibling import Sibling

LAYOUTS: Final = 9
"""How many ways there are to divide a face into two colours (sibling_prints.paint_ground)."""

_IN_ENGLISH: Final = 0.2
"""Share of a market's own goods that print a word in English all the same."""
_ANY_PATCH: Final = ("red", "blue", "yellow", "white", "black", "green", "orange", "navy", "none")


@dataclass(frozen=True)
class BrandMark:
    """A brand's word as printed on one sibling.

    Attributes:
        text: the word, perhaps in two lines.
        patch: colour behind it, or None.
        letters: colour of the letters, or None for what can be read.
        form: index of the patch's form.
        tilt_deg: slope.
        height: share of the face's height.
    """

    text: str
    patch: Rgb | None
    letters: Rgb | None
    form: int
    tilt_deg: float
    height: float


@dataclass(frozen=True)
class Look:
    """Random choices that all faces of one package share.

    Attributes:
        colour1: main RGB.
        colour2: second RGB; a shade of the first where there is no second colour.
        two_coloured: whether the second is a colour of its own.
        layout: 0 to LAYOUTS - 1.
        share: of the face's height that the second colour takes.
        motif: pictogram, empty for none.
        motif_seed: so that the pictogram is the same on all faces.
        motif_x, motif_y: its centre, share of the face's width and height.
        motif_size: half its extent as a share of the face's smaller side.
        halo: colour of a disc behind the pictogram, or None.
        word: what is inside, as printed; empty for none.
        brand: its mark, or None.
        brand_on_top: the brand stands above the motif and the word below, or the reverse.
        bold: heavy lettering.
        clutter: how many small things are strewn over a face.
    """

    colour1: Rgb
    colour2: Rgb
    two_coloured: bool
    layout: int
    share: float
    motif: str
    motif_seed: int
    motif_x: float
    motif_y: float
    motif_size: float
    halo: Rgb | None
    word: str
    brand: BrandMark | None
    brand_on_top: bool
    bold: bool
    clutter: int


def sample_look(sibling: Sibling, rng: np.random.Generator) -> Look:
    """Draws the look of a sibling's package."""
    colour1 = varied(sibling.colour1, rng)
    market = market_of(sibling)
    content = market.contents[sibling.content] if sibling.content != NOTHING else None
    return Look(
        colour1=colour1,
        colour2=_second_rgb(sibling.colour2, colour1, rng),
        two_coloured=sibling.colour2 != NO_COLOUR,
        layout=int(rng.integers(LAYOUTS)),
        share=rng.uniform(0.28, 0.46),
        motif=str(rng.choice(_motifs(market, sibling, content))) if content else "",
        motif_seed=int(rng.integers(1 << 31)),
        motif_x=rng.uniform(0.38, 0.62),
        motif_y=rng.uniform(0.47, 0.6),
        motif_size=rng.uniform(0.3, 0.48),
        halo=(245, 243, 235) if rng.random() < 0.2 else None,
        word=_printed_word(_words(market, sibling, content, rng), rng) if content else "",
        brand=_sample_mark(sibling, rng),
        brand_on_top=bool(rng.random() < 0.65),
        bold=bool(rng.random() < 0.7),
        clutter=int(rng.integers(0, 5)) if rng.random() < 0.6 else 0,
    )


def _motifs(market: Market, sibling: Sibling, content: Content) -> tuple[str, ...]:
    kind = market.kind(sibling.kind)
    return kind.motifs if kind is not None and kind.motifs else content.motifs


def _words(
    market: Market, sibling: Sibling, content: Content, rng: np.random.Generator
) -> tuple[str, ...]:
    """What may be printed for the content: the market's script, or English on foreign goods."""
    if not market.printed or _is_foreign(market, sibling) or rng.random() < _IN_ENGLISH:
        return content.words
    return market.printed[content.name]


def _is_foreign(market: Market, sibling: Sibling) -> bool:
    """Whether its brand is not written in the market's own script."""
    return sibling.brand != NO_BRAND and not market.brands[sibling.brand].japanese


def _second_rgb(colour2: str, rgb1: Rgb, rng: np.random.Generator) -> Rgb:
    if colour2 != NO_COLOUR:
        return varied(colour2, rng)
    red, green, blue = (int(v) for v in (np.array(rgb1) * rng.uniform(0.75, 1.2)).clip(0, 255))
    return red, green, blue


def _printed_word(words: tuple[str, ...], rng: np.random.Generator) -> str:
    """One of the words, in capitals mostly, long ones in two lines sometimes."""
    word = words[0] if rng.random() < 0.6 else str(rng.choice(words))
    word = word.upper() if rng.random() < 0.75 else word.title()
    return word.replace(" ", "\n", 1) if len(word) > 9 and rng.random() < 0.7 else word


def _sample_mark(sibling: Sibling, rng: np.random.Generator) -> BrandMark | None:
    """The brand's usual mark seven times in ten, else its word in any style."""
    if sibling.brand == NO_BRAND:
        return None
    brand = market_of(sibling).brands[sibling.brand]
    usual = bool(rng.random() < 0.7)
    patch = str(rng.choice(brand.patch if usual else _ANY_PATCH))
    letters = str(rng.choice(brand.lettering)) if usual else ""
    return BrandMark(
        text=_brand_text(brand, rng),
        patch=None if patch == NO_COLOUR else varied(patch, rng, 0.5),
        letters=varied(letters, rng, 0.5) if letters else None,
        form=brand.patch_form if usual else int(rng.integers(4)),
        tilt_deg=brand.tilt_deg if usual else float(rng.choice([0.0, 0.0, 10.0])),
        height=rng.uniform(0.17, 0.26),
    )


def _brand_text(brand: Brand, rng: np.random.Generator) -> str:
    name = brand.name
    if brand.japanese and rng.random() >= _IN_ENGLISH:
        name = str(rng.choice(written_in_japan(brand)))
    text = name.upper() if rng.random() < 0.35 else name
    return text.replace(" ", "\n") if rng.random() < 0.6 else text
