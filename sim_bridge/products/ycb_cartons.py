"""Cartons after those of the YCB object set, in its sizes."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BLACK,
    BLUE,
    BROWN,
    CREAM,
    DARK_RED,
    NAVY,
    PINK,
    RED,
    WHITE,
    YELLOW,
)
from sim_bridge.products.layouts import carton, facts
from sim_bridge.products.parts import Carton
from sim_bridge.products.prints import Oval, Panel, Picture, Polygon, Rectangle
from sim_bridge.products.words import SmallPrint, Words

_CRACKER_NAME = Words("CHEEZ-IT", (0.5, 0.15), 0.19, WHITE, 0.86, DARK_RED)
_CRACKER_LID = Panel(RED, (Words("CHEEZ-IT", (0.5, 0.5), 0.6, WHITE, 0.7, DARK_RED),))

CRACKER_BOX: Final = Design(
    "ycb.cracker_box",
    (Carton(0.158, 0.060, 0.210),),
    carton(
        Panel(
            RED,
            (
                _CRACKER_NAME,
                Words("baked snack crackers", (0.5, 0.27), 0.055, YELLOW, 0.7),
                Rectangle((0.1, 0.33, 0.9, 0.47), DARK_RED, 0.2),
                Words("ORIGINAL", (0.5, 0.4), 0.085, WHITE, 0.7),
                Picture("crackers", (0.5, 0.7), 0.33, 1),
                Words("NET WT 12.4 OZ (351 g)", (0.5, 0.96), 0.035, WHITE, 0.6),
            ),
        ),
        facts(RED, "CHEEZ-IT", "food", YELLOW, 1, Picture("cookies", (0.25, 0.85), 0.13, 2)),
        Panel(
            RED,
            (
                Words("CHEEZ-IT", (0.5, 0.09), 0.09, WHITE, 0.9, DARK_RED),
                Words("baked\nsnack\ncrackers", (0.5, 0.28), 0.05, YELLOW, 0.8),
                Picture("crackers", (0.5, 0.6), 0.44, 3),
                SmallPrint(
                    (0.1, 0.82, 0.9, 0.96), ("Made with", "100 % real cheese"), BLACK, CREAM
                ),
            ),
        ),
        _CRACKER_LID,
    ),
    (RED,),
)

_SUGAR_NAME = Words("Domino", (0.5, 0.27), 0.12, WHITE, 0.8, NAVY)

SUGAR_BOX: Final = Design(
    "ycb.sugar_box",
    (Carton(0.089, 0.038, 0.175),),
    carton(
        Panel(
            YELLOW,
            (
                Rectangle((0.0, 0.0, 1.0, 0.1), WHITE),
                Words("PREMIUM", (0.5, 0.05), 0.06, NAVY, 0.7),
                Polygon(((0.02, 0.36), (0.1, 0.17), (0.98, 0.17), (0.9, 0.36)), NAVY),
                _SUGAR_NAME,
                Rectangle((0.0, 0.45, 1.0, 1.0), WHITE),
                Words("PURE CANE\nGRANULATED", (0.5, 0.53), 0.055, NAVY, 0.85),
                Words("SUGAR", (0.5, 0.66), 0.13, BLUE, 0.86),
                Picture("sugar_cubes", (0.5, 0.83), 0.24, 1),
                Words("NET WT 1 LB (454 g)", (0.5, 0.97), 0.03, BLACK, 0.7),
            ),
        ),
        facts(YELLOW, "Domino SUGAR", "food", NAVY, 2),
        Panel(
            WHITE,
            (
                Rectangle((0.0, 0.0, 1.0, 0.42), YELLOW),
                Words("Domino", (0.5, 0.22), 0.6, NAVY, 0.36, slope=90),
                Words("SUGAR", (0.5, 0.71), 0.7, BLUE, 0.5, slope=90),
            ),
        ),
        Panel(YELLOW, (Words("Domino SUGAR", (0.5, 0.5), 0.5, NAVY, 0.85),)),
    ),
    (WHITE, YELLOW),
)

PUDDING_BOX: Final = Design(
    "ycb.pudding_box",
    (Carton(0.110, 0.035, 0.089),),
    carton(
        Panel(
            BROWN,
            (
                Words("JELL-O", (0.5, 0.2), 0.28, WHITE, 0.84, RED),
                Words("chocolate", (0.3, 0.45), 0.14, CREAM, 0.52),
                Words("pudding & pie filling", (0.3, 0.6), 0.08, YELLOW, 0.52),
                Oval((0.56, 0.4, 0.98, 0.98), (150, 100, 62)),
                Picture("chocolate_jelly", (0.77, 0.69), 0.25, 1),
                Words("instant", (0.2, 0.77), 0.1, WHITE, 0.4),
                Words("NET WT 3.9 OZ (110 g)", (0.28, 0.92), 0.055, CREAM, 0.5),
            ),
        ),
        facts(BROWN, "JELL-O chocolate", "food", CREAM, 3),
        Panel(
            BROWN,
            (
                Words("JELL-O", (0.5, 0.72), 0.7, WHITE, 0.46, RED, slope=90),
                Words("chocolate", (0.5, 0.25), 0.5, CREAM, 0.42, slope=90),
            ),
        ),
        Panel(BROWN, (Words("JELL-O chocolate pudding", (0.5, 0.5), 0.5, WHITE, 0.9),)),
    ),
    (BROWN,),
)

GELATIN_BOX: Final = Design(
    "ycb.gelatin_box",
    (Carton(0.085, 0.028, 0.073),),
    carton(
        Panel(
            RED,
            (
                Words("JELL-O", (0.5, 0.2), 0.28, WHITE, 0.84, DARK_RED),
                Words("strawberry", (0.29, 0.45), 0.13, PINK, 0.52),
                Words("GELATIN DESSERT", (0.3, 0.6), 0.08, WHITE, 0.52),
                Oval((0.57, 0.38, 0.99, 0.98), CREAM),
                Picture("strawberry_jelly", (0.78, 0.7), 0.2, 1),
                Words("fat free", (0.2, 0.77), 0.1, YELLOW, 0.4),
                Words("NET WT 3 OZ (85 g)", (0.28, 0.92), 0.055, WHITE, 0.5),
            ),
        ),
        facts(RED, "JELL-O strawberry", "food", WHITE, 4),
        Panel(
            RED,
            (
                Words("JELL-O", (0.5, 0.72), 0.7, WHITE, 0.46, DARK_RED, slope=90),
                Words("strawberry", (0.5, 0.25), 0.5, PINK, 0.42, slope=90),
            ),
        ),
        Panel(RED, (Words("JELL-O strawberry gelatin", (0.5, 0.5), 0.5, WHITE, 0.9),)),
    ),
    (RED,),
)

CARTONS: Final = (CRACKER_BOX, SUGAR_BOX, PUDDING_BOX, GELATIN_BOX)
