"""A pen for pictograms: simple shapes in unit coordinates, placed, scaled and mirrored together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PIL import ImageDraw

Rgb: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """Draws in a frame whose origin is the pictogram's centre: x right, y down, -1 to 1.

    Attributes:
        draw: where to draw.
        x: centre in the picture, pixels.
        y: centre in the picture, pixels.
        size: pixels a unit (half the pictogram's extent).
        mirror: 1, or -1 to swap left and right.
    """

    draw: ImageDraw.ImageDraw
    x: float
    y: float
    size: float
    mirror: int = 1

    def _points(self, points: Sequence[Point]) -> list[Point]:
        scale = self.size
        return [(self.x + self.mirror * u * scale, self.y + v * scale) for u, v in points]

    def _bounds(self, x: float, y: float, half_w: float, half_h: float) -> list[Point]:
        (x0, y0), (x1, y1) = self._points([(x - half_w, y - half_h), (x + half_w, y + half_h)])
        return [(min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1))]

    def ellipse(self, x: float, y: float, half_w: float, half_h: float, colour: Rgb) -> None:
        """A filled ellipse about (x, y)."""
        self.draw.ellipse(self._bounds(x, y, half_w, half_h), fill=colour)

    def rectangle(self, x: float, y: float, half_w: float, half_h: float, colour: Rgb) -> None:
        """A filled rectangle about (x, y)."""
        self.draw.rectangle(self._bounds(x, y, half_w, half_h), fill=colour)

    def polygon(self, points: Sequence[Point], colour: Rgb) -> None:
        """A filled polygon."""
        self.draw.polygon(self._points(points), fill=colour)

    def line(self, points: Sequence[Point], colour: Rgb, width: float) -> None:
        """A stroke through the points; width in units, at least one pixel."""
        pixels = max(1, round(width * self.size))
        self.draw.line(self._points(points), fill=colour, width=pixels)


def ring(count: int, radius: float, x: float = 0.0, y: float = 0.0) -> list[Point]:
    """Corners of a regular polygon about (x, y), in order."""
    angles = [2 * math.pi * i / count for i in range(count)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
