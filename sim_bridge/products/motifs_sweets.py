"""Pictograms of sweets and snacks; each draws with a Pen, -1 to 1."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim_bridge.products.motifs_foods import GREEN, WHITE
from sim_bridge.products.pen import Pen, Rgb, ring

_TAN: Final[Rgb] = (222, 170, 95)
_SPREAD: Final = ((-0.38, -0.35), (0.4, -0.2), (-0.2, 0.42), (0.5, 0.5))


def _dots(pen: Pen, x: float, y: float, colour: Rgb) -> None:
    for u, v in ((-1, -1), (1, -0.6), (0, 0.2), (-0.8, 0.9), (0.9, 0.9)):
        pen.ellipse(x + u * 0.2, y + v * 0.2, 0.055, 0.055, colour)


def cookies(pen: Pen, rng: np.random.Generator) -> None:
    """Four round biscuits."""
    del rng
    for x, y in _SPREAD:
        pen.ellipse(x, y, 0.4, 0.4, (170, 112, 50))
        pen.ellipse(x, y, 0.37, 0.37, _TAN)
        _dots(pen, x, y, (150, 95, 40))


def crackers(pen: Pen, rng: np.random.Generator) -> None:
    """Square crackers, as they fall."""
    colour: Rgb = (238, 150, 40) if rng.random() < 0.5 else _TAN
    for x, y in ((-0.5, -0.5), (0.3, -0.55), (-0.35, 0.3), (0.5, 0.25), (0.05, -0.1)):
        tilt = rng.uniform(-0.12, 0.12)
        corners = [(-1.0, -1.0 + tilt), (1.0 - tilt, -1.0), (1.0, 1.0 - tilt), (-1.0 + tilt, 1.0)]
        pen.polygon([(x + u * 0.36, y + v * 0.36) for u, v in corners], (165, 95, 25))
        pen.polygon([(x + u * 0.32, y + v * 0.32) for u, v in corners], colour)
        _dots(pen, x, y, (165, 95, 25))


def chocolate_cookies(pen: Pen, rng: np.random.Generator) -> None:
    """Four dark biscuits."""
    del rng
    for x, y in _SPREAD:
        pen.ellipse(x, y, 0.4, 0.4, (70, 36, 16))
        pen.ellipse(x, y, 0.36, 0.36, (110, 62, 30))
        _dots(pen, x, y, (40, 18, 8))


def _jelly(pen: Pen, colour: Rgb) -> None:
    light: Rgb = (min(255, colour[0] + 70), min(255, colour[1] + 70), min(255, colour[2] + 70))
    pen.ellipse(0, 0.62, 0.85, 0.16, WHITE)
    pen.polygon([(-0.7, 0.6), (-0.45, -0.35), (0.45, -0.35), (0.7, 0.6)], colour)
    pen.ellipse(0, -0.35, 0.45, 0.14, light)
    pen.ellipse(0, 0.58, 0.7, 0.12, colour)
    pen.line([(-0.3, -0.2), (-0.45, 0.45)], light, 0.07)


def chocolate_jelly(pen: Pen, rng: np.random.Generator) -> None:
    """A chocolate pudding with cream."""
    del rng
    _jelly(pen, (88, 45, 25))
    pen.ellipse(0, -0.5, 0.28, 0.18, WHITE)
    pen.ellipse(0, -0.66, 0.14, 0.12, WHITE)


def strawberry_jelly(pen: Pen, rng: np.random.Generator) -> None:
    """A red jelly between strawberries."""
    del rng
    _jelly(pen, (215, 35, 55))
    for x, y in ((-0.6, -0.5), (0.6, -0.5)):
        berry = [(x - 0.25, y - 0.15), (x + 0.25, y - 0.15), (x, y + 0.35)]
        pen.polygon(berry, (225, 25, 40))
        pen.polygon([(x - 0.22, y - 0.2), (x + 0.22, y - 0.2), (x, y - 0.36)], GREEN)


def lime_jelly(pen: Pen, rng: np.random.Generator) -> None:
    """A green jelly with a slice of lime."""
    del rng
    _jelly(pen, (90, 190, 70))
    pen.ellipse(0.55, -0.5, 0.3, 0.3, (60, 150, 50))
    pen.ellipse(0.55, -0.5, 0.22, 0.22, (215, 240, 150))


def chocolate(pen: Pen, rng: np.random.Generator) -> None:
    """A bar of chocolate."""
    del rng
    pen.rectangle(0, 0, 0.8, 0.6, (70, 36, 18))
    for x in (-0.53, 0, 0.53):
        for y in (-0.28, 0.28):
            pen.rectangle(x, y, 0.2, 0.22, (125, 72, 40))


def _pieces(pen: Pen, rng: np.random.Generator, count: int, size: float, rim: Rgb) -> None:
    light: Rgb = (min(255, rim[0] + 43), min(255, rim[1] + 60), min(255, rim[2] + 45))
    for x, y in rng.uniform(-0.62, 0.62, (count, 2)):
        pen.ellipse(x, y, size * 1.3, size, rim)
        pen.ellipse(x, y, size * 1.15, size * 0.8, light)


def chips(pen: Pen, rng: np.random.Generator) -> None:
    """Potato chips."""
    _pieces(pen, rng, 9, 0.3, (205, 150, 50))


def flakes(pen: Pen, rng: np.random.Generator) -> None:
    """Cereal flakes over milk."""
    pen.ellipse(0, 0.6, 0.85, 0.4, WHITE)
    _pieces(pen, rng, 14, 0.17, (190, 105, 30))


def peanuts(pen: Pen, rng: np.random.Generator) -> None:
    """Three peanuts in their shells."""
    del rng
    for x, y in ((-0.4, -0.4), (0.45, -0.1), (-0.2, 0.5)):
        for offset in (-0.15, 0.15):
            pen.ellipse(x + offset, y + offset * 0.8, 0.23, 0.23, (170, 120, 60))
            pen.ellipse(x + offset, y + offset * 0.8, 0.2, 0.2, (215, 165, 95))
            pen.ellipse(x + offset, y + offset * 0.8, 0.06, 0.06, (180, 125, 60))


def candy(pen: Pen, rng: np.random.Generator) -> None:
    """Three wrapped sweets."""
    del rng
    wrapped: tuple[tuple[float, float, Rgb], ...] = (
        (-0.4, -0.45, (205, 30, 30)),
        (0.4, -0.05, (250, 200, 40)),
        (-0.3, 0.5, (60, 160, 220)),
    )
    for x, y, colour in wrapped:
        for side in (-1, 1):
            knot = x + side * 0.42
            pen.polygon([(knot, y - 0.2), (x + side * 0.2, y), (knot, y + 0.2)], colour)
        pen.ellipse(x, y, 0.24, 0.22, colour)
        pen.line([(x - 0.1, y - 0.15), (x + 0.1, y + 0.15)], WHITE, 0.07)


def honey(pen: Pen, rng: np.random.Generator) -> None:
    """A honeycomb and a bee."""
    del rng
    cells: tuple[tuple[float, float, Rgb], ...] = (
        (-0.45, -0.3, (250, 190, 40)),
        (0.1, -0.3, (235, 160, 20)),
        (-0.18, 0.2, (250, 205, 80)),
        (0.38, 0.2, (250, 190, 40)),
    )
    for x, y, colour in cells:
        pen.polygon(ring(6, 0.33, x, y), (170, 100, 10))
        pen.polygon(ring(6, 0.28, x, y), colour)
    pen.ellipse(0.5, -0.7, 0.2, 0.14, (40, 30, 20))
    pen.ellipse(0.5, -0.85, 0.12, 0.1, (230, 240, 250))
