"""Names drawn in the shipped font, for viewers whose own has no Japanese: plates and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from culture_perception.fonts import load_font
from culture_perception.masks import Box, Uint8Array
from culture_perception.overlay import Colour, colour_of, ink_on, place_plate

_LINES_OF_TEXT: Final = 32
_MIN_FONT_PX: Final = 12
_WHITE: Final[Colour] = (255, 255, 255)
_PAPER: Final[Colour] = (24, 24, 28)
TABLE_SIZE: Final = (560, 480)
"""Width and height of the table, pixels."""
_ROW_PX: Final = 32
_MAX_CHARACTERS: Final = 80  # more never fit


@dataclass(frozen=True)
class NamedBox:
    """What is written about one mask.

    Attributes:
        concept_id: "" for an unknown.
        label: "" for an unknown.
        guess: label of its best hypothesis.
        probability: of the name, or of the guess.
        similarity: cosine, likewise.
        box: half-open (x0, y0, x1, y1), pixels of the image.
    """

    concept_id: str
    label: str
    guess: str
    probability: float
    similarity: float
    box: Box

    @property
    def text(self) -> str:
        """The name, or a question mark and the guess that was rejected."""
        return self.label if self.concept_id else f"? {self.guess}".rstrip()

    @property
    def colour(self) -> Colour:
        """As in the overlay."""
        return colour_of(self.concept_id)


def draw_plates(named: Sequence[NamedBox], shape_hw: tuple[int, int]) -> Uint8Array:
    """A layer to lay over the image: a plate with name and probability beside each mask.

    Returns:
        uint8 (H, W, 4), RGBA; transparent where no plate is, so everywhere without masks.
    """
    height, width = shape_hw
    font = load_font(max(_MIN_FONT_PX, height // _LINES_OF_TEXT))
    ascent, descent = font.getmetrics()
    canvas = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    objects = [one.box for one in named]
    plates: list[Box] = []
    for one in named:
        text = f"{one.text} {one.probability:.2f}" if one.concept_id else one.text
        size = (int(font.getlength(text)) + ascent // 2, ascent + descent)
        x0, y0, x1, y1 = plate = place_plate(size, one.box, shape_hw, plates, objects)
        plates.append(plate)
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), one.colour)
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        draw.text(middle, text, ink_on(one.colour), font, anchor="mm")
    return np.array(canvas, dtype=np.uint8)


def draw_table(named: Sequence[NamedBox], title: str) -> Uint8Array:
    """Names, probabilities (with a bar) and cosines, one mask a line.

    Args:
        named: in the order of the lines; those that find no room are counted in the last one.
        title: first line, for example the label set.

    Returns:
        uint8 (TABLE_SIZE[1], TABLE_SIZE[0], 3), RGB.
    """
    canvas = Image.new("RGB", TABLE_SIZE, _PAPER)
    draw = ImageDraw.Draw(canvas)
    font = load_font(_ROW_PX * 9 // 16)
    draw.text((12, _ROW_PX / 2), title, _WHITE, font, anchor="lm")
    room = TABLE_SIZE[1] // _ROW_PX - 2
    shown = named if len(named) <= room else named[: room - 1]
    for line, one in enumerate(shown, start=1):
        _draw_line(draw, line * _ROW_PX, one)
    if len(shown) < len(named):
        middle = (len(shown) + 1.5) * _ROW_PX
        draw.text((12, middle), f"+ {len(named) - len(shown)}", _WHITE, font, anchor="lm")
    return np.array(canvas, dtype=np.uint8)


def _draw_line(draw: ImageDraw.ImageDraw, top: int, one: NamedBox) -> None:
    width, middle = TABLE_SIZE[0], top + _ROW_PX / 2
    name_width, bar_from, bar_width = width - 190, width - 170, 80
    font = load_font(_ROW_PX * 9 // 16)
    text = one.text[:_MAX_CHARACTERS]
    while text and font.getlength(text) > name_width - 40:
        text = text[:-1]
    draw.rectangle((12, top + 8, 28, top + 24), one.colour)
    draw.text((40, middle), text, _WHITE, font, anchor="lm")
    draw.rectangle((bar_from, top + 8, bar_from + bar_width, top + 24), (60, 60, 66))
    filled = round(bar_width * min(max(one.probability, 0.0), 1.0))
    if filled:
        draw.rectangle((bar_from, top + 8, bar_from + filled, top + 24), one.colour)
    draw.text(
        (width - 12, middle), f"{one.probability:.2f}", _WHITE, font, anchor="rm"
    )  # fmt: skip
