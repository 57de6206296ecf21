"""The attributes that vary between products: colours, containers, sizes."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim_bridge.products.pen import Rgb

COLOURS: Final[dict[str, Rgb]] = {
    "red": (200, 25, 30),
    "blue": (30, 75, 195),
    "yellow": (245, 205, 30),
    "green": (35, 140, 60),
    "lime": (165, 205, 70),
    "white": (240, 240, 238),
    "brown": (100, 58, 32),
    "purple": (115, 50, 150),
    "black": (28, 28, 30),
    "orange": (238, 120, 25),
    "pink": (240, 140, 175),
    "navy": (24, 34, 92),
    "sky": (120, 190, 235),
    "grey": (140, 142, 145),
    "multi": (128, 128, 128),
}
"""Name -> typical sRGB. "multi" is a patchwork of many colours; its RGB only fills gaps."""

NO_COLOUR: Final = "none"
PLAIN_COLOURS: Final[tuple[str, ...]] = tuple(c for c in COLOURS if c != "multi")

SIZES: Final[dict[str, float]] = {"normal": 1.0, "little": 0.72, "big": 1.3}
"""Name -> scale of the product's usual measures."""

CONTAINERS: Final[tuple[str, ...]] = (
    "box",
    "can",
    "tin",
    "flat_tin",
    "bottle",
    "spray",
    "bag",
    "bowl",
    "cup",
    "tube",
    "cube",
    "marker",
    "screwdriver",
    "sponge",
)
"""Container or kind of thing. "tin" is rectangular (potted meat), "flat_tin" round (tuna)."""

THINGS: Final[frozenset[str]] = frozenset({"cube", "marker", "screwdriver", "sponge"})
"""Those of CONTAINERS that contain nothing."""

_ALIKE: Final[frozenset[frozenset[str]]] = frozenset(
    frozenset(pair)
    for pair in (
        ("green", "lime"),
        ("navy", "black"),
        ("blue", "navy"),
        ("blue", "sky"),
        ("white", "grey"),
        ("orange", "yellow"),
        ("pink", "red"),
        ("brown", "black"),
        ("sky", "white"),
    )
)


def distinct(first: str, second: str) -> bool:
    """Whether two colours can be told apart as the two colours of one print."""
    return first != second and frozenset((first, second)) not in _ALIKE


def varied(colour: str, rng: np.random.Generator, spread: float = 1.0) -> Rgb:
    """An RGB that a person would still call by the colour's name.

    Args:
        colour: key of COLOURS.
        rng: source of the variation.
        spread: share of the usual variation in hue.
    """
    base = np.array(COLOURS[colour]) * rng.uniform(0.82, 1.12)
    shifted = base + rng.normal(0, 7 * spread, 3) + rng.normal(0, 5)
    red, green, blue = (int(v) for v in shifted.clip(0, 255))
    return red, green, blue
