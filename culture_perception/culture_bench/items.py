"""One question about one picture, with four options of which one is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from culture_perception.culture_bench.countries import continent_of, countries

CATEGORIES: Final = (
    "food",
    "plants",
    "animals",
    "landmarks",
    "festivals",
    "historical_artifacts",
    "historical_figures",
    "clothing",
    "architecture",
    "handicrafts",
    "music_and_dance",
    "religion",
    "nature",
    "markets_and_shopping",
    "entertainment",
)
"""The fifteen of Liu et al., "CultureVLM", arXiv:2501.01282."""
KINDS: Final = ("recognition", "cultural_knowledge", "scene_reasoning")
"""Its three types of questions: name it; a deeper fact, the concept unnamed; a scenario."""
OPTIONS: Final = 4
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


class ItemError(ValueError):
    """An item, or a file of items, is wrong; the message says where and what to do."""


@dataclass(frozen=True)
class Item:
    """A question.

    Attributes:
        item_id: stable and unique in its file.
        image: file of the picture.
        question: as it is asked, without the options.
        options: four different texts.
        answer: index of the right one, 0 to 3.
        concept: what the question is about; items of one concept hang together.
        country: ISO 3166-1 alpha-2; "" where only a region is known.
        region: free name, where there is no country.
        category: one of CATEGORIES.
        kind: one of KINDS.
        language: BCP-47 tag of question and options.
    """

    item_id: str
    image: Path
    question: str
    options: tuple[str, ...]
    answer: int
    concept: str
    country: str
    region: str
    category: str
    kind: str
    language: str

    def __post_init__(self) -> None:
        """Refuses what is no question.

        Raises:
            ItemError: a field has a value that it can not have.
        """
        for name in ("item_id", "question", "concept"):
            if not getattr(self, name).strip():
                raise ItemError(f"{name.removeprefix('item_')} is empty; write one")
        _check_options(self.options, self.answer)
        _check_place(self.country, self.region)
        _check_member("category", self.category, CATEGORIES)
        _check_member("type", self.kind, KINDS)
        if not _TAG.fullmatch(self.language):
            raise ItemError(
                f"language {self.language!r} is no tag; write language[-Script][-REGION], "
                "for example ja or pt-BR"
            )

    @property
    def place(self) -> str:
        """The country, or the region where there is none."""
        return self.country or self.region

    @property
    def continent(self) -> str:
        """Of the place; "unknown" where a region does not tell."""
        return continent_of(self.country, self.region)


def _check_options(options: tuple[str, ...], answer: int) -> None:
    if len(options) != OPTIONS or not all(one.strip() for one in options):
        raise ItemError(f"options {list(options)} are not {OPTIONS} texts; give {OPTIONS}")
    if len({one.strip() for one in options}) < OPTIONS:
        raise ItemError(f"options {list(options)} are not all different; change the same ones")
    if not 0 <= answer < OPTIONS:
        raise ItemError(f"answer {answer} is no option; give 0 to {OPTIONS - 1}, or A to D")


def _check_place(country: str, region: str) -> None:
    if not country and not region.strip():
        raise ItemError("neither country nor region is given; give one of the two")
    if country and country not in countries():
        raise ItemError(
            f"country {country!r} is none of ISO 3166-1 alpha-2; write for example JP, or give a "
            "region instead"
        )


def _check_member(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ItemError(f"{name} {value!r} is none of {', '.join(allowed)}")


DIMENSIONS: Final[Mapping[str, Callable[[Item], str]]] = MappingProxyType(
    {
        "region": lambda item: item.place,
        "region and language": lambda item: f"{item.place} ({item.language})",
        "continent": lambda item: item.continent,
        "category": lambda item: item.category,
        "type": lambda item: item.kind,
        "language": lambda item: item.language,
    }
)
"""What items are grouped by."""
