"""Brand words and how each usually looks: the YCB objects' own, and made-up Western ones."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np


@dataclass(frozen=True)
class Brand:
    """A brand word and its usual lettering.

    Attributes:
        name: as it is written.
        contents: what it sells; empty: anything.
        patch: colours of the patch behind its lettering; "none" is no patch.
        lettering: colours of its letters, where they can be read.
        patch_form: index of the patch's form (see sibling_prints).
        tilt_deg: slope of its lettering.
        japanese: how it is written in Japan, the usual way first; empty: by its name.
    """

    name: str
    contents: tuple[str, ...]
    patch: tuple[str, ...]
    lettering: tuple[str, ...]
    patch_form: int
    tilt_deg: float
    japanese: tuple[str, ...] = ()


def real_brand(
    name: str,
    contents: str,
    patch: str,
    lettering: str,
    form: int = 1,
    tilt: float = 0.0,
    japanese: str = "",
) -> Brand:
    """A row of a table; lists are separated by blanks, Japanese by commas."""
    return Brand(
        name,
        tuple(contents.split()),
        tuple(patch.split()),
        tuple(lettering.split()),
        form,
        tilt,
        tuple(japanese.split(", ")) if japanese else (),
    )


_REAL: Final = (
    real_brand("Master Chef", "coffee", "none navy", "white"),
    real_brand("Cheez-it", "crackers cookies", "white yellow none", "red black", 2, 12),
    real_brand("Domino", "sugar", "navy blue red", "white yellow"),
    real_brand("Campbell", "tomato_soup chicken_soup", "none red", "white red", 1, 8),
    real_brand("French's", "mustard ketchup", "red", "white", 2, 6),
    real_brand("StarKist", "tuna", "red none navy", "white yellow", 0),
    real_brand("Jell-o", "chocolate_jelly strawberry_jelly lime_jelly", "red blue none", "white"),
    real_brand("SPAM", "ham", "none navy", "yellow white"),
    real_brand("Soft Scrub", "cleanser bleach", "blue green none", "white navy", 0),
    real_brand("Windex", "window_cleaner cleanser", "red navy", "white", 3, 8),
    real_brand("Expo", "", "none black", "black white"),
    real_brand("Phillips", "", "none", "white black"),
    real_brand("Rubik's", "", "none", "black"),
)

_MADE_UP: Final = (
    "Norvik Altona Brimley Casper Delmar Everly Fargo Gilroy Hartman Ivory Jasper Kelton Lomax "
    "Marlow Nestor Orchard Penrose Quincy Radley Selby Tilden Upton Vernon Waldo Yardley Zephyr "
    "Bravado Cobalt Dorset Emblem"
).split()

_PATCH_COLOURS: Final = ("red", "blue", "yellow", "white", "black", "green", "orange", "navy")


def made_up_brand(name: str, japanese: tuple[str, ...] = ()) -> Brand:
    """A brand whose look follows from its name alone, so that it is the same on all its goods."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    patch = str(rng.choice(_PATCH_COLOURS))
    lettering = "white" if patch in ("red", "blue", "black", "green", "navy") else "black"
    tilt = float(rng.choice([0.0, 0.0, 8.0]))
    return Brand(name, (), (patch,), (lettering,), int(rng.integers(4)), tilt, japanese)


BRANDS: Final[dict[str, Brand]] = {
    brand.name: brand for brand in (*_REAL, *(made_up_brand(name) for name in _MADE_UP))
}
"""Every brand by name."""

MADE_UP_BRANDS: Final[tuple[str, ...]] = tuple(_MADE_UP)
NO_BRAND: Final = "none"


def brands_of(content: str, brands: Mapping[str, Brand] = BRANDS) -> tuple[str, ...]:
    """Names of the brands that sell a content and not just anything; empty where none does."""
    return tuple(brand.name for brand in brands.values() if content in brand.contents)
