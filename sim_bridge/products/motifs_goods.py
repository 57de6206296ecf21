"""Pictograms of household goods and plants; each draws with a Pen, -1 to 1."""

from __future__ import annotations

import numpy as np

from sim_bridge.products.motifs_foods import WHITE
from sim_bridge.products.pen import Pen, Rgb, ring


def sparkle(pen: Pen, rng: np.random.Generator) -> None:
    """Stars of cleanness on a disc."""
    disc: Rgb = (40, 150, 90) if rng.random() < 0.5 else (30, 110, 200)
    pen.ellipse(0, 0, 0.85, 0.85, disc)
    stars: tuple[tuple[float, float, float, Rgb], ...] = (
        (-0.2, 0.1, 0.7, (255, 255, 255)),
        (0.5, -0.5, 0.4, (255, 240, 90)),
        (0.5, 0.55, 0.3, (90, 200, 240)),
    )
    for x, y, radius, colour in stars:
        tips, waists = ring(4, radius), ring(8, radius * 0.28)[1::2]
        outline = [p for pair in zip(tips, waists, strict=True) for p in pair]
        pen.polygon([(x + u, y + v) for u, v in outline], colour)


def window(pen: Pen, rng: np.random.Generator) -> None:
    """A shining window."""
    del rng
    pen.rectangle(0, 0, 0.75, 0.75, (240, 240, 240))
    for x in (-0.35, 0.35):
        for y in (-0.35, 0.35):
            pane: Rgb = (130, 205, 245) if x * y > 0 else (150, 215, 250)
            pen.rectangle(x, y, 0.3, 0.3, pane)
    pen.line([(-0.6, 0.1), (0.1, -0.6)], WHITE, 0.1)


def shirt(pen: Pen, rng: np.random.Generator) -> None:
    """A white shirt."""
    del rng
    half = [(0.35, -0.7), (0.95, -0.3), (0.7, 0.05), (0.45, -0.1), (0.45, 0.8)]
    pen.polygon(half + [(-x, y) for x, y in reversed(half)], WHITE)
    pen.polygon([(-0.2, -0.7), (0.2, -0.7), (0, -0.45)], (120, 180, 230))


def bubbles(pen: Pen, rng: np.random.Generator) -> None:
    """Soap bubbles."""
    for x, y in rng.uniform(-0.62, 0.62, (8, 2)):
        radius = rng.uniform(0.12, 0.38)
        pen.ellipse(x, y, radius, radius, (120, 190, 235))
        pen.ellipse(x, y, radius * 0.8, radius * 0.8, (225, 243, 252))
        pen.ellipse(x - radius * 0.3, y - radius * 0.3, radius * 0.2, radius * 0.2, WHITE)


def flower(pen: Pen, rng: np.random.Generator) -> None:
    """A flower."""
    colours: tuple[Rgb, ...] = ((235, 110, 160), (170, 90, 200), (250, 200, 60))
    colour = colours[rng.integers(len(colours))]
    for x, y in ring(6, 0.5):
        pen.ellipse(x, y, 0.32, 0.32, colour)
    pen.ellipse(0, 0, 0.28, 0.28, (250, 225, 90))


def eye_mask(pen: Pen, rng: np.random.Generator) -> None:
    """A face with a mask over the eyes."""
    del rng
    pen.ellipse(0, -0.35, 0.68, 0.55, (90, 55, 30))
    pen.ellipse(0, 0.1, 0.62, 0.8, (248, 215, 190))
    pen.ellipse(0, -0.55, 0.6, 0.25, (90, 55, 30))
    pen.rectangle(0, -0.05, 0.8, 0.24, (60, 50, 130))
    pen.line([(-0.2, 0.55), (0, 0.62), (0.2, 0.55)], (190, 60, 70), 0.07)


def drop(pen: Pen, rng: np.random.Generator) -> None:
    """A dark drop."""
    del rng
    pen.ellipse(0, 0.3, 0.45, 0.45, (60, 20, 12))
    pen.polygon([(0, -0.8), (-0.4, 0.15), (0.4, 0.15)], (60, 20, 12))
    pen.ellipse(-0.15, 0.3, 0.1, 0.15, (150, 90, 60))


def leaf(pen: Pen, rng: np.random.Generator) -> None:
    """Three tea leaves."""
    del rng
    pen.polygon([(0.1, 0.6), (0.8, -0.1), (0.85, 0.4), (0.5, 0.7)], (110, 180, 60))
    pen.polygon([(-0.1, 0.6), (-0.8, -0.1), (-0.85, 0.4), (-0.5, 0.7)], (90, 170, 60))
    half = [(0.0, -0.9), (0.45, -0.2), (0.3, 0.5), (0.0, 0.8)]
    pen.polygon(half + [(-x, y) for x, y in reversed(half[1:3])], (60, 150, 50))
    pen.line([(0, -0.8), (0, 0.95)], (200, 230, 150), 0.07)


def tooth(pen: Pen, rng: np.random.Generator) -> None:
    """A white tooth over a wave."""
    del rng
    outline = [(-0.5, -0.6), (0, -0.45), (0.5, -0.6), (0.6, -0.1), (0.3, 0.75), (0.1, 0.2)]
    pen.polygon([*outline, (-0.1, 0.2), (-0.3, 0.75), (-0.6, -0.1)], WHITE)
    pen.line([(-0.9, 0.85), (-0.3, 0.7), (0.3, 0.85), (0.9, 0.7)], (60, 180, 220), 0.14)


def cat(pen: Pen, rng: np.random.Generator) -> None:
    """A cat's head."""
    del rng
    grey = (120, 110, 105)
    pen.ellipse(0, 0.1, 0.6, 0.52, grey)
    for side in (-1, 1):
        ear = [(side * 0.58, 0.0), (side * 0.5, -0.75), (side * 0.1, -0.3)]
        pen.polygon(ear, grey)
        pen.ellipse(side * 0.22, 0.02, 0.1, 0.12, (240, 220, 80))
        pen.ellipse(side * 0.22, 0.02, 0.03, 0.1, (30, 30, 30))
    pen.ellipse(0, 0.28, 0.07, 0.05, (230, 130, 140))
