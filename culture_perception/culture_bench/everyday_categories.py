"""Which of the fifteen categories everyday objects of Dollar Street and GeoDE belong to.

Neither data set has them: a name's words decide. What no word places is an everyday good, and
counts as markets and shopping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EVERYDAY: Final = "markets_and_shopping"
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "food": "food spices spice salt drink drinks water vegetables fruits fruit meat grains "
        "bread tea dinner eating",
        "plants": "plant plants crops flowers garden",
        "animals": "dog cat pet pets animal animals livestock chicken",
        "clothing": "clothes shoes hat shirt jewelry necklaces wardrobe earrings dress",
        "architecture": "house home roof ceiling door wall floor window fence street streetlight "
        "storefront building bathroom kitchen backyard",
        "landmarks": "monument flag",
        "religion": "religious worship temple church mosque",
        "music_and_dance": "music instrument instruments radio",
        "entertainment": "toy toys tv television games sports play",
        "nature": "tree trees river mountain view",
        "handicrafts": "handicraft handicrafts weaving pottery basket",
    }
)
_ORDER: Final = (
    "religion", "landmarks", "music_and_dance", "entertainment", "food", "clothing", "handicrafts",
    "animals", "plants", "architecture", "nature",
)  # fmt: skip


def category_of(name: str) -> str:
    """The category of an object's or a topic's name, such as "religious building"."""
    words = set(re.findall(r"[a-z]+", name.casefold()))
    for category in _ORDER:
        if words & set(_WORDS[category].split()):
            return category
    return EVERYDAY
