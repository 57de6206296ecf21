"""Kinds of products that siblings imitate: container, content, brand, palette; the 15 of YCB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim_bridge.products.attributes import NO_COLOUR
from sim_bridge.products.brands import NO_BRAND
from sim_bridge.products.contents import NOTHING


@dataclass(frozen=True)
class Kind:
    """One kind of product.

    Attributes:
        name: as in the concept id after the dot, "ycb.<name>".
        container: as in attributes.CONTAINERS.
        content: key of its market's contents, or NOTHING.
        brand: key of its market's brands, or NO_BRAND.
        palette: usual (main colour, second colour or NO_COLOUR).
        form: usual proportions of a box (see sibling_shapes); empty: any.
        sizes: usual sizes; repeated ones are more usual.
        motifs: pictograms that show it; empty: those of its content.
    """

    name: str
    container: str
    content: str
    brand: str
    palette: tuple[tuple[str, str], ...]
    form: str = ""
    sizes: tuple[str, ...] = ("normal", "normal", "normal", "little", "big")
    motifs: tuple[str, ...] = ()


def as_palette(pairs: str) -> tuple[tuple[str, str], ...]:
    """From "red/white blue": pairs by blanks, the two colours by a slash."""
    split = (pair.partition("/") for pair in pairs.split())
    return tuple((first, second or NO_COLOUR) for first, _, second in split)


_TABLE: Final = (
    Kind("master_chef_can", "can", "coffee", "Master Chef",
         as_palette("blue blue blue/white blue/red navy/white")),
    Kind("cracker_box", "box", "crackers", "Cheez-it",
         as_palette("red red red/yellow red/white red/orange"), "large"),
    Kind("sugar_box", "box", "sugar", "Domino",
         as_palette("white/yellow white/yellow yellow/white yellow/white yellow/blue"), "tall"),
    Kind("tomato_soup_can", "can", "tomato_soup", "Campbell",
         as_palette("red/white red/white red/white white/red")),
    Kind("mustard_bottle", "bottle", "mustard", "French's",
         as_palette("yellow yellow yellow yellow/red yellow/white")),
    Kind("tuna_fish_can", "flat_tin", "tuna", "StarKist",
         as_palette("blue blue blue/yellow blue/white navy blue/green"),
         sizes=("normal", "little", "little")),
    Kind("pudding_box", "box", "chocolate_jelly", "Jell-o",
         as_palette("brown brown brown/white brown/red brown/yellow"), "dessert"),
    Kind("gelatin_box", "box", "strawberry_jelly", "Jell-o",
         as_palette("red red red/white red/pink red/blue"), "dessert"),
    Kind("potted_meat_can", "tin", "ham", "SPAM",
         as_palette("blue/yellow blue/yellow blue navy/yellow")),
    Kind("bleach_cleanser", "bottle", "cleanser", "Soft Scrub",
         as_palette("white white white/blue white/green white/yellow")),
    Kind("windex_bottle", "spray", "window_cleaner", "Windex",
         as_palette("red/navy navy/red navy/red blue/red sky/red")),
    Kind("sponge", "sponge", NOTHING, NO_BRAND,
         as_palette("green green green green/yellow lime")),
    Kind("large_marker", "marker", NOTHING, "Expo",
         as_palette("white/black white/black white/black black/white")),
    Kind("phillips_screwdriver", "screwdriver", NOTHING, "Phillips",
         as_palette("blue/black black/blue blue/black black/blue navy/grey")),
    Kind("rubiks_cube", "cube", NOTHING, "Rubik's", as_palette("multi")),
)  # fmt: skip

KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _TABLE}
"""Every kind by name."""

GENERAL: Final = "general"
"""The kind of siblings that imitate none of them."""
