"""Siblings of the marker and the screwdriver: long things that lie on the table."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from sim_bridge.products.atlas import PRINT_ROWS, SIDE_PX, SWATCH_ROWS, Atlas
from sim_bridge.products.attributes import SIZES
from sim_bridge.products.lettering import readable_on, write_fitted
from sim_bridge.products.meshes import Mesh, UvRect, lathe, merge
from sim_bridge.products.sibling import Sibling

_LYING: Final = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])  # z turned to x


def marker(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A barrel in the main colour with its brand, and a cap in the second."""
    radius = rng.uniform(0.006, 0.011)
    length, cap = rng.uniform(0.11, 0.15) * SIZES[sibling.size] ** 0.5, rng.uniform(0.3, 0.45)
    joint = length * (1 - cap)
    barrel = [(0.0, 0.0), (radius, 0), (radius, joint)]
    wide = radius * rng.uniform(1.05, 1.2)
    cap_profile = [(wide, joint), (wide, length * 0.97), (wide * 0.75, length), (0, length)]
    stood = merge(
        [
            lathe(barrel, _barrel_print(atlas, rng), 16),
            lathe(cap_profile, atlas.swatch("colour2"), 16),
        ]
    )
    return stood.rotated(_LYING)


def _barrel_print(atlas: Atlas, rng: np.random.Generator) -> UvRect:
    """The barrel with its brand along it, on a band in the second colour at times."""
    look = atlas.look
    strip = Image.new("RGB", (PRINT_ROWS, SIDE_PX), look.colour1)
    draw = ImageDraw.Draw(strip)
    if rng.random() < 0.4:
        start = PRINT_ROWS * rng.uniform(0.05, 0.2)
        draw.rectangle((start, 0, start + PRINT_ROWS * 0.25, SIDE_PX), fill=look.colour2)
    if look.brand is not None:
        letters = readable_on(look.colour1)
        for y in (SIDE_PX * 0.25, SIDE_PX * 0.75):
            text = look.brand.text.replace("\n", " ")
            at, size = (PRINT_ROWS * 0.6, y), (PRINT_ROWS * 0.6, SIDE_PX * 0.3)
            write_fitted(strip, text, at, size, letters, look.bold)
    atlas.image.paste(strip.rotate(90, expand=True), (0, SWATCH_ROWS))
    return 0.002, 0.002, 0.998, PRINT_ROWS / SIDE_PX - 0.004


def screwdriver(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A handle in two colours, striped or in two parts, and a steel shaft with a point."""
    scale = SIZES[sibling.size] ** 0.5
    r, n = rng.uniform(0.012, 0.019) * scale, rng.uniform(0.08, 0.115) * scale
    thin, tip = rng.uniform(0.0028, 0.004), n + rng.uniform(0.07, 0.12) * scale
    striped = atlas.look.two_coloured and bool(rng.random() < 0.4)
    rear = _handle_print(atlas, striped, rng)
    front = rear if striped else atlas.swatch("colour2")
    split, squareness = rng.uniform(0.5, 0.7) * n, rng.uniform(0.6, 1.0)
    back = [(0.0, 0.0), (r * 0.8, 0), (r, 0.15 * n), (r, split)]
    neck = [(r, split), (r * 0.78, 0.8 * n), (r * 0.9, 0.92 * n), (r * 0.45, n)]
    point = [(thin, n), (thin, tip - 0.009), (0.0006, tip)]
    stood = merge(
        [
            lathe(back, rear, 16, 1.0, squareness),
            lathe(neck, front, 16, 1.0, squareness),
            lathe(point, atlas.swatch("steel"), 8),
        ]
    )
    return stood.rotated(_LYING)


def _handle_print(atlas: Atlas, striped: bool, rng: np.random.Generator) -> UvRect:
    """The main colour, with lengthwise stripes of the second or without."""
    draw, look = ImageDraw.Draw(atlas.image), atlas.look
    draw.rectangle((0, SWATCH_ROWS, SIDE_PX, SIDE_PX), fill=look.colour1)
    if striped:
        step, share = SIDE_PX / int(rng.integers(3, 7)), rng.uniform(0.3, 0.5)
        for x in np.arange(0, SIDE_PX, step):
            draw.rectangle((x, SWATCH_ROWS, x + step * share, SIDE_PX), fill=look.colour2)
    return 0.002, 0.002, 0.998, PRINT_ROWS / SIDE_PX - 0.004
