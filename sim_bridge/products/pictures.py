"""Pictograms that only this catalogue needs, drawn like the motifs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from sim_bridge.products.pen import Pen, Rgb

_Drawer: TypeAlias = Callable[[Pen, np.random.Generator], None]

_CHOCOLATE: Rgb = (74, 40, 22)
_BISCUIT: Rgb = (226, 180, 108)
_GREEN: Rgb = (60, 140, 50)


def bamboo_shoots(pen: Pen, rng: np.random.Generator) -> None:
    """Four biscuits in the shape of bamboo shoots, their tips dipped in chocolate."""
    for x, y in ((-0.5, -0.4), (0.5, -0.45), (-0.45, 0.6), (0.5, 0.55)):
        lean = float(rng.uniform(-0.12, 0.12))
        pen.ellipse(x, y + 0.28, 0.3, 0.14, _BISCUIT)
        pen.polygon([(x - 0.3, y + 0.28), (x + 0.3, y + 0.28), (x + lean, y - 0.55)], _BISCUIT)
        pen.polygon([(x - 0.24, y + 0.12), (x + 0.24, y + 0.12), (x + lean, y - 0.58)], _CHOCOLATE)
        for step in (0.02, -0.16, -0.32):
            half = 0.2 * (step + 0.6) / 0.62
            ridge = [(x - half, y + step), (x + lean / 2, y + step + 0.08), (x + half, y + step)]
            pen.line(ridge, (116, 70, 40), 0.04)


def chocolate_sticks(pen: Pen, rng: np.random.Generator) -> None:
    """Thin biscuits, dipped in chocolate but for their ends."""
    for index in range(7):
        x = -0.78 + 0.2 * index + float(rng.uniform(-0.03, 0.03))
        foot, grip, tip = (x, 1.0), (x + 0.11, 0.45), (x + 0.38, -0.95)
        pen.line([foot, grip], _BISCUIT, 0.1)
        pen.line([grip, tip], _CHOCOLATE, 0.14)


def macadamias(pen: Pen, rng: np.random.Generator) -> None:
    """Round chocolates, one of them cut open, and a pale nut in it."""
    for x, y in ((-0.5, -0.1), (0.55, -0.15), (0.0, 0.5)):
        jump = float(rng.uniform(-0.05, 0.05))
        pen.ellipse(x, y + jump, 0.48, 0.42, _CHOCOLATE)
        pen.ellipse(x - 0.12, y - 0.16 + jump, 0.14, 0.07, (150, 98, 66))
    pen.ellipse(0.0, 0.5, 0.4, 0.35, (110, 64, 38))
    pen.ellipse(0.0, 0.5, 0.26, 0.24, (240, 222, 176))


def curry(pen: Pen, rng: np.random.Generator) -> None:
    """A plate of rice and curry."""
    pen.ellipse(0, 0.15, 1.0, 0.62, (250, 250, 248))
    pen.ellipse(0, 0.13, 0.84, 0.48, (226, 228, 230))
    pen.ellipse(-0.3, 0.05, 0.5, 0.36, (255, 255, 252))
    pen.ellipse(0.26, 0.18, 0.54, 0.36, (150, 84, 26))
    for _ in range(6):
        x, y = 0.26 + float(rng.uniform(-0.36, 0.36)), 0.18 + float(rng.uniform(-0.2, 0.2))
        colour: Rgb = (236, 120, 30) if rng.random() < 0.5 else (232, 196, 96)
        pen.ellipse(x, y, 0.09, 0.07, colour)


def apple(pen: Pen, rng: np.random.Generator) -> None:
    """A red apple."""
    del rng  # nothing about it is loose
    pen.ellipse(-0.25, 0.1, 0.6, 0.75, (214, 28, 34))
    pen.ellipse(0.25, 0.1, 0.6, 0.75, (214, 28, 34))
    pen.ellipse(-0.4, -0.15, 0.14, 0.2, (244, 150, 140))
    pen.line([(0, -0.5), (0.08, -0.95)], (92, 58, 30), 0.1)
    pen.polygon([(0.08, -0.7), (0.35, -1.0), (0.62, -0.85), (0.35, -0.62)], _GREEN)


def tea_field(pen: Pen, rng: np.random.Generator) -> None:
    """Two tea leaves on a stem."""
    del rng  # nothing about it is loose
    pen.polygon([(0, 0.6), (-0.9, -0.1), (-0.75, -0.6), (-0.1, 0.1)], (110, 190, 70))
    pen.polygon([(0, 0.6), (0.9, -0.2), (0.7, -0.7), (0.08, 0.1)], (70, 160, 60))
    pen.line([(0, 0.95), (0, 0.2), (0.1, -0.5)], (180, 220, 120), 0.08)


PICTURES: Final[Mapping[str, _Drawer]] = MappingProxyType(
    {
        "apple": apple,
        "bamboo_shoots": bamboo_shoots,
        "chocolate_sticks": chocolate_sticks,
        "curry": curry,
        "macadamias": macadamias,
        "tea_field": tea_field,
    }
)
"""The pictures' names and drawers; motifs.draw_motif has the others."""
