"""Markets: what is sold where, and in which languages it is spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sim_bridge.products.brands import BRANDS, MADE_UP_BRANDS, Brand
from sim_bridge.products.contents import CONTENTS, Content
from sim_bridge.products.english import english
from sim_bridge.products.japan_goods import (
    JAPAN_BRANDS,
    JAPAN_CONTENTS,
    JAPAN_KINDS,
    JAPAN_MADE_UP_BRANDS,
)
from sim_bridge.products.japanese import japanese
from sim_bridge.products.japanese_words import CONTENT_WORDS
from sim_bridge.products.kinds import KINDS, Kind
from sim_bridge.products.sibling import WEST, Sibling
from sim_bridge.products.vocabulary import Wording

JAPAN: Final = "japan"


@dataclass(frozen=True)
class Market:
    """Where goods are sold.

    Attributes:
        name: key of MARKETS.
        languages: BCP-47 tags in which its goods are captioned.
        contents: what its goods may hold.
        brands: whose names are known there.
        made_up_brands: of them, those of general goods.
        kinds: share of all siblings -> kinds that as many imitate; the rest are general goods.
        printed: content -> words in the market's own script; empty: English everywhere.
    """

    name: str
    languages: tuple[str, ...]
    contents: Mapping[str, Content]
    brands: Mapping[str, Brand]
    made_up_brands: tuple[str, ...]
    kinds: tuple[tuple[float, Mapping[str, Kind]], ...]
    printed: Mapping[str, tuple[str, ...]]

    def kind(self, name: str) -> Kind | None:
        """One of its kinds; None for the name of general goods."""
        return next((kinds[name] for _, kinds in self.kinds if name in kinds), None)


MARKETS: Final[Mapping[str, Market]] = {
    WEST: Market(WEST, ("en",), CONTENTS, BRANDS, MADE_UP_BRANDS, ((0.5, KINDS),), {}),
    JAPAN: Market(
        JAPAN,
        ("en", "ja"),
        {**CONTENTS, **JAPAN_CONTENTS},
        {**BRANDS, **JAPAN_BRANDS},
        JAPAN_MADE_UP_BRANDS,
        ((0.45, JAPAN_KINDS), (0.2, KINDS)),
        CONTENT_WORDS,
    ),
}
"""Every market by name. What a market lists first keeps its id when another one lists more."""


def market_of(sibling: Sibling) -> Market:
    """Where a sibling is sold."""
    return MARKETS[sibling.market]


@lru_cache(maxsize=8)
def wordings(market: str) -> tuple[Wording, ...]:
    """How each of a market's languages speaks of its goods."""
    own = MARKETS[market]
    makers = {"en": english, "ja": japanese}
    return tuple(makers[language](own.contents, own.brands) for language in own.languages)
