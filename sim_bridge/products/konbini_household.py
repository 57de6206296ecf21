"""Cartons of household goods as Japanese stores sell them."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BLUE,
    GREEN,
    LILAC,
    LIME,
    NAVY,
    PURPLE,
    RED,
    WHITE,
    YELLOW,
)
from sim_bridge.products.layouts import carton, facts
from sim_bridge.products.parts import Carton
from sim_bridge.products.prints import Oval, Panel, Picture, Polygon, Rectangle, Shade
from sim_bridge.products.words import Words

ATTACK_RESET_POWER: Final = Design(
    "konbini.attack_reset_power",
    (Carton(0.155, 0.100, 0.150),),
    carton(
        Panel(
            BLUE,
            (
                Shade((0.0, 0.55, 1.0, 1.0), BLUE, NAVY),
                Words("アタック", (0.5, 0.2), 0.26, WHITE, 0.86, NAVY, slope=4),
                Polygon(((0.0, 0.46), (1.0, 0.36), (1.0, 0.52), (0.0, 0.62)), YELLOW),
                Words("リセットパワー", (0.5, 0.49), 0.12, RED, 0.86, slope=5),
                Picture("shirt", (0.32, 0.79), 0.17, 1),
                Picture("bubbles", (0.72, 0.78), 0.17, 2),
                Words("漂白・除菌", (0.72, 0.95), 0.07, WHITE, 0.4),
            ),
        ),
        facts(
            BLUE,
            "アタック リセットパワー",
            "日用品",
            WHITE,
            31,
            Picture("bubbles", (0.25, 0.85), 0.12),
        ),
        Panel(
            BLUE,
            (
                Words("アタック", (0.5, 0.15), 0.2, WHITE, 0.9, NAVY),
                Words("漂白剤入り洗剤", (0.5, 0.34), 0.1, YELLOW, 0.86),
                Picture("shirt", (0.5, 0.68), 0.3, 3),
            ),
        ),
        Panel(BLUE, (Words("アタック", (0.5, 0.5), 0.4, WHITE, 0.8, NAVY),)),
    ),
    (BLUE,),
)

ATTACK_NEO: Final = Design(
    "konbini.attack_neo",
    (Carton(0.100, 0.060, 0.082),),
    carton(
        Panel(
            WHITE,
            (
                Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 0.44), (0.0, 0.58)), BLUE),
                Words("アタック", (0.44, 0.19), 0.22, WHITE, 0.72, NAVY),
                Words("Neo", (0.5, 0.4), 0.16, LIME, 0.6),
                Picture("bubbles", (0.26, 0.79), 0.18, 1),
                Words("濃縮洗剤", (0.68, 0.68), 0.14, BLUE, 0.5),
                Words("抗菌 コンパクト", (0.68, 0.87), 0.09, GREEN, 0.5),
            ),
        ),
        facts(BLUE, "アタック Neo", "日用品", WHITE, 32, Picture("bubbles", (0.25, 0.85), 0.12)),
        Panel(
            WHITE,
            (
                Rectangle((0.0, 0.0, 1.0, 0.45), BLUE),
                Words("アタック\nNeo", (0.5, 0.22), 0.17, WHITE, 0.86),
                Picture("bubbles", (0.5, 0.73), 0.3, 2),
            ),
        ),
        Panel(BLUE, (Words("アタック Neo", (0.5, 0.5), 0.34, WHITE, 0.8),)),
    ),
    (BLUE, WHITE),
)

MEGURHYTHM: Final = Design(
    "konbini.megurhythm",
    (Carton(0.105, 0.045, 0.150),),
    carton(
        Panel(
            PURPLE,
            (
                Shade((0.0, 0.62, 1.0, 1.0), PURPLE, LILAC),
                Words("蒸気でホット", (0.5, 0.08), 0.07, WHITE, 0.7),
                Words("アイマスク", (0.5, 0.17), 0.09, WHITE, 0.8),
                Words("めぐりズム", (0.5, 0.33), 0.15, YELLOW, 0.88, (80, 34, 112)),
                Words("MegRhythm", (0.5, 0.44), 0.06, LILAC, 0.6),
                Oval((0.14, 0.49, 0.86, 0.95), LILAC),
                Picture("eye_mask", (0.5, 0.72), 0.27, 1),
                Words("5枚入", (0.86, 0.95), 0.06, PURPLE, 0.24),
            ),
        ),
        facts(PURPLE, "めぐりズム", "日用品", WHITE, 33, Picture("eye_mask", (0.25, 0.85), 0.13)),
        Panel(PURPLE, (Words("めぐりズム", (0.5, 0.5), 0.5, WHITE, 0.86, vertical=True),)),
        Panel(PURPLE, (Words("アイマスク", (0.5, 0.5), 0.5, WHITE, 0.8),)),
    ),
    (PURPLE,),
)

HOUSEHOLD: Final = (ATTACK_RESET_POWER, ATTACK_NEO, MEGURHYTHM)
