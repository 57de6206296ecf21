"""Lays the prints of a product's faces out in one texture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from sim_bridge.products.export import TEXTURE_STEP_PX
from sim_bridge.products.meshes import UvRect
from sim_bridge.products.prints import Print

SizeM: TypeAlias = tuple[float, float]
PixelRect: TypeAlias = tuple[int, int, int, int]
"""(left, top, width, height)."""

TEXTURE_PX = 1024
"""Longest side of a texture."""
_GUTTER_PX = 3
_PLAIN_SHARE = 0.03
"""Side of a plain swatch as a share of the largest print's."""


@dataclass(frozen=True)
class Packing:
    """Where each print lies in a texture.

    Attributes:
        size_px: (width, height) of the texture.
        rects: of each print, without the gutter around it.
    """

    size_px: tuple[int, int]
    rects: Mapping[str, PixelRect]

    def regions(self) -> dict[str, UvRect]:
        """Texture coordinates of the prints, half a pixel inside their edges."""
        width, height = self.size_px
        return {
            name: (
                (left + 0.5) / width,
                1 - (top + h - 0.5) / height,
                (left + w - 0.5) / width,
                1 - (top + 0.5) / height,
            )
            for name, (left, top, w, h) in self.rects.items()
        }

    def painted(self, prints: Mapping[str, Print]) -> Image.Image:
        """The texture: each print in its place, its edge repeated into the gutter."""
        texture = Image.new("RGB", self.size_px)
        margin = ((_GUTTER_PX, _GUTTER_PX), (_GUTTER_PX, _GUTTER_PX), (0, 0))
        for name, (left, top, width, height) in self.rects.items():
            image = np.asarray(prints[name].painted(width, height))
            edged = Image.fromarray(np.pad(image, margin, mode="edge"))
            texture.paste(edged, (left - _GUTTER_PX, top - _GUTTER_PX))
        return texture


def packed(sizes_m: Mapping[str, SizeM | None]) -> Packing:
    """Packs prints in rows, all at one scale, as large as the texture allows.

    Args:
        sizes_m: width and height of each print in metres; None for a swatch of one colour.

    Raises:
        ValueError: there is nothing to pack.
    """
    if not sizes_m:
        raise ValueError("a texture needs at least one print, got none")
    largest = max((max(size) for size in sizes_m.values() if size is not None), default=1.0)
    swatch = (_PLAIN_SHARE * largest, _PLAIN_SHARE * largest)
    sizes = {name: size or swatch for name, size in sizes_m.items()}
    widest = max(width for width, _ in sizes.values())
    choices = [_rows(sizes, float(limit)) for limit in widest * np.linspace(1, 4, 25)]
    rows = max(choices, key=lambda rows: _scale(sizes, rows))
    return _placed(sizes, rows, _scale(sizes, rows))


def _rows(sizes: Mapping[str, SizeM], limit_m: float) -> list[list[str]]:
    """Names in rows no wider than limit_m, the tallest prints first."""
    rows: list[list[str]] = [[]]
    used = 0.0
    for name, (width, _) in sorted(sizes.items(), key=lambda item: -item[1][1]):
        if rows[-1] and used + width > limit_m * (1 + 1e-9):
            rows.append([])
            used = 0.0
        rows[-1].append(name)
        used += width
    return rows


def _scale(sizes: Mapping[str, SizeM], rows: list[list[str]]) -> float:
    """Pixels a metre at which the rows fill a texture, gutters included."""
    border = 2 * _GUTTER_PX + 1  # and one for rounding
    across = [
        (TEXTURE_PX - border * len(row)) / sum(sizes[name][0] for name in row) for row in rows
    ]
    down = sum(max(sizes[name][1] for name in row) for row in rows)
    return min(*across, (TEXTURE_PX - border * len(rows)) / down)


def _placed(sizes: Mapping[str, SizeM], rows: list[list[str]], scale: float) -> Packing:
    """The rows below each other."""
    rects: dict[str, PixelRect] = {}
    width, top = 0, 0
    for row in rows:
        left, tallest = 0, 0
        for name in row:
            w, h = (max(1, round(side * scale)) for side in sizes[name])
            rects[name] = (left + _GUTTER_PX, top + _GUTTER_PX, w, h)
            left += w + 2 * _GUTTER_PX
            tallest = max(tallest, h + 2 * _GUTTER_PX)
        width, top = max(width, left), top + tallest
    return Packing((_stepped(width), _stepped(top)), rects)


def _stepped(side_px: int) -> int:
    """The next side that a texture may have."""
    return -(-side_px // TEXTURE_STEP_PX) * TEXTURE_STEP_PX
