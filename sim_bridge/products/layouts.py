"""Panels that many packages share: backs with small print, plain faces, faces of a carton."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sim_bridge.products.inks import BLACK, WHITE
from sim_bridge.products.prints import Element, Panel, Print, Rgb, Rotated
from sim_bridge.products.words import BarCode, SmallPrint, Words

FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "food": (
        "Nutrition Facts",
        "Serving size 30 g, about 8 a package",
        "Calories 140, total fat 6 g 8 %",
        "Sodium 230 mg 10 %, protein 3 g",
        "Total carbohydrate 18 g 7 %",
        "Ingredients: see the lid. Store cool and dry.",
    ),
    "household": (
        "Directions: shake, apply, wait a minute,",
        "wipe off with a damp cloth and rinse.",
        "Caution: irritates the eyes. In case of",
        "contact rinse with plenty of water.",
        "Keep out of reach of children.",
    ),
    "食品": (
        "名称:菓子 内容量:表面に記載",
        "原材料名:小麦粉、砂糖、植物油脂、食塩、",
        "全粉乳、でん粉、香料、乳化剤、膨張剤",
        "栄養成分表示 エネルギー 210kcal",
        "たんぱく質 3.2g 脂質 11.4g 食塩 0.3g",
        "保存方法:直射日光を避け、28度以下で保存",
        "賞味期限:底面に記載 製造者:表面に記載",
    ),
    "日用品": (
        "使い方 用途:家庭用 成分:界面活性剤",
        "使用量のめやす 水30Lに対して 20g",
        "使用上の注意 子供の手の届く所に置かない",
        "目に入った時は、すぐに水で洗い流す",
        "用途以外に使わない。正味量:表面に記載",
    ),
}
"""Small print by kind of goods and language."""


def facts(
    ground: Rgb, title: str, kind: str, ink: Rgb = WHITE, seed: int = 0, *extra: Element
) -> Panel:
    """A back: the product's name, small print on white, a bar code, then what else is given."""
    return Panel(
        ground,
        (
            Words(title, (0.5, 0.12), 0.13, ink, 0.86),
            SmallPrint((0.08, 0.25, 0.92, 0.7), FACTS[kind], BLACK, WHITE),
            BarCode((0.5, 0.75, 0.92, 0.94), seed),
            *extra,
        ),
    )


def carton(front: Print, back: Print, side: Print, lid: Print) -> dict[str, Print]:
    """A carton's prints: both sides alike, top and bottom alike but the bottom upside down."""
    return {
        "front": front,
        "back": back,
        "left": side,
        "right": side,
        "top": lid,
        "bottom": Rotated(lid, 2),
    }
