"""Countries by ISO 3166-1 alpha-2, their continents and English names: config/countries.csv.

Continents are those that the second paper compares: the regions of the UN's M49 standard, with the
Americas parted at Panama's border with Colombia.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from culture_perception.label_lookup import key_of
from culture_perception.resources import share_path

UNKNOWN: Final = "unknown"
"""Continent of a region that lies in several, or in none that is known."""
_REGIONS: Final = MappingProxyType(
    {
        **dict.fromkeys(("westasia", "eastasia", "southeastasia", "southasia"), "Asia"),
        **dict.fromkeys(("centralasia", "asia", "middleeast"), "Asia"),
        "africa": "Africa",
        "europe": "Europe",
        "oceania": "Oceania",
        "northamerica": "North America",
        "southamerica": "South America",
    }
)


@dataclass(frozen=True)
class Country:
    """A country or territory: its code, its continent, and English names, the usual one first."""

    code: str
    continent: str
    names: tuple[str, ...]


@cache
def countries() -> Mapping[str, Country]:
    """Every country by its code."""
    with share_path("config", "countries.csv").open(encoding="utf-8", newline="") as lines:
        rows = [
            Country(row["code"], row["continent"], tuple(row["names"].split("|")))
            for row in csv.DictReader(lines)
        ]
    return MappingProxyType({one.code: one for one in rows})


@cache
def _codes_by_name() -> Mapping[str, str]:
    return {key_of(name): one.code for one in countries().values() for name in one.names}


def country_code(text: str) -> str | None:
    """The code that a code (in any case) or an English name stands for; None: nobody's."""
    if text.strip().upper() in countries():
        return text.strip().upper()
    return _codes_by_name().get(key_of(text.replace("_", " ")))


def continent_of(country: str, region: str = "") -> str:
    """The continent of a country's code or, without one, of a region's name; else UNKNOWN."""
    if country:
        return countries()[country].continent
    return _REGIONS.get(key_of(region), UNKNOWN)
