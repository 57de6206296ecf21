"""Draws what was recognised over the image it was recognised in."""

from __future__ import annotations

import colorsys
import zlib
from collections.abc import Sequence
from typing import Final, TypeAlias

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from culture_perception.fonts import load_font
from culture_perception.masks import Box, Uint8Array
from culture_perception.results import NamedMask, Recognition

Colour: TypeAlias = tuple[int, int, int]

_FILL_SHARE: Final = 0.2
_GREY: Final[Colour] = (150, 150, 150)
_WHITE: Final[Colour] = (255, 255, 255)
_BLACK: Final[Colour] = (0, 0, 0)
_BRIGHT: Final = 140.0
"""On plates of this brightness (0 to 255) and more, text is black."""
_LINES_OF_TEXT: Final = 32
"""So many lines of text would fill the height of the image."""
_MIN_FONT_PX: Final = 12


def draw_recognition(image_rgb: Uint8Array, recognition: Recognition) -> Uint8Array:
    """The image with masks filled and outlined, and their names and probabilities beside them.

    A concept has the same colour in every image; unknown masks are grey, with a question
    mark before the guess that was rejected.

    Args:
        image_rgb: uint8 (H, W, 3), the image that was recognised; it is not changed.
        recognition: its named masks.

    Returns:
        uint8 (H, W, 3), RGB.

    Raises:
        ValueError: image and recognition differ in size.
    """
    if image_rgb.shape[:2] != recognition.shape_hw:
        raise ValueError(
            f"an image of {image_rgb.shape} does not belong to a recognition of an image of "
            f"{recognition.shape_hw}; pass the image that was recognised"
        )
    picture: Uint8Array = np.array(image_rgb)
    for named in reversed(recognition.masks):
        _draw_mask(picture, named)
    return _with_names(picture, recognition.masks) if recognition.masks else picture


def colour_of(concept_id: str) -> Colour:
    """A strong RGB colour that depends on the concept alone; grey for "" (unknown)."""
    if not concept_id:
        return _GREY
    digest = zlib.crc32(concept_id.encode("utf-8"))
    hue, shade = digest % 360 / 360, digest // 360 % 3
    red, green, blue = colorsys.hls_to_rgb(hue, 0.35 + 0.1 * shade, 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)


def _draw_mask(picture: Uint8Array, named: NamedMask) -> None:
    x0, y0, x1, y1 = named.segment.box_xyxy
    inside = named.segment.mask[y0:y1, x0:x1]
    part = picture[y0:y1, x0:x1]
    colour = np.array(colour_of(named.concept_id), dtype=np.float64)
    mixed = part[inside] * (1.0 - _FILL_SHARE) + colour * _FILL_SHARE
    part[inside] = np.rint(mixed).astype(np.uint8)
    outlines, _ = cv2.findContours(
        inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(x0, y0)
    )
    thickness = max(1, round(picture.shape[0] / 240))
    cv2.drawContours(picture, outlines, -1, colour_of(named.concept_id), thickness, cv2.LINE_AA)


def _with_names(picture: Uint8Array, masks: Sequence[NamedMask]) -> Uint8Array:
    height, width = picture.shape[:2]
    font = load_font(max(_MIN_FONT_PX, height // _LINES_OF_TEXT))
    canvas = Image.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    objects = [named.segment.box_xyxy for named in masks]
    plates: list[Box] = []
    for named in masks:
        text = caption_of(named)
        size = _plate_size(text, font)
        plates.append(place_plate(size, named.segment.box_xyxy, (height, width), plates, objects))
        _draw_plate(draw, plates[-1], text, font, colour_of(named.concept_id))
    return np.array(canvas, dtype=np.uint8)


def caption_of(named: NamedMask) -> str:
    """Label and probability; of an unknown mask a question mark and the guess it was not given."""
    if named.is_named:
        return f"{named.label} {named.probability:.2f}"
    return " ".join(["?", *(guess.label for guess in named.hypotheses[:1])])


def _draw_plate(
    draw: ImageDraw.ImageDraw, plate: Box, text: str, font: ImageFont.FreeTypeFont, colour: Colour
) -> None:
    x0, y0, x1, y1 = plate
    draw.rectangle((x0, y0, x1 - 1, y1 - 1), colour)
    draw.text(((x0 + x1) / 2, (y0 + y1) / 2), text, ink_on(colour), font, anchor="mm")


def ink_on(colour: Colour) -> Colour:
    """Black or white, whichever is read better on a colour (its luma by ITU-R BT.601)."""
    luma = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    return _BLACK if luma > _BRIGHT else _WHITE


def _plate_size(text: str, font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    ascent, descent = font.getmetrics()
    return int(font.getlength(text)) + ascent // 2, ascent + descent


def place_plate(
    size: tuple[int, int],
    box: Box,
    shape_hw: tuple[int, int],
    plates: Sequence[Box],
    objects: Sequence[Box],
) -> Box:
    """Where a name's plate goes: inside the image, at its mask, over as little as possible.

    Args:
        size: width and height of the plate, pixels.
        box: half-open box of the mask that it names.
        shape_hw: of the image.
        plates: those that are there already; covering one is worst.
        objects: boxes of everything that would better stay visible.

    Returns:
        Half-open box: above, below, at the top of, at the bottom of or in the middle of the mask;
        where equal, in this order.
    """
    x = (box[0] + box[2] - size[0]) // 2
    middle = (box[1] + box[3] - size[1]) // 2
    tops = (box[1] - size[1] - 2, box[3] + 2, box[1], box[3] - size[1], middle)
    places = [_kept_inside((x, y, x + size[0], y + size[1]), shape_hw) for y in tops]
    return min(places, key=lambda place: (_covered(place, plates), _covered(place, objects)))


def _covered(place: Box, others: Sequence[Box]) -> int:
    return sum(_shared_area(place, other) for other in others)


def _kept_inside(plate: Box, shape_hw: tuple[int, int]) -> Box:
    # A plate wider than the image starts at its left edge, where reading starts.
    right = max(0, min(plate[0], shape_hw[1] - (plate[2] - plate[0])))
    down = max(0, min(plate[1], shape_hw[0] - (plate[3] - plate[1])))
    return right, down, right + plate[2] - plate[0], down + plate[3] - plate[1]


def _shared_area(a: Box, b: Box) -> int:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height)
