"""Bags of snacks and salt as Japanese convenience stores sell them."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BLACK,
    BLUE,
    DARK_GREEN,
    DARK_RED,
    GREEN,
    NAVY,
    ORANGE,
    RED,
    SILVER,
    SKY,
    WHITE,
    YELLOW,
)
from sim_bridge.products.layouts import facts
from sim_bridge.products.parts import Bag
from sim_bridge.products.prints import (
    Element,
    Oval,
    Panel,
    Picture,
    Polygon,
    Print,
    Rectangle,
    Rgb,
    Shade,
)
from sim_bridge.products.words import Words

_SEALS: Final = (
    Rectangle((0.0, 0.0, 1.0, 0.045), SILVER),
    Rectangle((0.0, 0.955, 1.0, 1.0), SILVER),
)


def _bag(
    ground: Rgb, title: str, ink: Rgb, seed: int, picture: str, *front: Element
) -> dict[str, Print]:
    """A bag's prints: the front as given, a back with small print, welded seams on both."""
    content = Picture(picture, (0.25, 0.84), 0.12, seed)
    return {
        "front": Panel(ground, (*front, *_SEALS)),
        "back": facts(ground, title, "食品", ink, seed, content, *_SEALS),
    }


CALBEE_CHIPS: Final = Design(
    "konbini.calbee_chips",
    (Bag(0.180, 0.240, 0.070, 51),),
    _bag(
        ORANGE,
        "ポテトチップス",
        WHITE,
        51,
        "chips",
        Shade((0.0, 0.4, 1.0, 1.0), ORANGE, YELLOW),
        Words("Calbee", (0.5, 0.11), 0.07, WHITE, 0.4, RED),
        Words("ポテトチップス", (0.5, 0.25), 0.16, RED, 0.86, WHITE),
        Rectangle((0.16, 0.36, 0.84, 0.46), RED, 0.4),
        Words("うすしお味", (0.5, 0.41), 0.085, WHITE, 0.6),
        Picture("chips", (0.5, 0.7), 0.36, 1),
    ),
    (ORANGE,),
)

HAKATA_NO_SHIO: Final = Design(
    "konbini.hakata_no_shio",
    (Bag(0.140, 0.200, 0.045, 52),),
    _bag(
        WHITE,
        "伯方の塩",
        RED,
        52,
        "salt",
        Rectangle((0.0, 0.08, 1.0, 0.15), BLUE),
        Words("伯方の塩", (0.5, 0.45), 0.16, RED, 0.58, vertical=True),
        Words("海の塩", (0.2, 0.27), 0.07, BLUE, 0.28),
        Words("粗塩 1kg", (0.8, 0.27), 0.06, BLUE, 0.28),
        Rectangle((0.0, 0.8, 1.0, 0.92), BLUE),
        Words("SEA SALT", (0.5, 0.86), 0.08, WHITE, 0.7),
        Oval((0.03, 0.46, 0.35, 0.7), SKY),
        Picture("salt", (0.19, 0.57), 0.13, 2),
        Oval((0.65, 0.46, 0.97, 0.7), SKY),
        Picture("salt", (0.81, 0.57), 0.13, 3),
    ),
    (WHITE,),
)

TONGARI_CORN_SNACK: Final = Design(
    "konbini.tongari_corn_snack",
    (Bag(0.150, 0.205, 0.055, 53),),
    _bag(
        YELLOW,
        "トウモリコ",
        DARK_GREEN,
        53,
        "corn",
        Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 0.14), (0.0, 0.2)), GREEN),
        Words("コーンスナック", (0.5, 0.105), 0.065, WHITE, 0.7, slope=3),
        Words("トウモリコ", (0.5, 0.32), 0.15, RED, 0.86, WHITE),
        Words("Toomoriko", (0.5, 0.44), 0.06, DARK_GREEN, 0.6),
        Oval((0.14, 0.48, 0.86, 0.92), (255, 246, 206)),
        Picture("corn", (0.5, 0.71), 0.27, 1),
        Words("とうもろこし味", (0.5, 0.925), 0.05, BLACK, 0.7),
    ),
    (YELLOW,),
)

TABEKIRI_PEANUTS: Final = Design(
    "konbini.tabekiri_peanuts",
    (Bag(0.130, 0.180, 0.040, 54),),
    _bag(
        SKY,
        "海味鮮",
        NAVY,
        54,
        "peanuts",
        Rectangle((0.0, 0.07, 1.0, 0.17), BLUE),
        Words("食べきりサイズ", (0.5, 0.12), 0.065, WHITE, 0.7),
        Words("海味鮮", (0.5, 0.32), 0.18, NAVY, 0.8, WHITE),
        Oval((0.12, 0.45, 0.88, 0.9), WHITE),
        Picture("peanuts", (0.5, 0.68), 0.27, 1),
        Words("ピーナッツ", (0.5, 0.92), 0.07, DARK_RED, 0.5, WHITE),
    ),
    (SKY,),
)

BAGS: Final = (CALBEE_CHIPS, HAKATA_NO_SHIO, TONGARI_CORN_SNACK, TABEKIRI_PEANUTS)
