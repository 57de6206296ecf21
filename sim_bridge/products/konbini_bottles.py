"""Bottles and a bowl as Japanese convenience stores sell them."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.designs import Design
from sim_bridge.products.inks import (
    BLACK,
    BLUE,
    CREAM,
    DARK_GREEN,
    DARK_RED,
    GREEN,
    LIME,
    PINK,
    RED,
    WHITE,
    YELLOW,
)
from sim_bridge.products.layouts import FACTS
from sim_bridge.products.parts import Block, Disc, Section, Turned, smooth
from sim_bridge.products.prints import Inset, Oval, Panel, Picture, Rectangle, Wrap
from sim_bridge.products.words import BarCode, SmallPrint, Words

_SOAP_SECTION: Final = Section(0.055 / 0.080, 0.9)
_SOAP_FRONT: Final = Panel(
    WHITE,
    (
        Oval((0.2, 0.2, 0.8, 0.86), (214, 236, 248)),
        Words("ビオレ", (0.5, 0.36), 0.15, BLUE, 0.56),
        Words("Biore u", (0.5, 0.48), 0.08, BLUE, 0.44),
        Words("泡ハンドソープ", (0.5, 0.58), 0.08, PINK, 0.54),
        Picture("bubbles", (0.5, 0.73), 0.13, 1),
    ),
)
_SOAP_BACK: Final = Panel(
    WHITE,
    (
        Words("ハンドソープ", (0.5, 0.3), 0.08, BLUE, 0.5),
        SmallPrint((0.24, 0.36, 0.76, 0.66), FACTS["日用品"], BLUE),
        BarCode((0.38, 0.7, 0.62, 0.82), 41),
    ),
)

BIORE_HAND_SOAP: Final = Design(
    "konbini.biore_hand_soap",
    (
        Disc("bottle", 0.036, 0.0, True, _SOAP_SECTION, up=False),
        Turned(
            "label",
            smooth(((0.036, 0.0), (0.040, 0.006), (0.040, 0.085), (0.036, 0.105), (0.016, 0.118))),
            section=_SOAP_SECTION,
        ),
        Turned("collar", ((0.017, 0.112), (0.017, 0.128), (0.008, 0.132)), plain=True),
        Turned("pump", ((0.006, 0.130), (0.006, 0.152)), plain=True),
        Turned(
            "pump",
            smooth(((0.014, 0.150), (0.017, 0.154), (0.014, 0.162), (0.0, 0.164))),
            plain=True,
        ),
        Block("nozzle", (0.012, 0.034, 0.009), (0.0, -0.024, 0.152)),
    ),
    {
        "label": Wrap(_SOAP_FRONT, _SOAP_BACK),
        "bottle": Panel(WHITE),
        "collar": Panel(WHITE),
        "pump": Panel((238, 242, 246)),
        "nozzle": Panel((238, 242, 246)),
    },
    (WHITE,),
)

_SOY_FRONT: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.16, 1.0, 0.36), RED),
        Words("キッコーマン", (0.5, 0.26), 0.12, WHITE, 0.64),
        Words("醤油", (0.5, 0.5), 0.2, BLACK, 0.56),
        Words("いつでも新鮮", (0.5, 0.64), 0.06, RED, 0.56),
        Picture("drop", (0.5, 0.79), 0.2, 1),
        Words("しぼりたて生しょうゆ", (0.5, 0.95), 0.045, BLACK, 0.56),
    ),
)
_SOY_BACK: Final = Panel(
    WHITE,
    (
        Rectangle((0.0, 0.16, 1.0, 0.36), RED),
        Words("KIKKOMAN", (0.5, 0.26), 0.1, WHITE, 0.6),
        SmallPrint((0.2, 0.4, 0.8, 0.74), FACTS["食品"], BLACK),
        BarCode((0.3, 0.78, 0.7, 0.92), 42),
    ),
)

KIKKOMAN_SOY_SAUCE: Final = Design(
    "konbini.kikkoman_soy_sauce",
    (
        Disc("bottle", 0.026, 0.0, True, up=False),
        Turned(
            "label",
            smooth(((0.026, 0.0), (0.029, 0.004), (0.029, 0.100), (0.026, 0.115), (0.0165, 0.126))),
        ),
        Turned("cap", ((0.0175, 0.122), (0.0175, 0.142), (0.0155, 0.145)), plain=True),
        Turned(
            "cap",
            smooth(((0.0155, 0.145), (0.009, 0.148), (0.007, 0.158), (0.0, 0.159))),
            plain=True,
        ),
    ),
    {"label": Wrap(_SOY_FRONT, _SOY_BACK), "bottle": Panel(WHITE), "cap": Panel(RED)},
    (WHITE, RED),
)

_TEA_LABEL: Final = Panel(
    GREEN,
    (
        Rectangle((0.3, 0.0, 0.7, 1.0), LIME),
        Words("お〜いお茶", (0.5, 0.42), 0.25, DARK_GREEN, 0.76, WHITE, vertical=True),
        Picture("leaf", (0.5, 0.89), 0.1, 4),
        Words("緑茶", (0.15, 0.2), 0.14, WHITE, 0.24),
        Picture("leaf", (0.15, 0.45), 0.12, 1),
        Words("国産茶葉", (0.15, 0.7), 0.07, YELLOW, 0.24),
        Picture("tea_field", (0.85, 0.3), 0.12, 2),
        Words("525ml", (0.85, 0.6), 0.09, WHITE, 0.24),
        Words("GREEN TEA", (0.85, 0.78), 0.06, WHITE, 0.26),
    ),
)
_TEA_BACK: Final = Panel(
    GREEN,
    (
        Words("お〜いお茶", (0.5, 0.1), 0.12, WHITE, 0.62),
        SmallPrint((0.2, 0.2, 0.8, 0.64), FACTS["食品"], BLACK, CREAM),
        Picture("leaf", (0.32, 0.81), 0.12, 3),
        BarCode((0.5, 0.72, 0.8, 0.92), 43),
    ),
)
_TEA_BOTTLE: Final = (92, 148, 58)

OI_OCHA: Final = Design(
    "konbini.oi_ocha",
    (
        Disc("bottle", 0.028, 0.0, True, up=False),
        Turned(
            "label",
            smooth(
                (
                    (0.028, 0.0),
                    (0.033, 0.006),
                    (0.033, 0.155),
                    (0.030, 0.170),
                    (0.016, 0.190),
                    (0.0125, 0.198),
                )
            ),
        ),
        Turned("cap", ((0.0145, 0.196), (0.0145, 0.211), (0.013, 0.213), (0.0, 0.213)), plain=True),
    ),
    {
        "label": Wrap(
            Panel(_TEA_BOTTLE, (Inset((0.0, 0.24, 1.0, 0.84), _TEA_LABEL),)),
            Panel(_TEA_BOTTLE, (Inset((0.0, 0.24, 1.0, 0.84), _TEA_BACK),)),
        ),
        "bottle": Panel(_TEA_BOTTLE),
        "cap": Panel(WHITE),
    },
    (GREEN,),
)

_BOWL_SECTION: Final = Section(segments=40)
_BOWL_FRONT: Final = Panel(
    RED,
    (
        Rectangle((0.0, 0.0, 1.0, 0.12), DARK_RED),
        Oval((0.3, 0.16, 0.7, 0.94), WHITE),
        Words("どん兵衛", (0.5, 0.4), 0.26, RED, 0.34),
        Words("そば", (0.5, 0.7), 0.26, BLACK, 0.3),
        Picture("soba", (0.16, 0.56), 0.3, 1),
        Words("カップめん", (0.84, 0.42), 0.14, WHITE, 0.26),
        Words("天ぷら", (0.84, 0.66), 0.18, YELLOW, 0.26),
    ),
)
_BOWL_BACK: Final = Panel(
    RED,
    (
        Rectangle((0.0, 0.0, 1.0, 0.12), DARK_RED),
        SmallPrint((0.2, 0.2, 0.58, 0.9), FACTS["食品"], BLACK, WHITE),
        Words("熱湯3分", (0.72, 0.32), 0.2, WHITE, 0.24),
        BarCode((0.62, 0.55, 0.82, 0.88), 44),
    ),
)
_BOWL_LID: Final = Panel(
    RED,
    (
        Oval((0.02, 0.02, 0.98, 0.98), WHITE),
        Oval((0.05, 0.05, 0.95, 0.95), RED),
        Words("どん兵衛", (0.5, 0.24), 0.16, WHITE, 0.66, DARK_RED),
        Picture("soba", (0.5, 0.55), 0.24, 2),
        Words("天ぷらそば", (0.5, 0.86), 0.1, YELLOW, 0.5),
    ),
)

DONBEI_SOBA: Final = Design(
    "konbini.donbei_soba",
    (
        Disc("foot", 0.049, 0.0, True, up=False),
        Turned("foot", ((0.049, 0.0), (0.049, 0.006), (0.052, 0.007)), plain=True),
        Turned(
            "label", ((0.052, 0.007), (0.058, 0.030), (0.067, 0.072)), section=Section(segments=40)
        ),
        Turned("rim", ((0.067, 0.072), (0.070, 0.073), (0.070, 0.076), (0.068, 0.077)), plain=True),
        Disc("lid", 0.0685, 0.077, section=_BOWL_SECTION),
    ),
    {
        "label": Wrap(_BOWL_FRONT, _BOWL_BACK),
        "foot": Panel(WHITE),
        "rim": Panel(WHITE),
        "lid": _BOWL_LID,
    },
    (RED,),
)

BOTTLES: Final = (BIORE_HAND_SOAP, KIKKOMAN_SOY_SAUCE, OI_OCHA, DONBEI_SOBA)
