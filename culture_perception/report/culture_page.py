"""The culture benchmark as one HTML file: nothing in it is fetched from anywhere."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from culture_perception.experiments.resampling import Estimate
from culture_perception.report.charts.culture import culture_charts
from culture_perception.report.charts.drawing import png_of, svg_of
from culture_perception.report.culture_reading import CultureCell, CultureGap, CultureRun
from culture_perception.report.culture_transfer import TransferRun, colour_of
from culture_perception.report.webfont import font_uri
from culture_perception.report.world_map import world_maps

_PX_PER_INCH: Final = 96
_TEMPLATES: Final = Path(__file__).parent / "templates"


def culture_page(found: Sequence[CultureRun | TransferRun]) -> str:
    """Writes runs, 1 or more, as one page: models first, then trainings on one group each."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8"))
    fixed = partial(
        environment.get_template("culture.html.j2").render,
        runs=[one for one in found if isinstance(one, CultureRun)],
        transfers=[one for one in found if isinstance(one, TransferRun)],
        colour=colour_of,
        charts=culture_charts,
        maps=_maps,
        uri=_uri,
        size=_size,
        percent=_percent,
        points=_points,
        overall=_overall,
        value=_value,
        style=style,
    )
    return fixed(font=font_uri(fixed(font="")))


def export_culture(found: Sequence[CultureRun | TransferRun], folder: Path) -> list[Path]:
    """Writes every chart as PNG; gives the files. A matrix of trainings is a table, and has none.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    runs = [one for one in found if isinstance(one, CultureRun)]
    for number, run in enumerate(runs, start=1):
        for chart in culture_charts(run):
            path = folder / f"{chart.name}-{number}.png"
            path.write_bytes(png_of(chart.figure))
            written.append(path)
    return written


def _maps(run: CultureRun) -> list[tuple[str, Markup]]:
    """Caption and picture of each map."""
    return [(one.caption, Markup(one.svg)) for one in world_maps(run)]


def _uri(figure: Figure) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg_of(figure)).decode('ascii')}"


def _size(figure: Figure) -> tuple[int, int]:
    width, height = (round(_PX_PER_INCH * side) for side in figure.get_size_inches())
    return width, height


def _overall(run: CultureRun) -> list[tuple[CultureCell, CultureCell | None]]:
    """Each model's figure over all items, and its blind one."""
    every = {(one.model, one.mode): one for one in run.cells if one.dimension == "all"}
    return [(every[model, "image"], every.get((model, "blind"))) for model in run.models]


def _value(run: CultureRun, gap: CultureGap, group: str) -> str:
    """A group's accuracy, in per cent."""
    wanted = (gap.model, "image", gap.dimension, group)
    found = (c for c in run.cells if (c.model, c.mode, c.dimension, c.group) == wanted)
    return next((f"{100 * one.accuracy.value:.0f} %" for one in found), "–")


def _percent(one: Estimate) -> str:
    if not math.isfinite(one.value):
        return "–"
    ends = "" if math.isnan(one.low) else f" ({100 * one.low:.0f}–{100 * one.high:.0f})"
    return f"{100 * one.value:.1f} %{ends}"


def _points(one: Estimate) -> str:
    ends = "" if math.isnan(one.low) else f" ({100 * one.low:+.0f} to {100 * one.high:+.0f})"
    return f"{100 * one.value:+.0f}{ends}" if math.isfinite(one.value) else "–"
