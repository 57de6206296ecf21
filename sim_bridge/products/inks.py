"""The colours that packages are printed in."""

from __future__ import annotations

from typing import Final

from sim_bridge.products.prints import Rgb

WHITE: Final[Rgb] = (248, 248, 245)
CREAM: Final[Rgb] = (248, 238, 208)
BLACK: Final[Rgb] = (26, 26, 28)
GREY: Final[Rgb] = (128, 131, 136)
SILVER: Final[Rgb] = (188, 190, 194)
RED: Final[Rgb] = (204, 22, 32)
DARK_RED: Final[Rgb] = (140, 12, 22)
ORANGE: Final[Rgb] = (242, 124, 24)
YELLOW: Final[Rgb] = (250, 208, 28)
GOLD: Final[Rgb] = (206, 164, 62)
LIME: Final[Rgb] = (156, 204, 62)
GREEN: Final[Rgb] = (34, 142, 62)
DARK_GREEN: Final[Rgb] = (14, 86, 40)
SKY: Final[Rgb] = (112, 190, 234)
BLUE: Final[Rgb] = (26, 78, 196)
NAVY: Final[Rgb] = (22, 32, 96)
PURPLE: Final[Rgb] = (120, 62, 160)
LILAC: Final[Rgb] = (206, 176, 224)
PINK: Final[Rgb] = (242, 150, 176)
BROWN: Final[Rgb] = (96, 54, 30)
