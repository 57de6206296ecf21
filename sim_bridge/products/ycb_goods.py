"""A sponge, a marker, a screwdriver and a puzzle cube, in the YCB object set's sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BLACK,
    BLUE,
    DARK_GREEN,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SILVER,
    WHITE,
    YELLOW,
)
from sim_bridge.products.meshes import BOX_FACES
from sim_bridge.products.parts import Carton, Disc, Section, Turned, smooth
from sim_bridge.products.prints import Page, Panel, Rectangle, Rgb, Wrap
from sim_bridge.products.words import Words


@dataclass(frozen=True)
class Fibres:
    """Short strokes in random directions: a scouring pad.

    Attributes:
        colours: of the strokes.
        count: how many.
        seed: of their places.
    """

    colours: tuple[Rgb, ...]
    count: int
    seed: int

    def paint(self, page: Page) -> None:
        """See prints.Element."""
        rng = np.random.default_rng(self.seed)
        length = 0.07 * min(page.size)
        for index in range(self.count):
            x, y = rng.random(2) * page.size
            dx, dy = rng.normal(0, length, 2)
            colour = self.colours[index % len(self.colours)]
            page.draw.line((x, y, x + dx, y + dy), fill=colour, width=max(1, round(length / 14)))


_PAD: Final = Panel(GREEN, (Fibres((DARK_GREEN, (70, 176, 92), (46, 160, 74)), 900, 1),))
_PAD_SECTION: Final = Section(72 / 114, 0.28, 40)

SPONGE: Final = Design(
    "ycb.sponge",
    (
        Turned(
            "side",
            smooth(((0.053, 0.0), (0.0555, 0.002), (0.0555, 0.010), (0.053, 0.012)), 1),
            section=_PAD_SECTION,
        ),
        Disc("top", 0.053, 0.012, section=_PAD_SECTION),
        Disc("bottom", 0.053, 0.0, section=_PAD_SECTION, up=False),
    ),
    {"side": _PAD, "top": _PAD, "bottom": _PAD},
    (GREEN,),
    dents_m=0.0022,
)

_MARKER_LABEL: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.0, 1.0, 0.06), BLACK),
        Words("EXPO", (0.5, 0.62), 0.62, BLACK, 0.4, slope=90),
        Words("dry erase", (0.5, 0.25), 0.4, BLACK, 0.24, slope=90),
        Rectangle((0.0, 0.94, 1.0, 1.0), BLACK),
    ),
)

LARGE_MARKER: Final = Design(
    "ycb.large_marker",
    (
        Disc("cap", 0.0075, 0.0, plain=True, section=Section(segments=24), up=False),
        Turned("cap", ((0.0075, 0.0), (0.0085, 0.001), (0.0085, 0.006)), plain=True),
        Turned("label", ((0.0085, 0.006), (0.0085, 0.074))),
        Turned(
            "cap",
            ((0.0085, 0.074), (0.009, 0.075), (0.0088, 0.112), (0.007, 0.121), (0.0, 0.121)),
            plain=True,
        ),
    ),
    {"label": Wrap(_MARKER_LABEL, _MARKER_LABEL), "cap": Panel(BLACK)},
    (WHITE, BLACK),
    lying=True,
)

_GRIP: Final = Panel(
    BLACK,
    (
        Rectangle((0.06, 0.0, 0.2, 1.0), GREY),
        Rectangle((0.3, 0.05, 0.7, 0.95), BLUE, 0.4),
        Words('#2 x 4"', (0.5, 0.5), 0.3, WHITE, 0.5, slope=90),
        Rectangle((0.8, 0.0, 0.94, 1.0), GREY),
    ),
)
_GRIP_SECTION: Final = Section(segments=16)

PHILLIPS_SCREWDRIVER: Final = Design(
    "ycb.phillips_screwdriver",
    (
        Turned("blue", smooth(((0.0, 0.0), (0.012, 0.001), (0.0155, 0.014))), plain=True),
        Turned("grip", ((0.0155, 0.014), (0.0150, 0.045), (0.0140, 0.070)), section=_GRIP_SECTION),
        Turned("blue", smooth(((0.0140, 0.070), (0.009, 0.083), (0.0125, 0.098))), plain=True),
        Turned("black", ((0.0125, 0.098), (0.009, 0.106), (0.003, 0.107)), plain=True),
        Turned("steel", ((0.0031, 0.106), (0.0031, 0.196)), plain=True),
        Turned("black", ((0.0031, 0.196), (0.0031, 0.207), (0.0004, 0.215)), plain=True),
    ),
    {
        "grip": Wrap(_GRIP, _GRIP),
        "blue": Panel(BLUE),
        "black": Panel(BLACK),
        "steel": Panel(SILVER),
    },
    (BLUE, BLACK),
    lying=True,
)

_STICKERS: Final = (RED, BLUE, ORANGE, GREEN, WHITE, YELLOW)


def _stickers(seed: int) -> Panel:
    """Nine squares on black, as a scrambled cube shows them."""
    rng = np.random.default_rng(seed)
    squares = [
        Rectangle(
            (column / 3 + 0.014, row / 3 + 0.014, (column + 1) / 3 - 0.014, (row + 1) / 3 - 0.014),
            _STICKERS[int(rng.integers(len(_STICKERS)))],
            0.12,
        )
        for row in range(3)
        for column in range(3)
    ]
    return Panel(BLACK, tuple(squares))


RUBIKS_CUBE: Final = Design(
    "ycb.rubiks_cube",
    (Carton(0.057, 0.057, 0.057),),
    {face: _stickers(index) for index, face in enumerate(BOX_FACES)},
    _STICKERS,
)

GOODS: Final = (SPONGE, LARGE_MARKER, PHILLIPS_SCREWDRIVER, RUBIKS_CUBE)
