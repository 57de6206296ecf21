"""What a sibling is: attributes, and a seed for the rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sibling:
    """A product that does not exist: its attributes and the seed of all else.

    Attributes:
        colour1: main colour, key of attributes.COLOURS.
        colour2: second colour, or NO_COLOUR.
        container: one of attributes.CONTAINERS.
        content: key of contents.CONTENTS, or NOTHING.
        size: key of attributes.SIZES.
        brand: key of brands.BRANDS, or NO_BRAND.
        kind: key of kinds.KINDS, or GENERAL.
        seed: decides proportions, layout, lettering and wear.
    """

    colour1: str
    colour2: str
    container: str
    content: str
    size: str
    brand: str
    kind: str
    seed: int

    @property
    def concept_id(self) -> str:
        """Its name: "sibling." and 16 hexadecimal digits."""
        return f"sibling.{self.seed:016x}"
