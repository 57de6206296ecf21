"""Nameless things for training scenes: random shapes in random prints.

They teach the segmenter that an object need not be a product it has seen, and give the encoder
nothing (a clutter object has no caption).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim_bridge.products.export import Product
from sim_bridge.products.meshes import BOX_FACES, Mesh, UvRect, box, lathe, merge, pouch
from sim_bridge.training.random_prints import random_print

_ALL: UvRect = (0.0, 0.0, 1.0, 1.0)
_BODY: UvRect = (0.0, 0.0, 1.0, 0.8)
_CAP: UvRect = (0.0, 0.85, 1.0, 1.0)
_LYING = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
"""Turns an upright mesh onto its side: z to x."""


def _box(rng: np.random.Generator) -> Mesh:
    regions = {}
    for face in BOX_FACES:
        u, v = rng.uniform(0, 0.5, 2)
        regions[face] = (u, v, u + rng.uniform(0.3, 0.5), v + rng.uniform(0.3, 0.5))
    return box(rng.uniform(0.03, 0.19), rng.uniform(0.012, 0.09), rng.uniform(0.03, 0.22), regions)


def _can(rng: np.random.Generator) -> Mesh:
    radius, height = rng.uniform(0.02, 0.055), rng.uniform(0.03, 0.16)
    rim = rng.uniform(0.001, 0.004)
    profile = [
        (0.0, 0.0),
        (radius * 0.9, 0.0),
        (radius, rim),
        (radius * 0.97, 2 * rim),
        (radius * 0.97, height - 2 * rim),
        (radius, height - rim),
        (radius * 0.9, height),
        (0.0, height),
    ]
    flatten = rng.uniform(0.5, 1) if rng.random() < 0.3 else 1.0
    return lathe(profile, _ALL, 28, flatten, rng.uniform(0.4, 1) if rng.random() < 0.3 else 1.0)


def _bottle(rng: np.random.Generator) -> Mesh:
    height, radius = rng.uniform(0.11, 0.28), rng.uniform(0.02, 0.05)
    neck, shoulder = rng.uniform(0.25, 0.55) * radius, rng.uniform(0.45, 0.8)
    heights = np.linspace(0, 0.92, 16)
    knots = [0, 0.03, shoulder, (shoulder + 0.95) / 2, 0.95]
    radii = np.interp(
        heights, knots, [0.9, 1, rng.uniform(0.8, 1), rng.uniform(0.4, 0.8), neck / radius]
    )
    profile = [
        (0.0, 0.0),
        *((float(r * radius), float(h * height)) for r, h in zip(radii, heights, strict=True)),
    ]
    flatten = rng.uniform(0.5, 1) if rng.random() < 0.5 else 1.0
    cap = neck * rng.uniform(1.05, 1.5)
    lid = [(cap, 0.9 * height), (cap * rng.uniform(0.6, 1), 0.99 * height), (0.0, height)]
    parts = [lathe(profile, _BODY, 28, flatten), lathe(lid, _CAP, 20)]
    if rng.random() < 0.22:  # a spray or pump head
        head = box(
            rng.uniform(0.04, 0.1), 0.02, rng.uniform(0.02, 0.04), dict.fromkeys(BOX_FACES, _CAP)
        )
        parts.append(head.moved((rng.uniform(-0.01, 0.025), 0, height * 0.95)))
    return merge(parts)


def _cup(rng: np.random.Generator) -> Mesh:
    foot, rim, height = rng.uniform(0.02, 0.045), rng.uniform(0.03, 0.075), rng.uniform(0.03, 0.13)
    wall = [
        (foot + (rim - foot) * t ** rng.uniform(0.4, 1.3), height * t) for t in np.linspace(0, 1, 8)
    ]
    outside = [
        (0.0, 0.0),
        (foot, 0.0),
        *((float(r), float(z)) for r, z in wall),
        (rim * 1.03, height),
    ]
    if rng.random() < 0.5:
        return lathe([*outside, (0.0, height)], _ALL, 28)
    depth = rng.uniform(0.05, 0.8) * height
    return lathe([*outside, (rim * 0.94, height), (foot * 0.9, depth), (0.0, depth)], _ALL, 28)


def _stick(rng: np.random.Generator) -> Mesh:
    """Pens, tools, brushes: thin, of two materials, lying."""
    length, radius, split = (
        rng.uniform(0.08, 0.24),
        rng.uniform(0.005, 0.02),
        rng.uniform(0.25, 0.7),
    )
    tip = radius * rng.uniform(0.25, 1)
    handle = [
        (0.0, 0.0),
        (radius * 0.7, 0.0),
        (radius, 0.05 * length),
        (radius, split * length),
        (tip, split * length),
    ]
    shaft = [(tip, split * length), (tip, 0.97 * length), (0.0, length)]
    square = rng.uniform(0.4, 1)
    return merge([lathe(handle, _BODY, 16, 1, square), lathe(shaft, _CAP, 14)]).rotated(_LYING)


def _ball(rng: np.random.Generator) -> Mesh:
    radius, stretch = rng.uniform(0.02, 0.05), rng.uniform(0.7, 1.4)
    turn = np.linspace(0, np.pi, 17)
    profile = [(float(radius * np.sin(t)), float(radius * stretch * (1 - np.cos(t)))) for t in turn]
    return lathe(profile, _ALL, 26)


def _pouch(rng: np.random.Generator) -> Mesh:
    return pouch(
        rng.uniform(0.07, 0.18), rng.uniform(0.08, 0.24), rng.uniform(0.02, 0.06),
        ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)), seed=int(rng.integers(1 << 30)),
    ).rotated(_LYING)  # fmt: skip


_SHAPES: dict[Callable[[np.random.Generator], Mesh], float] = {
    _box: 0.28, _can: 0.12, _bottle: 0.22, _cup: 0.1, _stick: 0.14, _ball: 0.06, _pouch: 0.08,
}  # fmt: skip


def clutter_product(rng: np.random.Generator, index: int) -> Product:
    """A random thing; index only names it."""
    shape = list(_SHAPES)[int(rng.choice(len(_SHAPES), p=list(_SHAPES.values())))]
    return Product(f"clutter.{index:04d}", shape(rng).centred(), random_print(rng))
