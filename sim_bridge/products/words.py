"""Words, small print and bar codes on panels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sim_bridge.products.fonts import fitted_font, font
from sim_bridge.products.prints import Area, Page, Rgb, Share

_TURNED_IN_COLUMNS = "ー〜～-"
INK: Rgb = (40, 40, 44)


@dataclass(frozen=True)
class Words:
    """Words in large type, centred.

    Attributes:
        text: what is printed; a line break begins another line.
        centre: where.
        size: height of the type as a share of the panel's height (of its width where the words
            run up or down, sloped by 90 degrees).
        colour: of the type.
        width: the type is made smaller until it is no longer than this share of the panel, in the
            direction that the words run.
        outline: colour of a rim around the letters.
        rim: its width as a share of the type's height.
        slope: degrees, counter-clockwise.
        vertical: Japanese column, top to bottom.
    """

    text: str
    centre: Share
    size: float
    colour: Rgb
    width: float = 0.92
    outline: Rgb | None = None
    rim: float = 0.09
    slope: float = 0.0
    vertical: bool = False

    def paint(self, page: Page) -> None:
        """See Element."""
        face = self._face(*page.size)
        if self.outline is not None:
            self._stamp(page, face, self.outline, max(1, round(self.rim * face.size)))
        self._stamp(page, face, self.colour, 0)

    def _face(self, panel_width: int, panel_height: int) -> ImageFont.FreeTypeFont:
        """The font at the size that fits."""
        if self.vertical:
            longest = self.width * panel_height / max(1, len(self.text))
            return font(min(self.size * panel_height, longest, 0.95 * panel_width))
        along, across = panel_width, panel_height
        if abs(self.slope) == 90:
            along, across = across, along
        return fitted_font(self.text, self.width * along, self.size * across)

    def _stamp(self, page: Page, face: ImageFont.FreeTypeFont, colour: Rgb, rim: int) -> None:
        shape = _column(self.text, face, rim) if self.vertical else _lines(self.text, face, rim)
        if self.slope:
            shape = shape.rotate(self.slope, Image.Resampling.BICUBIC, expand=True)
        x, y = page.point(self.centre)
        page.image.paste(colour, (round(x - shape.width / 2), round(y - shape.height / 2)), shape)


@dataclass(frozen=True)
class SmallPrint:
    """Lines of text that fill an area from its top, on a ground of their own if given."""

    area: Area
    lines: tuple[str, ...]
    colour: Rgb = INK
    ground: Rgb | None = None

    def paint(self, page: Page) -> None:
        """See Element."""
        left, top, right, bottom = page.area(self.area)
        if self.ground is not None:
            page.draw.rectangle((left, top, right, bottom), fill=self.ground)
        margin, step = 0.04 * (right - left), (bottom - top) / (len(self.lines) + 0.5)
        width = right - left - 2 * margin
        for index, line in enumerate(self.lines):
            face = fitted_font(line, width, 0.72 * step)
            middle = top + (index + 0.75) * step
            page.draw.text((left + margin, middle), line, self.colour, face, anchor="lm")


@dataclass(frozen=True)
class BarCode:
    """Black bars on white; the seed decides their widths."""

    area: Area
    seed: int = 0

    def paint(self, page: Page) -> None:
        """See Element."""
        left, top, right, bottom = page.area(self.area)
        page.draw.rectangle((left, top, right, bottom), fill=(250, 250, 250))
        widths = np.random.default_rng(self.seed).integers(1, 4, 50)
        edges = left + (right - left) * (0.06 + 0.88 * np.cumsum(widths) / widths.sum())
        low, high = bottom - 0.12 * (bottom - top), top + 0.1 * (bottom - top)
        for start, end in zip(edges[0::2], edges[1::2], strict=True):
            page.draw.rectangle((float(start), high, float(end), low), fill=INK)


def _lines(text: str, face: ImageFont.FreeTypeFont, rim: int) -> Image.Image:
    """The shape of centred lines; 8-bit, 255 where ink is."""
    lines = text.split("\n")
    width = round(max(face.getlength(line) for line in lines)) + 2 * rim + 2
    step = 1.1 * face.size
    image = Image.new("L", (width, round(step * len(lines)) + 2 * rim + 2))
    draw = ImageDraw.Draw(image)
    for index, line in enumerate(lines):
        middle = rim + 1 + (index + 0.5) * step
        draw.text((width / 2, middle), line, 255, face, anchor="mm", stroke_width=rim)
    return image


def _column(text: str, face: ImageFont.FreeTypeFont, rim: int) -> Image.Image:
    """The shape of a column of characters; 8-bit, 255 where ink is."""
    cell = round(face.size)
    image = Image.new("L", (cell + 2 * rim + 2, cell * len(text) + 2 * rim + 2))
    for index, character in enumerate(text):
        glyph = _lines(character, face, rim)
        if character in _TURNED_IN_COLUMNS:
            glyph = glyph.rotate(-90, expand=True)
        corner = (
            (image.width - glyph.width) // 2,
            rim + round((index + 0.5) * cell) - glyph.height // 2,
        )
        image.paste(255, corner, glyph)
    return image
