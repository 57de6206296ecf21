"""Cans and tins after those of the YCB object set, in its sizes."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BLACK,
    BLUE,
    DARK_RED,
    GOLD,
    NAVY,
    RED,
    SILVER,
    SKY,
    WHITE,
    YELLOW,
)
from sim_bridge.products.layouts import FACTS
from sim_bridge.products.parts import Section, can
from sim_bridge.products.prints import Oval, Panel, Picture, Rectangle, Wrap
from sim_bridge.products.words import BarCode, SmallPrint, Words

_METAL: Final = Panel(SILVER)
_LID: Final = (206, 210, 212)
_LID_RING: Final = (222, 226, 228)

_COFFEE_FRONT: Final = Panel(
    BLUE,
    (
        Rectangle((0.0, 0.03, 1.0, 0.06), GOLD),
        Oval((0.2, 0.1, 0.8, 0.5), NAVY),
        Words("Master\nChef", (0.5, 0.3), 0.17, WHITE, 0.5),
        Rectangle((0.0, 0.54, 1.0, 0.65), GOLD),
        Words("GROUND COFFEE", (0.5, 0.595), 0.1, NAVY, 0.58),
        Picture("coffee", (0.62, 0.81), 0.15, 1),
        Words("rich\nroast", (0.36, 0.8), 0.1, WHITE, 0.24),
        Words("NET WT 10.5 OZ (297 g)", (0.5, 0.97), 0.035, WHITE, 0.5),
    ),
)
_COFFEE_BACK: Final = Panel(
    BLUE,
    (
        Rectangle((0.0, 0.03, 1.0, 0.06), GOLD),
        Words("Master Chef", (0.5, 0.15), 0.13, WHITE, 0.58),
        Picture("coffee", (0.5, 0.37), 0.15, 2),
        Rectangle((0.0, 0.54, 1.0, 0.65), GOLD),
        Words("COFFEE", (0.5, 0.595), 0.1, NAVY, 0.5),
        SmallPrint((0.24, 0.69, 0.52, 0.94), FACTS["food"], BLACK, WHITE),
        BarCode((0.56, 0.72, 0.76, 0.9), 5),
    ),
)

MASTER_CHEF_CAN: Final = Design(
    "ycb.master_chef_can",
    can(0.102, 0.139, lid="lid"),
    {
        "label": Wrap(_COFFEE_FRONT, _COFFEE_BACK),
        "metal": _METAL,
        "lid": Panel(
            (206, 210, 212),
            (
                Oval((0.08, 0.08, 0.92, 0.92), (222, 226, 228)),
                Oval((0.2, 0.2, 0.8, 0.8), (206, 210, 212)),
            ),
        ),
    },
    (BLUE,),
)

_SOUP_FRONT: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.0, 1.0, 0.5), RED),
        Words("Campbell's", (0.5, 0.2), 0.2, WHITE, 0.64),
        Words("CONDENSED", (0.5, 0.36), 0.08, WHITE, 0.4),
        Oval((0.43, 0.43, 0.57, 0.57), GOLD),
        Words("Tomato", (0.4, 0.67), 0.15, RED, 0.4),
        Words("SOUP", (0.4, 0.84), 0.15, (168, 128, 40), 0.36),
        Picture("tomato", (0.72, 0.77), 0.18, 1),
    ),
)
_SOUP_BACK: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.0, 1.0, 0.5), RED),
        Words("Campbell's", (0.5, 0.12), 0.13, WHITE, 0.5),
        SmallPrint((0.22, 0.22, 0.78, 0.72), FACTS["food"], BLACK, WHITE),
        Picture("tomato", (0.33, 0.86), 0.11, 2),
        BarCode((0.5, 0.77, 0.78, 0.94), 6),
    ),
)

TOMATO_SOUP_CAN: Final = Design(
    "ycb.tomato_soup_can",
    can(0.066, 0.101),
    {"label": Wrap(_SOUP_FRONT, _SOUP_BACK), "metal": _METAL},
    (RED, WHITE),
)

_TUNA_FRONT: Final = Panel(
    BLUE,
    (
        Words("StarKist", (0.38, 0.3), 0.42, WHITE, 0.38, RED),
        Words("CHUNK LIGHT", (0.38, 0.62), 0.2, YELLOW, 0.36),
        Words("TUNA", (0.38, 0.84), 0.26, WHITE, 0.3),
        Oval((0.59, 0.06, 0.85, 0.94), SKY),
        Picture("fish", (0.72, 0.5), 0.38, 1),
    ),
)
_TUNA_BACK: Final = Panel(
    BLUE,
    (
        Words("StarKist TUNA in water", (0.5, 0.16), 0.2, WHITE, 0.6),
        SmallPrint((0.22, 0.3, 0.56, 0.94), FACTS["food"], BLACK, WHITE),
        BarCode((0.6, 0.3, 0.8, 0.7), 7),
        Words("NET WT 5 OZ", (0.7, 0.84), 0.14, YELLOW, 0.2),
    ),
)

TUNA_FISH_CAN: Final = Design(
    "ycb.tuna_fish_can",
    can(0.085, 0.033, lid="lid"),
    {
        "label": Wrap(_TUNA_FRONT, _TUNA_BACK),
        "metal": _METAL,
        "lid": Panel(
            BLUE,
            (
                Oval((0.06, 0.06, 0.94, 0.94), NAVY),
                Oval((0.08, 0.08, 0.92, 0.92), BLUE),
                Words("StarKist", (0.5, 0.3), 0.18, WHITE, 0.6, RED),
                Picture("fish", (0.5, 0.55), 0.22, 3),
                Words("TUNA", (0.5, 0.78), 0.16, YELLOW, 0.5),
            ),
        ),
    },
    (BLUE,),
)

_HAM_FRONT: Final = Panel(
    NAVY,
    (
        Rectangle((0.0, 0.0, 1.0, 0.06), YELLOW),
        Words("SPAM", (0.5, 0.26), 0.34, YELLOW, 0.6, BLACK),
        Words("CLASSIC", (0.5, 0.45), 0.07, WHITE, 0.3),
        Picture("ham", (0.5, 0.68), 0.25, 1),
        Rectangle((0.0, 0.9, 1.0, 1.0), YELLOW),
        Words("CHOPPED HAM  NET WT 12 OZ", (0.5, 0.95), 0.06, DARK_RED, 0.6),
    ),
)
_HAM_BACK: Final = Panel(
    NAVY,
    (
        Rectangle((0.0, 0.0, 1.0, 0.06), YELLOW),
        Words("SPAM", (0.5, 0.17), 0.14, YELLOW, 0.4),
        SmallPrint((0.2, 0.26, 0.8, 0.68), FACTS["food"], BLACK, WHITE),
        Picture("ham", (0.32, 0.79), 0.1, 2),
        BarCode((0.52, 0.72, 0.8, 0.88), 8),
        Rectangle((0.0, 0.9, 1.0, 1.0), YELLOW),
    ),
)

POTTED_MEAT_CAN: Final = Design(
    "ycb.potted_meat_can",
    can(0.097, 0.082, Section(0.050 / 0.097, 0.4, 48)),
    {"label": Wrap(_HAM_FRONT, _HAM_BACK), "metal": _METAL},
    (NAVY, YELLOW),
)

CANS: Final = (MASTER_CHEF_CAN, TOMATO_SOUP_CAN, TUNA_FISH_CAN, POTTED_MEAT_CAN)
