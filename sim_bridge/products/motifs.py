"""Pictograms of what a package holds: a coffee cup, a fish, soap bubbles ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from PIL import ImageDraw

from sim_bridge.products import motifs_foods, motifs_goods, motifs_sweets
from sim_bridge.products.pen import Pen
from sim_bridge.products.pictures import PICTURES

_Drawer: TypeAlias = Callable[[Pen, np.random.Generator], None]

_DRAWERS: Final[dict[str, _Drawer]] = {
    "beans": motifs_foods.beans,
    "bubbles": motifs_goods.bubbles,
    "candy": motifs_sweets.candy,
    "cat": motifs_goods.cat,
    "chips": motifs_sweets.chips,
    "chocolate": motifs_sweets.chocolate,
    "chocolate_cookies": motifs_sweets.chocolate_cookies,
    "chocolate_jelly": motifs_sweets.chocolate_jelly,
    "coffee": motifs_foods.coffee,
    "cookies": motifs_sweets.cookies,
    "corn": motifs_foods.corn,
    "crackers": motifs_sweets.crackers,
    "drop": motifs_goods.drop,
    "egg": motifs_foods.egg,
    "eye_mask": motifs_goods.eye_mask,
    "fish": motifs_foods.fish,
    "flakes": motifs_sweets.flakes,
    "flower": motifs_goods.flower,
    "ham": motifs_foods.ham,
    "honey": motifs_sweets.honey,
    "hotdog": motifs_foods.hotdog,
    "leaf": motifs_goods.leaf,
    "lime_jelly": motifs_sweets.lime_jelly,
    "milk": motifs_foods.milk,
    "noodles": motifs_foods.noodles,
    "orange": motifs_foods.orange,
    "peanuts": motifs_sweets.peanuts,
    "rice": motifs_foods.rice,
    "salt": motifs_foods.salt,
    "shirt": motifs_goods.shirt,
    "soba": motifs_foods.soba,
    "soup_bowl": motifs_foods.soup_bowl,
    "sparkle": motifs_goods.sparkle,
    "strawberry_jelly": motifs_sweets.strawberry_jelly,
    "sugar_cubes": motifs_foods.sugar_cubes,
    "tea_cup": motifs_foods.tea_cup,
    "tomato": motifs_foods.tomato,
    "tooth": motifs_goods.tooth,
    "window": motifs_goods.window,
    **PICTURES,
}

MOTIFS: Final[tuple[str, ...]] = tuple(_DRAWERS)
"""The names draw_motif knows."""


def draw_motif(
    draw: ImageDraw.ImageDraw,
    name: str,
    x: float,
    y: float,
    size: float,
    rng: np.random.Generator,
) -> None:
    """Draws a pictogram into an RGB picture.

    Args:
        draw: of the picture.
        name: one of MOTIFS.
        x: centre, pixels.
        y: centre, pixels.
        size: half the pictogram's width and height, pixels.
        rng: decides mirroring and where loose pieces lie.

    Raises:
        ValueError: no motif has this name.
    """
    if name not in _DRAWERS:
        raise ValueError(f"no motif is called {name!r}; choose one of {', '.join(MOTIFS)}")
    mirror = 1 if rng.random() < 0.5 else -1
    _DRAWERS[name](Pen(draw, x, y, size, mirror), rng)
