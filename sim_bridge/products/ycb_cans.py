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
from sim_bridge.products.layouts import facts
from sim_bridge.products.parts import Section, can
from sim_bridge.products.prints import Oval, Panel, Picture, Rectangle, Wrap
from sim_bridge.products.words import Words

_METAL: Final = Panel(SILVER)
_LID: Final = (206, 210, 212)
_LID_RING: Final = (222, 226, 228)

_COFFEE_FRONT: Final = Panel(
    BLUE,
    (
        Rectangle((0.0, 0.03, 1.0, 0.06), GOLD),
        Oval((0.18, 0.12, 0.82, 0.62), NAVY),
        Words("Master\nChef", (0.5, 0.37), 0.2, WHITE, 0.52),
        Rectangle((0.0, 0.66, 1.0, 0.78), GOLD),
        Words("GROUND COFFEE", (0.5, 0.72), 0.1, NAVY, 0.6),
        Picture("coffee", (0.78, 0.84), 0.12, 1),
        Words("rich roast", (0.36, 0.86), 0.08, WHITE, 0.5),
        Words("NET WT 10.5 OZ (297 g)", (0.36, 0.94), 0.045, WHITE, 0.5),
    ),
)
_COFFEE_BACK: Final = Panel(
    BLUE,
    (
        Rectangle((0.0, 0.03, 1.0, 0.06), GOLD),
        Words("Master Chef", (0.5, 0.17), 0.14, WHITE, 0.7),
        Picture("coffee", (0.5, 0.46), 0.2, 2),
        Rectangle((0.0, 0.66, 1.0, 0.78), GOLD),
        Words("COFFEE", (0.5, 0.72), 0.1, NAVY, 0.6),
        *facts(BLUE, "", "food", WHITE, 5).elements[2:],
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
        Words("Campbell's", (0.5, 0.2), 0.22, WHITE, 0.8),
        Words("CONDENSED", (0.5, 0.36), 0.08, WHITE, 0.4),
        Oval((0.43, 0.43, 0.57, 0.57), GOLD),
        Words("Tomato", (0.35, 0.67), 0.17, RED, 0.5),
        Words("SOUP", (0.35, 0.84), 0.16, (168, 128, 40), 0.4),
        Picture("tomato", (0.76, 0.76), 0.2, 1),
    ),
)
_SOUP_BACK: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.0, 1.0, 0.5), RED),
        *facts(WHITE, "Campbell's", "food", WHITE, 6).elements,
        Picture("tomato", (0.25, 0.85), 0.12, 2),
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
        Words("StarKist", (0.3, 0.3), 0.5, WHITE, 0.5, RED),
        Words("CHUNK LIGHT", (0.3, 0.66), 0.22, YELLOW, 0.5),
        Words("TUNA", (0.3, 0.87), 0.28, WHITE, 0.4),
        Oval((0.58, 0.08, 0.94, 0.92), SKY),
        Picture("fish", (0.76, 0.5), 0.4, 1),
    ),
)
_TUNA_BACK: Final = Panel(
    BLUE,
    (
        *facts(BLUE, "", "food", WHITE, 7).elements[1:],
        Words("StarKist TUNA in water", (0.5, 0.12), 0.22, WHITE, 0.9),
        Words("NET WT 5 OZ (142 g)", (0.26, 0.85), 0.14, YELLOW, 0.42),
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
        Picture("ham", (0.5, 0.68), 0.2, 1),
        Rectangle((0.0, 0.9, 1.0, 1.0), YELLOW),
        Words("CHOPPED HAM  NET WT 12 OZ", (0.5, 0.95), 0.06, DARK_RED, 0.6),
    ),
)
_HAM_BACK: Final = Panel(
    NAVY,
    (
        Rectangle((0.0, 0.0, 1.0, 0.06), YELLOW),
        *facts(NAVY, "SPAM", "food", YELLOW, 8).elements,
        Picture("ham", (0.27, 0.82), 0.12, 2),
    ),
)

POTTED_MEAT_CAN: Final = Design(
    "ycb.potted_meat_can",
    can(0.097, 0.082, Section(0.050 / 0.097, 0.4, 48)),
    {"label": Wrap(_HAM_FRONT, _HAM_BACK), "metal": _METAL},
    (NAVY, YELLOW),
)

CANS: Final = (MASTER_CHEF_CAN, TOMATO_SOUP_CAN, TUNA_FISH_CAN, POTTED_MEAT_CAN)
