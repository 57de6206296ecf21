"""Cartons of sweets and curry as Japanese convenience stores sell them."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BROWN,
    CREAM,
    DARK_GREEN,
    DARK_RED,
    LIME,
    RED,
    WHITE,
    YELLOW,
)
from sim_bridge.products.layouts import carton, facts
from sim_bridge.products.parts import Carton
from sim_bridge.products.prints import Oval, Panel, Picture, Polygon, Rectangle
from sim_bridge.products.words import Words

_SMALL_SHOOTS: Final = Picture("bamboo_shoots", (0.25, 0.85), 0.14)

TAKENOKO_NO_SATO: Final = Design(
    "konbini.takenoko_no_sato",
    (Carton(0.152, 0.038, 0.112),),
    carton(
        Panel(
            LIME,
            (
                Polygon(
                    ((0.0, 1.0), (0.0, 0.72), (0.3, 0.6), (0.7, 0.7), (1.0, 0.58), (1.0, 1.0)),
                    (74, 158, 60),
                ),
                Words("たけのこの里", (0.5, 0.23), 0.27, WHITE, 0.9, DARK_GREEN, 0.1),
                Rectangle((0.06, 0.43, 0.44, 0.54), DARK_GREEN, 0.4),
                Words("チョコ & クッキー", (0.25, 0.485), 0.08, YELLOW, 0.34),
                Picture("bamboo_shoots", (0.69, 0.68), 0.33, 1),
                Picture("chocolate_cookies", (0.24, 0.77), 0.2, 2),
                Words("Takenokonosato", (0.24, 0.62), 0.07, WHITE, 0.4, DARK_GREEN),
            ),
        ),
        facts(
            LIME,
            "たけのこの里",
            "食品",
            DARK_GREEN,
            21,
            Picture("bamboo_shoots", (0.25, 0.85), 0.14),
        ),
        Panel(LIME, (Words("たけのこの里", (0.5, 0.5), 0.7, DARK_GREEN, 0.9, vertical=True),)),
        Panel(LIME, (Words("たけのこの里", (0.5, 0.5), 0.6, WHITE, 0.8, DARK_GREEN),)),
    ),
    (LIME,),
)

MACADAMIA_CHOCOLATE: Final = Design(
    "konbini.macadamia_chocolate",
    (Carton(0.176, 0.022, 0.088),),
    carton(
        Panel(
            WHITE,
            (
                Rectangle((0.0, 0.0, 1.0, 0.2), RED),
                Words("CHOCOLATE", (0.5, 0.1), 0.14, WHITE, 0.6),
                Words("MACADAMIA", (0.36, 0.4), 0.26, RED, 0.64),
                Words("マカダミア\nチョコレート", (0.34, 0.7), 0.17, BROWN, 0.56),
                Rectangle((0.0, 0.92, 1.0, 1.0), RED),
                Picture("macadamias", (0.83, 0.56), 0.3, 1),
            ),
        ),
        facts(RED, "MACADAMIA", "食品", WHITE, 22, Picture("macadamias", (0.25, 0.85), 0.13)),
        Panel(RED, (Words("チョコレート", (0.5, 0.5), 0.8, WHITE, 0.9, vertical=True),)),
        Panel(
            WHITE, (Rectangle((0, 0, 0.2, 1), RED), Words("MACADAMIA", (0.6, 0.5), 0.7, RED, 0.7))
        ),
    ),
    (WHITE, RED),
)

POCKY: Final = Design(
    "konbini.pocky",
    (Carton(0.075, 0.022, 0.150),),
    carton(
        Panel(
            RED,
            (
                Words("チョコレート", (0.5, 0.05), 0.05, CREAM, 0.6),
                Words("Pocky", (0.5, 0.16), 0.17, WHITE, 0.9, DARK_RED),
                Words("ポッキー", (0.5, 0.3), 0.1, YELLOW, 0.8),
                Rectangle((0.0, 0.9, 1.0, 1.0), DARK_RED),
                Picture("chocolate_sticks", (0.5, 0.63), 0.46, 1),
                Words("サクサク 2袋", (0.5, 0.95), 0.045, WHITE, 0.8),
            ),
        ),
        facts(RED, "ポッキー", "食品", WHITE, 23, Picture("chocolate_sticks", (0.26, 0.86), 0.16)),
        Panel(RED, (Words("ポッキー", (0.5, 0.5), 0.8, WHITE, 0.9, vertical=True),)),
        Panel(RED, (Words("Pocky", (0.5, 0.5), 0.8, WHITE, 0.8),)),
    ),
    (RED,),
)

VERMONT_CURRY: Final = Design(
    "konbini.vermont_curry",
    (Carton(0.165, 0.032, 0.085),),
    carton(
        Panel(
            YELLOW,
            (
                Rectangle((0.0, 0.0, 1.0, 0.12), RED),
                Words("りんごとはちみつ とろーり とけてる", (0.5, 0.06), 0.09, WHITE, 0.7),
                Words("バーモントカレー", (0.5, 0.3), 0.24, RED, 0.94, WHITE),
                Picture("curry", (0.65, 0.68), 0.37, 1),
                Picture("apple", (0.12, 0.7), 0.2, 2),
                Picture("honey", (0.31, 0.74), 0.18, 3),
                Oval((0.87, 0.5, 0.99, 0.73), RED),
                Words("甘口", (0.93, 0.615), 0.12, WHITE, 0.1),
            ),
        ),
        facts(YELLOW, "バーモントカレー", "食品", RED, 24, Picture("curry", (0.25, 0.85), 0.14)),
        Panel(YELLOW, (Words("カレー", (0.5, 0.5), 0.8, RED, 0.9, vertical=True),)),
        Panel(YELLOW, (Words("バーモントカレー 甘口", (0.5, 0.5), 0.6, RED, 0.9),)),
    ),
    (YELLOW,),
)

FOODS: Final = (TAKENOKO_NO_SATO, MACADAMIA_CHOCOLATE, POCKY, VERMONT_CURRY)
