"""Pictograms of foods and drinks; each draws with a Pen, -1 to 1."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim_bridge.products.pen import Pen, Rgb, ring

WHITE: Final[Rgb] = (250, 250, 248)
GREEN: Final[Rgb] = (50, 140, 50)
_COFFEE: Final[Rgb] = (80, 42, 20)
_BEAN_BROWN: Final[Rgb] = (85, 45, 22)


def _cup(pen: Pen, drink: Rgb) -> None:
    pen.ellipse(0.55, 0.1, 0.28, 0.25, WHITE)
    pen.rectangle(0, 0.15, 0.55, 0.45, WHITE)
    pen.ellipse(0, -0.3, 0.55, 0.17, (225, 225, 220))
    pen.ellipse(0, -0.3, 0.47, 0.12, drink)
    pen.ellipse(0, 0.75, 0.75, 0.1, (230, 225, 215))


def coffee(pen: Pen, rng: np.random.Generator) -> None:
    """A cup of coffee with beans before it."""
    _cup(pen, _COFFEE)
    for x, y in rng.uniform(-0.62, 0.62, (6, 2)):
        pen.ellipse(x, 0.65 + y * 0.2, 0.12, 0.09, _BEAN_BROWN)
        pen.line([(x - 0.08, 0.65 + y * 0.2), (x + 0.08, 0.65 + y * 0.2)], (160, 110, 70), 0.03)


def tea_cup(pen: Pen, rng: np.random.Generator) -> None:
    """A cup with a tea bag's tag."""
    del rng
    _cup(pen, (180, 80, 30))
    pen.line([(0.1, -0.3), (0.3, 0.1)], (200, 200, 195), 0.04)
    pen.rectangle(0.3, 0.2, 0.13, 0.18, (210, 40, 40))


def sugar_cubes(pen: Pen, rng: np.random.Generator) -> None:
    """A heap of sugar cubes and a spoon."""
    del rng
    for x, y, shade in ((-0.55, 0.05, 226), (-0.3, 0.4, 236), (0.22, 0.4, 220), (0.5, 0.0, 228)):
        pen.rectangle(x, y, 0.22, 0.2, (shade, shade, shade + 6))
    pen.rectangle(-0.05, -0.03, 0.22, 0.2, WHITE)
    pen.ellipse(0.2, -0.5, 0.2, 0.08, (180, 180, 185))
    pen.line([(0.3, -0.5), (0.9, -0.75)], (180, 180, 185), 0.08)


def salt(pen: Pen, rng: np.random.Generator) -> None:
    """A white heap over a wave."""
    pen.polygon([(-0.9, 0.6), (-0.2, -0.4), (0.1, -0.5), (0.9, 0.6)], WHITE)
    for x, y in rng.uniform(-0.62, 0.62, (14, 2)):
        pen.ellipse(x, 0.3 + y * 0.4, 0.03, 0.03, (190, 200, 215))
    wave = [(-0.9, 0.75), (-0.4, 0.65), (0, 0.75), (0.4, 0.65), (0.9, 0.75)]
    pen.line(wave, (60, 130, 220), 0.1)


def tomato(pen: Pen, rng: np.random.Generator) -> None:
    """A tomato."""
    del rng
    pen.ellipse(0, 0.1, 0.7, 0.62, (215, 35, 25))
    pen.ellipse(-0.25, -0.1, 0.18, 0.12, (240, 120, 100))
    stalk = [(0, -0.3), (-0.4, -0.55), (-0.1, -0.5), (0, -0.85), (0.12, -0.5), (0.42, -0.55)]
    pen.polygon(stalk, GREEN)


def soup_bowl(pen: Pen, rng: np.random.Generator) -> None:
    """A steaming bowl of soup."""
    pen.polygon([(-0.85, -0.05), (0.85, -0.05), (0.5, 0.65), (-0.5, 0.65)], WHITE)
    pen.ellipse(0, -0.08, 0.85, 0.22, (235, 225, 205))
    pen.ellipse(0, -0.08, 0.72, 0.16, (235, 180, 60))
    for x, y in rng.uniform(-0.62, 0.62, (6, 2)):
        pen.ellipse(x * 0.8, -0.08 + y * 0.12, 0.08, 0.05, (235, 120, 40))
    for x in (-0.2, 0.2):
        pen.line([(x, -0.4), (x + 0.1, -0.6), (x, -0.85)], WHITE, 0.07)


def hotdog(pen: Pen, rng: np.random.Generator) -> None:
    """A hot dog with a line of mustard."""
    del rng
    pen.ellipse(0, 0, 0.9, 0.36, (225, 165, 90))
    pen.ellipse(0, -0.05, 0.85, 0.19, (160, 60, 30))
    zigzag = [(-0.7 + 0.2 * i, 0.05 if i % 2 else -0.1) for i in range(8)]
    pen.line(zigzag, (250, 215, 40), 0.1)


def egg(pen: Pen, rng: np.random.Generator) -> None:
    """Half an egg."""
    del rng
    pen.ellipse(0, 0, 0.6, 0.75, WHITE)
    pen.ellipse(0.05, 0.15, 0.32, 0.32, (250, 190, 40))


def fish(pen: Pen, rng: np.random.Generator) -> None:
    """A tuna."""
    del rng
    body = (110, 150, 185)
    pen.ellipse(-0.1, 0, 0.65, 0.3, body)
    pen.polygon([(0.4, 0), (0.9, -0.38), (0.9, 0.38)], body)
    pen.polygon([(-0.2, -0.25), (0.1, -0.5), (0.15, -0.25)], body)
    pen.ellipse(-0.5, -0.06, 0.06, 0.06, (0, 0, 0))
    pen.line([(-0.6, 0.15), (0.4, 0.15)], (225, 235, 240), 0.1)


def ham(pen: Pen, rng: np.random.Generator) -> None:
    """A slice of ham on a leaf."""
    del rng
    pen.polygon([(-0.95, 0.3), (-0.6, 0.75), (-0.1, 0.5)], GREEN)
    pen.ellipse(0, 0, 0.8, 0.52, (215, 105, 110))
    pen.ellipse(0.0, -0.04, 0.66, 0.4, (250, 170, 165))
    pen.ellipse(0.1, 0, 0.15, 0.12, WHITE)


def corn(pen: Pen, rng: np.random.Generator) -> None:
    """A corn cob."""
    del rng
    pen.ellipse(0, 0, 0.34, 0.85, (250, 205, 45))
    for x in (-1, 0, 1):
        for y in range(-4, 5):
            pen.ellipse(x * 0.17, y * 0.16, 0.05, 0.05, (225, 160, 20))
    pen.polygon([(-0.1, 0.9), (-0.75, 0.1), (-0.35, -0.1)], GREEN)
    pen.polygon([(0.1, 0.9), (0.75, 0.1), (0.35, -0.1)], GREEN)


def beans(pen: Pen, rng: np.random.Generator) -> None:
    """A handful of beans of one sort."""
    sorts: tuple[Rgb, ...] = ((150, 50, 40), (90, 140, 60), (200, 160, 110))
    colour = sorts[rng.integers(len(sorts))]
    for x, y in rng.uniform(-0.62, 0.62, (9, 2)):
        pen.ellipse(x, y, 0.24, 0.15, colour)
        pen.ellipse(x, y + 0.09, 0.08, 0.05, (255, 240, 220))


def _noodle_bowl(pen: Pen, bowl: Rgb, broth: Rgb, strand: Rgb) -> None:
    pen.ellipse(0, 0.1, 0.95, 0.75, bowl)
    pen.ellipse(0, 0.05, 0.8, 0.6, broth)
    for y in (-0.2, -0.05, 0.1, 0.25, 0.4):
        curl = [(-0.65, y), (-0.3, y - 0.1), (0, y + 0.05), (0.3, y - 0.1), (0.65, y)]
        pen.line(curl, strand, 0.07)


def noodles(pen: Pen, rng: np.random.Generator) -> None:
    """A bowl of noodle soup with half an egg."""
    del rng
    _noodle_bowl(pen, (200, 40, 30), (240, 190, 90), (252, 230, 150))
    pen.ellipse(0.3, -0.1, 0.22, 0.18, WHITE)
    pen.ellipse(0.3, -0.1, 0.1, 0.08, (250, 180, 30))
    pen.rectangle(-0.35, -0.2, 0.16, 0.12, (60, 130, 60))


def soba(pen: Pen, rng: np.random.Generator) -> None:
    """A dark bowl of buckwheat noodles with fried tofu."""
    del rng
    _noodle_bowl(pen, (40, 30, 30), (120, 70, 40), (165, 135, 105))
    pen.rectangle(0.2, -0.15, 0.28, 0.18, (235, 180, 70))


def milk(pen: Pen, rng: np.random.Generator) -> None:
    """A glass of milk before black patches."""
    del rng
    pen.ellipse(0.5, 0.5, 0.35, 0.25, (30, 30, 30))
    pen.ellipse(-0.55, 0.6, 0.25, 0.18, (30, 30, 30))
    pen.polygon([(-0.4, -0.8), (0.4, -0.8), (0.35, 0.7), (-0.35, 0.7)], (200, 218, 235))
    pen.polygon([(-0.36, -0.3), (0.36, -0.3), (0.33, 0.65), (-0.33, 0.65)], WHITE)


def orange(pen: Pen, rng: np.random.Generator) -> None:
    """Half an orange with a leaf."""
    del rng
    pen.ellipse(0, 0.05, 0.7, 0.7, (245, 140, 20))
    pen.ellipse(0, 0.05, 0.58, 0.58, (252, 190, 80))
    for corner in ring(8, 0.55, 0, 0.05):
        pen.line([(0, 0.05), corner], (245, 140, 20), 0.06)
    pen.polygon([(0.1, -0.6), (0.7, -0.9), (0.5, -0.5)], GREEN)


def rice(pen: Pen, rng: np.random.Generator) -> None:
    """A bowl of rice."""
    pen.ellipse(0, 0.3, 0.85, 0.4, (150, 40, 30))
    pen.ellipse(0, 0, 0.75, 0.45, WHITE)
    for x, y in rng.uniform(-0.62, 0.62, (12, 2)):
        pen.ellipse(x * 0.8, y * 0.4, 0.07, 0.04, (220, 220, 210))
