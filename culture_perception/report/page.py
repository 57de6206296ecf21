"""The report as one HTML file: nothing in it is fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from matplotlib.figure import Figure

from culture_perception.report.charts.drawing import (
    Chart,
    small_png_of,
    svg_of,
    undrawable,
)
from culture_perception.report.contents import Section, charts_of
from culture_perception.report.gallery import gallery_data, picture_paths
from culture_perception.report.headline import headline
from culture_perception.report.pictures import Pictures, load_pictures
from culture_perception.report.webfont import font_uri

LARGEST_BYTES: Final = 19_000_000
"""Of a page: what mail and browsers of phones still take."""
_MOST_FOR_CHARTS: Final = 10_000_000
_LEAST_FOR_PICTURES: Final = 1_000_000
_RESERVED: Final = 1_500_000  # for outlines, texts and the font
_PX_PER_INCH: Final = 96
_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Page:
    """A report, and what it could not show.

    Attributes:
        html: the file.
        pictures: of its scenes.
        undrawable: characters that charts show as boxes.
    """

    html: str
    pictures: Pictures
    undrawable: str


@dataclass(frozen=True)
class DrawnChart:
    """A chart as the page shows it.

    Attributes:
        caption: below it.
        alt: for those who do not see it.
        uri: data URI of a picture.
        size: width and height in CSS pixels, at full size.
        narrow: data URI of the one for phones; "" for none.
        narrow_size: of that.
    """

    caption: str
    alt: str
    uri: str
    size: tuple[int, int]
    narrow: str
    narrow_size: tuple[int, int]


def build_page(sections: Sequence[Section]) -> Page:
    """Writes sections, 1 or more, as one page.

    Charts are SVG unless that gets too large. Pictures of scenes get what room they leave, see
    `pictures.QUALITIES`.
    """
    charts = [chart for section in sections for _, chart in charts_of(section)]
    drawn = _drawn(charts, "svg+xml", svg_of)
    if _size(drawn) > _MOST_FOR_CHARTS:
        drawn = _drawn(charts, "png", small_png_of)
    runs = [run for section in sections for run in section.runs]
    left = max(LARGEST_BYTES - _RESERVED - _size(drawn), _LEAST_FOR_PICTURES)
    pictures = load_pictures(picture_paths(runs), left * 3 // 4)  # base64 makes them 4/3 of it
    data = gallery_data(runs, pictures)
    boxes = undrawable("".join(data["texts"]))
    by_chart = {id(chart): one for chart, one in zip(charts, drawn, strict=True)}
    context = {
        "sections": sections,
        "headlines": [headline(run) for run in runs],
        "drawn": lambda chart: by_chart[id(chart)],
        "gallery": data,
        "pictures": pictures,
        "boxes": boxes,
        "sources": list({id(run.source): run.source for run in runs}.values()),
    }
    return Page(_rendered(context), pictures, boxes)


def _drawn(charts: Sequence[Chart], kind: str, draw: Callable[[Figure], bytes]) -> list[DrawnChart]:
    def embedded(figure: Figure) -> tuple[str, tuple[int, int]]:
        width, height = (round(_PX_PER_INCH * side) for side in figure.get_size_inches())
        content = base64.b64encode(draw(figure)).decode("ascii")
        return f"data:image/{kind};base64,{content}", (width, height)

    return [
        DrawnChart(
            chart.caption,
            chart.alt,
            *embedded(chart.figure),
            *(embedded(chart.narrow) if chart.narrow else ("", (0, 0))),
        )
        for chart in charts
    ]


def _size(charts: Sequence[DrawnChart]) -> int:
    return sum(len(one.uri) + len(one.narrow) for one in charts)


def _rendered(context: Mapping[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.j2")
    script, style = (
        Markup((_TEMPLATES / name).read_text(encoding="utf-8"))
        for name in ("gallery.js", "report.css")
    )
    fixed = {
        "json": partial(htmlsafe_json_dumps, dumps=_json),
        "script": script,
        "script_hash": _hash(script),
        "style": style,
    }
    letters = template.render(context, **fixed, font="")
    return template.render(context, **fixed, font=font_uri(letters))


def _json(value: object, **options: Any) -> str:
    """Letters as they are, not as escapes: the font is cut to what the page has."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), **options)


def _hash(script: str) -> str:
    """By which the page's policy lets this script run, and no other."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
