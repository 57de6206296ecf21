"""What all charts share: colours that colour-blind people can tell apart, fonts, and files."""

from __future__ import annotations

import io
import math
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from PIL import Image

from culture_perception.fonts import font_path

P = ParamSpec("P")

INK: Final = "#1b2430"
FAINT: Final = "#5b6675"
GRID: Final = "#dfe4ea"
BLUE: Final = "#0072b2"
COLOURS: Final = (BLUE, "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Of Okabe and Ito, for models."""
RUNG_COLOURS: Final[Mapping[str, str]] = {
    "right": BLUE,
    "segmenter missed": "#8b949e",
    "wrong language": "#cc79a7",
    "encoder wrong": "#d55e00",
    "mask wrong": "#e69f00",
    "not claimed": "#56b4e9",
}
WIDE: Final = 11.4
NARROW: Final = 3.7
"""Inches, of charts that fill a page: at 96 pixels each of a desktop, of a phone."""
_DPI: Final = 150
_SHARP_DPI: Final = 192
_COLOURS_OF_PNG: Final = 64
_LONGEST: Final = 30
"""Characters of a label beside a chart."""
_LONGEST_LINE: Final = 50
_STYLE: Final[Mapping[str, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#9aa4b0",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.size": 9.5,
    "grid.color": GRID,
    "legend.frameon": False,
    "svg.hashsalt": "culture_perception",  # else ids, and with them files, differ at every run
    "text.color": INK,
    "text.hinting": "no_hinting",  # else letters are wider in one resolution than in another
    "text.parse_math": False,  # "$" in a label is a dollar
    "xtick.color": FAINT,
    "ytick.color": INK,
    "ytick.major.size": 0,
}


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart and what is said of it.

    Attributes:
        name: for files, for example "gap".
        caption: what it shows, and how it is read.
        alt: what it says, for those who do not see it.
        figure: of matplotlib.
        narrow: the same for phones; None where the wide one is scrolled instead.
    """

    name: str
    caption: str
    alt: str
    figure: Figure
    narrow: Figure | None = None


@dataclass(frozen=True, eq=False)
class ArmChart:
    """A chart of one arm of the labels: "verbatim" or another."""

    arm: str
    chart: Chart


@lru_cache(maxsize=1)
def _families() -> tuple[str, str]:
    """The own font of matplotlib, and the shipped one for what that lacks, glyph by glyph."""
    fontManager.addfont(str(font_path()))
    shipped = fontManager.ttflist.pop()
    for weight in (400, 700):  # it has one, and stands in for both without a word in the log
        fontManager.ttflist.append(replace(shipped, weight=weight))
    return "DejaVu Sans", shipped.name


@contextmanager
def _styled() -> Iterator[None]:
    settings: Any = {**_STYLE, "font.family": list(_families())}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A letter that neither font has is a box; the page says which these are.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def styled(draw: Callable[P, Chart]) -> Callable[P, Chart]:
    """Draws in the report's style, whatever the settings of matplotlib are, and lays out once.

    Else each file that is written of a figure would move its parts a little.
    """

    def drawn(*args: P.args, **kwargs: P.kwargs) -> Chart:
        with _styled():
            chart = draw(*args, **kwargs)
            for figure in filter(None, (chart.figure, chart.narrow)):
                figure.draw_without_rendering()
                figure.set_layout_engine("none")
                FigureCanvasBase(figure)  # lets go of the pixels that it was laid out on
            return chart

    return drawn


def svg_of(figure: Figure) -> bytes:
    """The figure as SVG, letters as outlines; the same bytes at every run."""
    with _styled(), io.BytesIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        return file.getvalue()


def png_of(figure: Figure, dpi: int = _DPI) -> bytes:
    """The figure as PNG."""
    with _styled(), io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
        return file.getvalue()


def small_png_of(figure: Figure) -> bytes:
    """The figure as PNG of few colours: a third of its SVG, and sharp at twice its size."""
    with Image.open(io.BytesIO(png_of(figure, _SHARP_DPI))) as image, io.BytesIO() as file:
        image.convert("RGB").quantize(_COLOURS_OF_PNG).save(file, "PNG", optimize=True)
        return file.getvalue()


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    paths = (mpl.get_data_path() + "/fonts/ttf/DejaVuSans.ttf", str(font_path()))
    return frozenset(code for path in paths for code in FT2Font(path).get_charmap())


def undrawable(text: str) -> str:
    """The characters of a text that charts show as boxes, each once, sorted."""
    return "".join(sorted({one for one in text if one.isprintable()} - _drawn_of(text)))


def _drawn_of(text: str) -> set[str]:
    return {one for one in text if ord(one) in _drawable()}


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A label that fits beside a chart."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def label_rows(axes: Axes, names: Sequence[str], narrow: bool) -> None:
    """Names of rows 0, 1, …, from the top: beside the axis, or above the rows of a narrow one."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    if not narrow:
        axes.set_yticks(range(len(names)), names)
        return
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for row, name in enumerate(names):
        lines = "\n".join(textwrap.wrap(name, _LONGEST_LINE))
        axes.text(
            0, row - 0.3, lines, transform=axes.get_yaxis_transform(), va="bottom", fontsize=8
        )


def percent_axis(axes: Axes) -> None:
    """The x axis is percent."""
    axes.set(xlim=(0, 100), xticks=(0, 25, 50, 75, 100))


def error_lengths(value: float, low: float, high: float) -> list[list[float]] | None:
    """What matplotlib's error bars want: both lengths; None without an interval."""
    if not (math.isfinite(value) and math.isfinite(low) and math.isfinite(high)):
        return None
    return [[max(value - low, 0.0)], [max(high - value, 0.0)]]
