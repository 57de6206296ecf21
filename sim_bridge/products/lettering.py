"""Words fitted into prints: any face, colour that can be read, any slope."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

from culture_perception.fonts import load_font
from sim_bridge.products.pen import Rgb

Font: TypeAlias = "ImageFont.FreeTypeFont | ImageFont.ImageFont"
_DARK_BELOW = 380
_SMALLEST_PX = 5


@lru_cache(maxsize=512)
def _font(bold: bool, size_px: int) -> Font:
    """The shipped bold font, or Pillow's own lighter one, which has only Latin letters."""
    return load_font(size_px) if bold else ImageFont.load_default(size=size_px)


def readable_on(background: Rgb) -> Rgb:
    """Near-white or near-black, whichever can be read on the background."""
    return (250, 250, 245) if sum(background) < _DARK_BELOW else (30, 30, 40)


def is_readable(letters: Rgb, background: Rgb) -> bool:
    """Whether two colours differ enough for print."""
    return sum(abs(a - b) for a, b in zip(letters, background, strict=True)) > 200


def fitted_size(text: str, max_width: float, max_height: float, bold: bool) -> int:
    """The largest font size in pixels at which one line of text fits a rectangle."""
    width_at_20 = max(1.0, float(_font(bold, 20).getlength(text)))
    size = min(max_height * 1.25, 20 * max_width / width_at_20)
    return max(_SMALLEST_PX, int(size))


def write_fitted(
    image: Image.Image,
    text: str,
    centre: tuple[float, float],
    max_size: tuple[float, float],
    colour: Rgb,
    bold: bool = True,
    angle_deg: float = 0.0,
) -> None:
    """Writes text as large as fits, lines split at newlines.

    Args:
        image: RGB, changed in place.
        text: one or more lines.
        centre: (x, y) of the block, pixels.
        max_size: (width, height) of the block before it is turned, pixels.
        colour: of the letters.
        bold: which of the two faces; text that is not ASCII always has the bold one.
        angle_deg: counter-clockwise slope.
    """
    bold = bold or not text.isascii()
    lines = text.split("\n")
    line_height = max_size[1] / len(lines)
    size = min(fitted_size(line, max_size[0], line_height, bold) for line in lines)
    font = _font(bold, size)
    if angle_deg == 0.0:
        _write_lines(ImageDraw.Draw(image), lines, centre, size, font, colour)
        return
    side = int(max(max_size) * 1.1) + 4
    mask = Image.new("L", (side, side), 0)
    _write_lines(ImageDraw.Draw(mask), lines, (side / 2, side / 2), size, font, 255)
    mask = mask.rotate(angle_deg, Image.Resampling.BILINEAR)
    corner = (int(centre[0] - side / 2), int(centre[1] - side / 2))
    image.paste(Image.new("RGB", mask.size, colour), corner, mask)


def _write_lines(
    draw: ImageDraw.ImageDraw,
    lines: list[str],
    centre: tuple[float, float],
    size: int,
    font: Font,
    fill: Rgb | int,
) -> None:
    top = centre[1] - size * 0.95 * (len(lines) - 1) / 2
    for i, line in enumerate(lines):
        draw.text((centre[0], top + size * 0.95 * i), line, fill=fill, font=font, anchor="mm")
