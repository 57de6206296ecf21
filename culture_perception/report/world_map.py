"""A map of the world: in each country that has items, how many are answered rightly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final

from matplotlib import colormaps
from matplotlib.colors import to_hex

from culture_perception.culture_bench.countries import countries
from culture_perception.report.culture_reading import CultureCell, CultureRun
from culture_perception.resources import share_path

_COLOURS: Final = "viridis"
_LAND: Final = "#d5dade"
_LEGEND_STEPS: Final = 20
_LEGEND: Final = (40, 700, 420, 26)
"""Left, top, width and height of the scale, units of the map."""


@dataclass(frozen=True)
class WorldMap:
    """A map of one model.

    Attributes:
        caption: for people.
        svg: the picture, with a title on each country that has items.
    """

    caption: str
    svg: str


def world_maps(run: CultureRun) -> list[WorldMap]:
    """A map of each model's accuracy with pictures; none where no item is of a country."""
    outlines = _outlines()["paths"]
    found = []
    for model in run.models:
        places = [
            one
            for one in run.cells
            if (one.model, one.mode, one.dimension) == (model, "image", "region")
        ]
        shown = {one.group: one for one in places if one.group in outlines}
        if shown:
            rest = [_said(one) for one in places if one.group not in outlines]
            caption = f"{model}: accuracy by country; grey: no items."
            caption += f" Not on the map: {', '.join(rest)}." if rest else ""
            found.append(WorldMap(caption, _svg(shown)))
    return found


@lru_cache(maxsize=1)
def _outlines() -> dict[str, Any]:
    """ISO 3166-1 alpha-2 code -> outline, as tools/write_world_map.py wrote them."""
    record: dict[str, Any] = json.loads(
        share_path("config", "world.json").read_text(encoding="utf-8")
    )
    return record


def _svg(shown: Mapping[str, CultureCell]) -> str:
    world = _outlines()
    width, height = world["size"]
    said = ", ".join(_said(one) for one in shown.values())
    land = " ".join(path for code, path in world["paths"].items() if code not in shown)
    coloured = "".join(
        f'<path d="{world["paths"][code]}" fill="{_colour(one.accuracy.value)}" '
        f'stroke="#1b2430" stroke-width="1.5"><title>{escape(_said(one))}</title></path>'
        for code, one in shown.items()
    )
    return (
        f'<svg class="map" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(said, quote=True)}">'
        f'<path d="{land}" fill="{_LAND}" stroke="#fff" stroke-width="1"/>'
        f"{coloured}{_legend()}</svg>"
    )


def _said(one: CultureCell) -> str:
    """A group that is no code is a region's name; where nothing varies there is no interval."""
    accuracy, known = one.accuracy, countries().get(one.group)
    ends = f"{accuracy.low:.0%} to {accuracy.high:.0%}" if accuracy.low <= accuracy.high else ""
    return (
        f"{known.names[0] if known else one.group}: {accuracy.value:.0%} of {one.n} items"
        f"{f' ({ends})' if ends else ''}"
    )


def _colour(accuracy: float) -> str:
    return str(to_hex(colormaps[_COLOURS](accuracy)))


def _legend() -> str:
    """A scale from 0 to 100 %."""
    left, top, width, height = _LEGEND
    step = width / _LEGEND_STEPS
    boxes = "".join(
        f'<rect x="{left + i * step:g}" y="{top}" width="{step + 0.5:g}" height="{height}" '
        f'fill="{_colour((i + 0.5) / _LEGEND_STEPS)}"/>'
        for i in range(_LEGEND_STEPS)
    )
    marks = "".join(
        f'<text x="{left + share * width:g}" y="{top - 10}" text-anchor="middle" '
        f'font-size="30" fill="currentColor">{share:.0%}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    return boxes + marks
