"""The printed figures of Garcia Alvarado et al., Tables I and II, as shares from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, str, str]
"""Label set, language and style."""

TABLE_1: Final[Mapping[Key, float]] = {
    ("ycb", "en", "plain"): 0.7916,
    ("ycb", "en", "brand"): 0.8248,
    ("konbini", "en", "plain"): 0.6333,
    ("konbini", "en", "brand"): 0.4878,
    ("konbini", "ja", "plain"): 0.1087,
    ("konbini", "ja", "brand"): 0.2439,
}
"""Average accuracy; most likely a mean of scores with zeros, not a hit rate."""

FIGURES_2: Final = ("f1", "iou", "accuracy", "precision", "recall")
"""In the order of Table II's columns."""

TABLE_2: Final[Mapping[Key, Mapping[str, float]]] = {
    key: dict(zip(FIGURES_2, values, strict=True))
    for key, values in {
        ("ycb", "en", "plain"): (0.75, 0.31, 0.75, 0.75, 0.75),
        ("ycb", "en", "brand"): (0.76, 0.32, 0.76, 0.75, 0.78),
        ("konbini", "en", "plain"): (0.57, 0.25, 0.64, 0.70, 0.49),
        ("konbini", "en", "brand"): (0.46, 0.19, 0.60, 0.73, 0.34),
        ("konbini", "ja", "plain"): (0.26, 0.06, 0.55, 0.72, 0.16),
        ("konbini", "ja", "brand"): (0.41, 0.12, 0.59, 0.76, 0.28),
    }.items()
}
