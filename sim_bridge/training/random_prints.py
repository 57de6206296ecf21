"""Random prints without meaning: what clutter, tables and floors are covered with."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from culture_perception.fonts import load_font

Rgb = tuple[int, int, int]
_LETTERS = "ABCDEFGHIJKLMNOPRSTUVWYabcdefghiklmnoprstuvwyz0123456789%&!"


def random_colour(rng: np.random.Generator) -> Rgb:
    """A colour as packages have them: often white, black or grey, else any hue."""
    kind = rng.random()
    if kind < 0.18:
        value = rng.uniform(0.82, 1)
        rgb = (value, value, value * rng.uniform(0.88, 1))
    elif kind < 0.28:
        value = rng.uniform(0.03, 0.2)
        rgb = (value, value, value)
    elif kind < 0.40:
        value = rng.uniform(0.2, 0.8)
        rgb = (value * rng.uniform(0.9, 1), value * rng.uniform(0.9, 1), value)
    else:
        rgb = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.35, 1), rng.uniform(0.25, 1))
    red, green, blue = (int(255 * channel) for channel in rgb)
    return red, green, blue


def _word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(_LETTERS), int(rng.integers(2, 8))))


def _to_image(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _blobs(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """(size, size, 3) smooth random colours, 0 to 255."""
    coarse = int(rng.integers(3, 24))
    noise = rng.integers(0, 255, (coarse, coarse, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC), float)


def _draw_stripes(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int) -> None:
    step, colour = int(rng.integers(8, 60)), random_colour(rng)
    for start in range(0, size, step):
        draw.rectangle([0, start, size, start + step // 2], fill=colour)


def _draw_dots(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int) -> None:
    step, colour = int(rng.integers(16, 60)), random_colour(rng)
    radius = step * 0.3
    for x in range(0, size, step):
        for y in range(0, size, step):
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)


def _draw_shapes(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int) -> None:
    for _ in range(int(rng.integers(0, 7))):
        x, y = rng.uniform(-0.1, 1, 2) * size
        right, bottom = x + rng.uniform(0.1, 0.8) * size, y + rng.uniform(0.05, 0.5) * size
        shape = rng.choice(["rectangle", "band", "ellipse", "polygon"], p=[0.4, 0.2, 0.2, 0.2])
        if shape == "rectangle":
            draw.rectangle([x, y, right, bottom], fill=random_colour(rng))
        elif shape == "band":
            draw.rectangle([0, y, size, bottom], fill=random_colour(rng))
        elif shape == "ellipse":
            draw.ellipse([x, y, right, bottom], fill=random_colour(rng))
        else:
            corners = rng.uniform(0, size, (int(rng.integers(3, 6)), 2))
            draw.polygon([(float(u), float(v)) for u, v in corners], fill=random_colour(rng))


def _draw_words(draw: ImageDraw.ImageDraw, rng: np.random.Generator, size: int) -> None:
    for _ in range(int(rng.integers(0, 8))):
        height = int(np.exp(rng.uniform(np.log(size / 32), np.log(size / 4))))
        x, y = rng.uniform(0, 0.8) * size, rng.uniform(0, 0.9) * size
        draw.text((x, y), _word(rng), font=load_font(height), fill=random_colour(rng))


def random_print(rng: np.random.Generator, size: int = 256) -> Image.Image:
    """A square RGB print: a base, then perhaps blobs, stripes, dots, shapes and words.

    Args:
        rng: decides everything.
        size: side in pixels.
    """
    top, bottom = (np.array(random_colour(rng), float) for _ in range(2))
    fade = np.linspace(0, 1, size)[:, None, None] * rng.choice([0, 0, 0, 0.3, 1])
    pixels = np.broadcast_to(top * (1 - fade) + bottom * fade, (size, size, 3)).copy()
    kind = rng.random()
    if kind < 0.25:
        return _grain(pixels, rng)
    if kind < 0.40:
        share = rng.uniform(0.2, 0.9)
        pixels = pixels * (1 - share) + _blobs(rng, size) * share
    image = _to_image(pixels)
    draw = ImageDraw.Draw(image)
    steps: list[tuple[float, Callable[..., None]]] = [
        (0.2, _draw_stripes), (0.15, _draw_dots), (1.0, _draw_shapes), (1.0, _draw_words),
    ]  # fmt: skip
    for probability, step in steps:
        if rng.random() < probability:
            step(draw, rng, size)
    return _grain(np.asarray(image, float), rng)


def _grain(pixels: NDArray[np.float64], rng: np.random.Generator) -> Image.Image:
    return _to_image(pixels + rng.normal(0, rng.uniform(0, 5), (*pixels.shape[:2], 1)))


def _table_pattern(
    pixels: NDArray[np.float64], rng: np.random.Generator, size: int
) -> NDArray[np.float64]:
    index = np.arange(size)
    colour = np.array(random_colour(rng), float)
    kind = rng.choice(
        ["plain", "planks", "checks", "stripes", "print"], p=[0.4, 0.3, 0.15, 0.08, 0.07]
    )
    if kind == "planks":
        width = int(rng.integers(30, 130))
        tones = rng.normal(1, rng.uniform(0.02, 0.15), (size // width + 1, 1, 1))
        return np.asarray(pixels * np.repeat(tones, width, axis=0)[:size])
    if kind in ("checks", "stripes"):
        cells = index // int(rng.integers(20, 130) if kind == "checks" else rng.integers(6, 60))
        rows = cells[:, None] if kind == "checks" else np.zeros((1, 1), np.int64)
        strength = rng.uniform(0.1, 1) if kind == "checks" else rng.uniform(0.1, 0.7)
        share = ((rows + cells[None]) % 2)[..., None] * strength
        return np.asarray(pixels * (1 - share) + colour * share)
    if kind == "print":
        return np.asarray((pixels + np.asarray(random_print(rng, size), float)) / 2)
    return pixels


def random_table_print(rng: np.random.Generator, size: int = 512) -> Image.Image:
    """A square RGB table or floor: mostly wood and grey tones, some patterned."""
    base = np.array(random_colour(rng), float)
    if rng.random() < 0.55:
        tint = np.array([1, rng.uniform(0.72, 1), rng.uniform(0.5, 1)])
        base = rng.uniform(90, 220) * tint
    pixels = np.broadcast_to(base, (size, size, 3)).copy()
    for _ in range(int(rng.integers(0, 3))):
        rows, columns = rng.integers(2, 200, 2)
        coarse = Image.fromarray(rng.normal(0, 1, (rows, columns)).astype(np.float32))
        grain = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), float)
        pixels *= 1 + rng.uniform(0.02, 0.18) * grain[..., None]
    return _grain(_table_pattern(pixels, rng, size), rng)
