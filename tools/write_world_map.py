"""Writes the outlines that the culture benchmark's page colours, config/world.json.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    .venv/bin/python -m tools.write_world_map package config/world.json

Source: Natural Earth 4.1, https://www.naturalearthdata.com, public domain, as TopoJSON of
https://github.com/topojson/world-atlas. Outlines are of its scale 1:110m; what is too small for
that is a dot in the middle of its largest part at 1:10m. Projected by Equal Earth (Savric,
Patterson and Jenny 2018, doi:10.1080/13658816.2018.1504949), in which areas can be compared.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from culture_perception.culture_bench.countries import country_code

Points: TypeAlias = NDArray[np.float64]

WIDTH: Final = 2000
"""Units of the whole world; outlines are whole numbers of these."""
SHOWN_LATITUDES: Final = (-56.0, 84.0)
ANTARCTICA: Final = "AQ"
DOT: Final = 6
"""Radius of what is too small for an outline, units."""
NO_COUNTRY: Final = ""
"""Key of land that is no country of ISO 3166-1."""
_FINEST: Final = 0.8
_COEFFICIENTS: Final = (1.340264, -0.081106, 0.000893, 0.003796)
_SHORT: Final = (
    (r"\bIs\.", "Islands"),
    (r"\bI\.", "Island"),
    (r"\bRep\.", "Republic"),
    (r"^St[.-] ?", "Saint "),
    (r"^S\. ", "South "),
    (r"^W\. ", "Western "),
    (r"^N\. Mar", "Northern Mar"),
    (r"^Fr\. ", "French "),
    (r"^Br\. ", "British "),
    (r"^Eq\. ", "Equatorial "),
    (r"\bBarb\.", "Barbuda"),
    (r"\bGren\.", "the Grenadines"),
    (r"\bVin\.", "Vincent"),
    (r"\bHerz\.", "Herzegovina"),
    (r"\bTer\.", "Territory"),
    (r"\bGeo\.", "Georgia"),
    (r"\bFaeroe", "Faroe"),
)
"""How Natural Earth shortens names, and what these parts stand for."""
_CODES: Final = {
    "Dem. Rep. Congo": "CD",
    "Côte d'Ivoire": "CI",
    "Fr. S. Antarctic Lands": "TF",
    "S. Geo. and the Is.": "GS",
    "Heard I. and McDonald Is.": "HM",
    "U.S. Virgin Is.": "VI",
    "U.S. Minor Outlying Is.": "UM",
    "Vatican": "VA",
    "Curaçao": "CW",
    "Pitcairn Is.": "PN",
    "St-Barthélemy": "BL",
    "São Tomé and Principe": "ST",
    "Wallis and Futuna Is.": "WF",
    "Åland": "AX",
}
"""Of names that this does not mend."""


def equal_earth(longitude_deg: Points, latitude_deg: Points) -> Points:
    """Projects (N,) degrees to (N, 2), x right and y down, the equator's half being 1 wide."""
    root = np.sqrt(3) / 2
    theta = np.arcsin(root * np.sin(np.radians(latitude_deg)))
    a1, a2, a3, a4 = _COEFFICIENTS
    slope = a1 + 3 * a2 * theta**2 + theta**6 * (7 * a3 + 9 * a4 * theta**2)
    x = np.radians(longitude_deg) * np.cos(theta) / (root * slope)
    y = theta * (a1 + a2 * theta**2 + theta**6 * (a3 + a4 * theta**2))
    return np.asarray(np.stack([x, -y], axis=1) / (np.pi / (root * a1)), np.float64)


def to_units(degrees: Points) -> Points:
    """(N, 2) longitude and latitude to the map's units (N, 2), its upper left corner at 0, 0."""
    flat = equal_earth(degrees[:, 0], degrees[:, 1]) * WIDTH / 2
    return flat + (WIDTH / 2, -_top())


def _top() -> float:
    north = np.array([SHOWN_LATITUDES[1]])
    return float(equal_earth(np.zeros(1), north)[0, 1] * WIDTH / 2)


def height() -> int:
    """Of the map, units."""
    ends = np.array([[0.0, SHOWN_LATITUDES[0]]])
    return int(np.ceil(to_units(ends)[0, 1]))


def read_arcs(topology: Mapping[str, Any], finest: float) -> list[Points]:
    """The lines that outlines are made of, in units, without points that nobody would see.

    A border is one line of two countries, so that both stay without a gap.
    """
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    found = []
    for arc in topology["arcs"]:
        line = to_units(np.cumsum(np.array(arc), axis=0) * scale + shift)
        small = cv2.approxPolyDP(line.astype(np.float32)[:, None], finest, closed=False)[:, 0]
        found.append(small.astype(np.float64))
    return found


def rings_of(geometry: Mapping[str, Any], arcs: Sequence[Points]) -> Iterator[Points]:
    """Every ring (N, 2) of a country, in units."""
    several = geometry["type"] == "MultiPolygon"
    for polygon in geometry["arcs"] if several else [geometry["arcs"]]:
        for ring in polygon:
            lines = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring]
            yield from _sides(np.concatenate([line[:-1] for line in lines]))


def _sides(ring: Points) -> Iterator[Points]:
    """The parts of a ring on both sides of the 180th meridian, which the map's edges are."""
    far = np.abs(np.roll(ring[:, 0], -1) - ring[:, 0]) > WIDTH / 2
    if not far.any():
        yield ring
        return
    turned = np.roll(ring, -(int(np.flatnonzero(far)[0]) + 1), axis=0)
    cuts = np.flatnonzero(np.abs(np.diff(turned[:, 0])) > WIDTH / 2) + 1
    yield from np.split(turned, cuts)


def path_of(rings: Sequence[Points]) -> str:
    """An SVG path in whole units; rings that shrink to a line are left out."""
    found = ""
    for ring in rings:
        points = np.rint(ring).astype(int)
        points = points[np.any(points != np.roll(points, 1, axis=0), axis=1)]
        if len(points) < 3:
            continue
        steps = np.diff(points, axis=0)
        found += "M{},{}l".format(*points[0]) + " ".join(f"{x},{y}" for x, y in steps) + "z"
    return found.replace(" -", "-").replace(",-", "-")


def dot(rings: Sequence[Points]) -> str:
    """A circle in the middle of the largest ring, as an SVG path."""
    x, y = np.rint(max(rings, key=_area).mean(axis=0)).astype(int)
    arc = f"a{DOT},{DOT},0,1,0"
    return f"M{x - DOT},{y}{arc},{2 * DOT},0{arc},{-2 * DOT},0z"


def _area(ring: Points) -> float:
    return float(cv2.contourArea(ring.astype(np.float32)))


def code_of(name: str) -> str:
    """The ISO 3166-1 code of one of Natural Earth's names; NO_COUNTRY: it has none."""
    if name in _CODES:
        return _CODES[name]
    for short, whole in _SHORT:
        name = re.sub(short, whole, name)
    return country_code(name) or NO_COUNTRY


def outlines(folder: Path) -> dict[str, str]:
    """Code -> SVG path of each country, and of other land together.

    Raises:
        OSError: world-atlas is not there.
    """
    coarse, fine = (_read(folder / f"countries-{scale}.json") for scale in ("110m", "10m"))
    arcs = read_arcs(coarse, _FINEST)
    found: dict[str, str] = {}
    for one in coarse["objects"]["countries"]["geometries"]:
        code = code_of(one["properties"]["name"])
        if code != ANTARCTICA:
            found[code] = found.get(code, "") + path_of(list(rings_of(one, arcs)))
    arcs = read_arcs(fine, 0.0)
    for one in fine["objects"]["countries"]["geometries"]:
        code = code_of(one["properties"]["name"])
        if code not in found and code not in (ANTARCTICA, NO_COUNTRY):
            found[code] = dot(list(rings_of(one, arcs)))
    return dict(sorted(found.items()))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Reads the command line and writes the map."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of world-atlas, unpacked")
    parser.add_argument("target", type=Path, help="the file to write")
    arguments = parser.parse_args()
    record = {
        "source": "Natural Earth 4.1, naturalearthdata.com, by way of world-atlas 2.0.2",
        "licence": "public domain",
        "size": [WIDTH, height()],
        "paths": outlines(arguments.folder),
    }
    text = json.dumps(record, ensure_ascii=False, indent=0) + "\n"
    arguments.target.write_text(text, encoding="utf-8")
    print(f"{arguments.target}: {len(record['paths'])} outlines, {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
