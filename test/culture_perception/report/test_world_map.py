"""The map: countries with items are coloured and named, all others are land."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from culture_perception.experiments.resampling import Estimate
from culture_perception.report.culture_reading import CultureCell, CultureRun
from culture_perception.report.world_map import world_maps

_SVG = "{http://www.w3.org/2000/svg}"


def _run(*groups: tuple[str, float]) -> CultureRun:
    cells = [
        CultureCell("a<b", mode, "region", name, 20, 9, Estimate(value, value - 0.1, value + 0.1))
        for name, value in groups
        for mode in ("image", "blind")
    ]
    return CultureRun(Path("x.json"), "items", ("a<b", "c"), tuple(cells), (), (), {}, 0.25)


def test_each_country_with_items_has_a_colour_and_a_title() -> None:
    (found,) = world_maps(_run(("JP", 0.45), ("US", 0.75), ("Alps", 0.5)))
    assert found.caption == (
        "a<b: accuracy by country; grey: no items. Not on the map: Alps: 50% of 20 items "
        "(40% to 60%)."
    )
    picture = ElementTree.fromstring(found.svg.replace("<svg", f'<svg xmlns="{_SVG[1:-1]}"'))
    titles = [one.text for one in picture.iter(f"{_SVG}title")]
    assert titles == [
        "Japan: 45% of 20 items (35% to 55%)",
        "United States: 75% of 20 items (65% to 85%)",
    ]
    paths = list(picture.iter(f"{_SVG}path"))
    assert len(paths) == 3
    assert len({one.get("fill") for one in paths}) == 3
    assert picture.get("aria-label") == ", ".join(str(one) for one in titles)


def test_an_accuracy_without_an_interval_stands_alone() -> None:
    cell = CultureCell("c", "image", "region", "JP", 3, 1, Estimate(1.0, math.nan, math.nan))
    run = CultureRun(Path("x.json"), "items", ("c",), (cell,), (), (), {}, 0.25)
    (found,) = world_maps(run)
    assert "<title>Japan: 100% of 3 items</title>" in found.svg
    assert found.caption == "c: accuracy by country; grey: no items."


def test_without_a_country_there_is_no_map() -> None:
    assert world_maps(_run(("Alps", 0.5))) == []
