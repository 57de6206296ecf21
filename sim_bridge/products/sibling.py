"""What a sibling is: attributes, and a seed for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WEST: Final = "west"
"""The market that English captions and Western brands are of."""


@dataclass(frozen=True)
class Sibling:
    """A product that does not exist: its attributes and the seed of all else.

    Attributes:
        colour1: main colour, key of attributes.COLOURS.
        colour2: second colour, or NO_COLOUR.
        container: one of attributes.CONTAINERS.
        content: key of its market's contents, or NOTHING.
        size: key of attributes.SIZES.
        brand: key of its market's brands, or NO_BRAND.
        kind: key of one of its market's kinds, or GENERAL.
        seed: decides proportions, layout, lettering and wear.
        market: key of markets.MARKETS.
    """

    colour1: str
    colour2: str
    container: str
    content: str
    size: str
    brand: str
    kind: str
    seed: int
    market: str = WEST

    @property
    def concept_id(self) -> str:
        """Its name: "sibling." and 16 hexadecimal digits."""
        return f"sibling.{self.seed:016x}"
