"""English words for the attributes of products: word -> the values that it is true of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim_bridge.products.attributes import CONTAINERS

COLOUR_WORDS: Final[dict[str, Sequence[str]]] = {
    **{c: [c] for c in ("red", "yellow", "white", "brown", "purple", "black", "orange", "pink")},
    "green": ["green", "lime"],
    "blue": ["blue", "navy", "sky"],
    "grey": ["grey"],
    "gray": ["grey"],
    "light green": ["lime"],
    "dark green": ["green"],
    "navy blue": ["navy"],
    "dark blue": ["navy"],
    "light blue": ["sky"],
    "multicolored": ["multi"],
    "colorful": ["multi"],
}

TYPE_WORDS: Final[dict[str, Sequence[str]]] = {
    "box": ["box"],
    "carton": ["box"],
    "package": ["box", "bag"],
    "can": ["can", "tin", "flat_tin"],
    "tin": ["tin", "flat_tin"],
    "bottle": ["bottle", "spray"],
    "spray bottle": ["spray"],
    "spray": ["spray"],
    "bag": ["bag"],
    "packet": ["bag"],
    "pouch": ["bag"],
    "bowl": ["bowl"],
    "cup": ["cup"],
    "tube": ["tube"],
    "cube": ["cube"],
    "puzzle cube": ["cube"],
    "toy cube": ["cube"],
    "marker": ["marker"],
    "pen": ["marker"],
    "marker pen": ["marker"],
    "screwdriver": ["screwdriver"],
    "tool": ["screwdriver"],
    "sponge": ["sponge"],
    "object": CONTAINERS,
    "rectangular|box": ["box"],
    "rectangular|tin": ["tin"],
    "rectangular|can": ["tin"],
    "round|tin": ["flat_tin"],
    "flat|tin": ["flat_tin"],
    "round|can": ["can", "flat_tin"],
    "cylindric|can": ["can"],
    "cylindrical|can": ["can"],
    "tall|bottle": ["bottle", "spray"],
    "round|bowl": ["bowl"],
    "long|tube": ["tube"],
    "square|cube": ["cube"],
    "cylindric|marker": ["marker"],
    "cylindrical|marker": ["marker"],
    "thin|marker": ["marker"],
    "long|tool": ["screwdriver"],
    "pointed|tool": ["screwdriver"],
    "rectangular|sponge": ["sponge"],
    "irregular|sponge": ["sponge"],
    "pointed|object": ["screwdriver"],
    "long pointed|object": ["screwdriver"],
    "long|object": ["screwdriver", "marker", "tube"],
    "cylindric|object": ["can", "marker"],
    "cylindrical|object": ["can", "marker"],
    "square|object": ["cube"],
    "rectangular|object": ["box", "sponge", "tin"],
    "irregular|object": ["sponge"],
    "rectangular irregular|object": ["sponge"],
    "flat rectangular|object": ["sponge"],
}

GROUP_WORDS: Final[dict[str, str]] = {
    "cookies": "cookies crackers chocolate_cookies",
    "biscuits": "cookies crackers chocolate_cookies",
    "cookie": "cookies crackers chocolate_cookies",
    "cracker": "crackers",
    "chocolate cookie": "chocolate_cookies",
    "snack": "potato_chips corn_chips peanuts crackers cookies chocolate_cookies",
    "sweets": "candy chocolates",
    "jelly": "chocolate_jelly strawberry_jelly lime_jelly",
    "gelatin": "strawberry_jelly lime_jelly",
    "pudding": "chocolate_jelly",
    "dessert": "chocolate_jelly strawberry_jelly lime_jelly",
    "cleaner": "cleanser window_cleaner",
    "cleaning liquid": "cleanser window_cleaner bleach",
    "soup": "tomato_soup chicken_soup",
    "noodle": "noodles",
    "chips": "potato_chips corn_chips",
    "tea": "tea green_tea",
    "canned meat": "ham",
    "fish": "tuna",
    "peanut": "peanuts",
    "sauce": "mustard ketchup mayonnaise soy_sauce",
    "condiment": "mustard ketchup mayonnaise soy_sauce salt",
    "drink": "milk juice tea green_tea",
}
"""Content words that are true of several contents, or stand only before a noun ("cookie box")."""

ATTRIBUTIVE: Final = frozenset(
    {"cookie", "cracker", "chocolate cookie", "noodle", "peanut", "snack", "dessert", "drink"}
)
"""Content words that need a noun behind them ("peanut bag", not "bag of peanut")."""

SIZE_WORDS: Final[dict[str, Sequence[str]]] = {
    "little": ["little"],
    "small": ["little"],
    "big": ["big"],
    "large": ["big"],
}
