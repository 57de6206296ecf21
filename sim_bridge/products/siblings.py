"""Random siblings: products for training, drawn from a market's general goods and its kinds."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np

from sim_bridge.products.attributes import (
    NO_COLOUR,
    PLAIN_COLOURS,
    THINGS,
    distinct,
)
from sim_bridge.products.brands import NO_BRAND, brands_of
from sim_bridge.products.contents import NOTHING
from sim_bridge.products.export import Product
from sim_bridge.products.kinds import GENERAL, Kind
from sim_bridge.products.markets import MARKETS, Market
from sim_bridge.products.sibling import WEST, Sibling
from sim_bridge.products.sibling_shapes import build_shape

_HELD_OUT_EVERY: Final = 6
_MAX_DRAWS: Final = 10_000
_CONTAINER_WEIGHTS: Final[dict[str, float]] = {
    "box": 28,
    "can": 13,
    "tin": 6,
    "flat_tin": 8,
    "bottle": 20,
    "spray": 6,
    "bag": 14,
    "bowl": 5,
    "cup": 5,
    "tube": 5,
    "cube": 2,
    "marker": 4,
    "screwdriver": 4,
    "sponge": 3,
}
_SECOND_COLOURS: Final = ("white", "white", "white", "yellow", "red", "blue", "black")


def sample_sibling(rng: np.random.Generator, held_out: bool = False, market: str = WEST) -> Sibling:
    """Draws a sibling: general goods, or one of the market's kinds, by the market's shares.

    Args:
        rng: source of all randomness.
        held_out: draw only combinations of container, main colour and content that training
            never shows; False draws only those that it may show.
        market: key of markets.MARKETS.
    """
    sold = MARKETS[market]
    for _ in range(_MAX_DRAWS):
        sibling = _sample(sold, rng)
        if is_held_out(sibling.container, sibling.colour1, sibling.content) == held_out:
            return sibling
    raise RuntimeError(f"no sibling with held_out={held_out} in {_MAX_DRAWS} draws")


def _sample(market: Market, rng: np.random.Generator) -> Sibling:
    share = 1 - float(rng.random())
    for part, kinds in market.kinds:
        if share <= part:
            return _sample_of_kind(market, tuple(kinds.values()), rng)
        share -= part
    return _sample_general(market, rng)


def build_sibling(sibling: Sibling) -> Product:
    """Makes a sibling's mesh and print; the same sibling gives the same product."""
    mesh, texture = build_shape(sibling)
    return Product(sibling.concept_id, mesh.centred(), texture)


def is_held_out(container: str, colour: str, content: str) -> bool:
    """Whether a combination is kept from training: about one in six, by a stable hash.

    What the YCB kinds usually look like is never held out, nor are things without content.
    """
    if content == NOTHING or (container, colour, content) in _usual_combinations():
        return False
    key = f"{container}|{colour}|{content}"
    return zlib.crc32(key.encode()) % _HELD_OUT_EVERY == 0


@lru_cache(maxsize=1)
def _usual_combinations() -> frozenset[tuple[str, str, str]]:
    """Container, main colour, content of the palettes of every market's kinds."""
    kinds = chain.from_iterable(
        each.values() for market in MARKETS.values() for _, each in market.kinds
    )
    return frozenset((k.container, c, k.content) for k in kinds for c, _ in k.palette)


def _choice(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _sample_general(market: Market, rng: np.random.Generator) -> Sibling:
    """Any container with what it may contain, in any colours, by any brand."""
    names, weights = zip(*_CONTAINER_WEIGHTS.items(), strict=True)
    container = str(rng.choice(names, p=np.array(weights) / sum(weights)))
    content = _sample_content(market, container, rng)
    usual = market.contents[content].colours if content != NOTHING else PLAIN_COLOURS
    colour1 = _choice(rng, usual if rng.random() < 0.5 else PLAIN_COLOURS)
    colour1, colour2 = _sample_colours(container, colour1, rng)
    size = _choice(rng, ("normal", "normal", "little", "big"))
    brand = _sample_brand(market, content, rng)
    seed, name = _seed(rng), market.name
    return Sibling(colour1, colour2, container, content, size, brand, GENERAL, seed, name)


def _sample_of_kind(market: Market, kinds: Sequence[Kind], rng: np.random.Generator) -> Sibling:
    """One of the kinds, six times in ten in its own palette."""
    kind = kinds[int(rng.integers(len(kinds)))]
    colour1, colour2 = kind.palette[int(rng.integers(len(kind.palette)))]
    if rng.random() > 0.6:
        any_colour = _choice(rng, PLAIN_COLOURS)
        colour1, colour2 = _sample_colours(kind.container, any_colour, rng)
    size, brand = _choice(rng, kind.sizes), _brand_of_kind(market, kind, rng)
    return Sibling(
        colour1, colour2, kind.container, kind.content, size, brand, kind.name, _seed(rng),
        market.name,
    )  # fmt: skip


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 62))


def _sample_content(market: Market, container: str, rng: np.random.Generator) -> str:
    """A content by how usual the container is for it."""
    if container in THINGS:
        return NOTHING
    sold = market.contents
    fitting = [name for name, content in sold.items() if container in content.containers]
    weights = np.array([sold[name].containers.count(container) for name in fitting], float)
    return str(rng.choice(fitting, p=weights / weights.sum()))


def _sample_colours(container: str, colour1: str, rng: np.random.Generator) -> tuple[str, str]:
    """Main and second colour as the container allows."""
    if container == "cube":
        return "multi", NO_COLOUR
    two = {"marker": 0.9, "screwdriver": 0.9, "spray": 0.9, "sponge": 0.25}.get(container, 0.6)
    if rng.random() > two:
        return colour1, NO_COLOUR
    options = [c for c in (*_SECOND_COLOURS, *PLAIN_COLOURS) if distinct(colour1, c)]
    return colour1, _choice(rng, options)


def _sample_brand(market: Market, content: str, rng: np.random.Generator) -> str:
    """None, a made-up brand, or a real one that fits the content."""
    if content == NOTHING:
        return NO_BRAND
    draw = rng.random()
    real = brands_of(content, market.brands)
    if real and draw < 0.25:
        return _choice(rng, real)
    return _choice(rng, market.made_up_brands) if draw < 0.65 else NO_BRAND


def _brand_of_kind(market: Market, kind: Kind, rng: np.random.Generator) -> str:
    """Mostly the kind's own brand; seldom none or another, so that shape alone does not name it."""
    draw = rng.random()
    if kind.brand == NO_BRAND or draw < 0.12:
        return NO_BRAND
    if draw < 0.2 and market.brands[kind.brand].contents:
        return _choice(rng, market.made_up_brands)
    return kind.brand
