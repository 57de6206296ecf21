"""The font that products are printed with: the one culture_perception ships."""

from __future__ import annotations

from PIL import ImageFont

from culture_perception.fonts import load_font


def font(size_px: float) -> ImageFont.FreeTypeFont:
    """The bold font at a size in pixels, rounded and at least 1; covers Latin and Japanese."""
    return load_font(max(1, round(size_px)))


def fitted_font(text: str, width_px: float, size_px: float) -> ImageFont.FreeTypeFont:
    """The largest font up to size_px in which the text is no wider than width_px (1 px at least).

    Lines are measured one by one.
    """
    widest = max((font(size_px).getlength(line) for line in text.split("\n")), default=0.0)
    return font(size_px if widest <= width_px else int(size_px * width_px / widest))
