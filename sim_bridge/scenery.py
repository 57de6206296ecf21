"""Table tops and floors made by code, each from a seed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sim_bridge.physics import TABLE_HALF_SIZE
from sim_bridge.products.export import Product, write_product
from sim_bridge.products.meshes import Mesh, box, merge, quad

TEXTURE_PX = 1024
FLOOR_HALF_SIZE_M = 6.0
FLOOR_Z_M = -0.72
_FLOOR_PIECE_M = 1.0
_THICKNESS_M = 0.03
_CORNER_UVS = (0.0, 0.0, 0.02, 0.02)

_Noise = NDArray[np.float64]


def _smooth_noise(
    shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator
) -> _Noise:
    """Noise of mean 0 and about unit deviation whose features are 1 / cells of the image."""
    coarse = rng.normal(size=cells).astype(np.float32)
    image = Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(image, dtype=np.float64)


def _wood(rng: np.random.Generator) -> _Noise:
    """Boards with grain along x."""
    shape = (TEXTURE_PX, TEXTURE_PX)
    tone = np.array([[171, 132, 92], [196, 160, 116], [128, 90, 62], [214, 186, 148]])[
        rng.integers(4)
    ]
    grain = (
        _smooth_noise(shape, (160, 6), rng) * 0.035 + _smooth_noise(shape, (500, 20), rng) * 0.02
    )
    boards = int(rng.integers(5, 9))
    board = np.arange(TEXTURE_PX) * boards // TEXTURE_PX
    seam = np.diff(board, prepend=0) != 0
    shade = rng.normal(0, 0.05, boards)[board] - 0.25 * seam
    return np.asarray(tone * (1 + grain + shade[:, None])[..., None])


def _plain(rng: np.random.Generator) -> _Noise:
    """Painted or laminated: one pale or dark tone, hardly any pattern."""
    tone = rng.uniform(70, 225) * (1 + rng.normal(0, 0.04, 3))
    cloud = _smooth_noise((TEXTURE_PX, TEXTURE_PX), (7, 7), rng) * 0.006
    return np.asarray(tone * (1 + cloud)[..., None])


def _speckled(rng: np.random.Generator) -> _Noise:
    """Stone: two sizes of speckles on a grey tone."""
    shape = (TEXTURE_PX, TEXTURE_PX)
    tone = rng.uniform(110, 205) * (1 + rng.normal(0, 0.03, 3))
    fine, coarse = _smooth_noise(shape, (400, 400), rng), _smooth_noise(shape, (120, 120), rng)
    pattern = 0.07 * fine + 0.09 * (coarse > 1.1) - 0.10 * (coarse < -1.2)
    return np.asarray(tone * (1 + pattern)[..., None])


def _tiles(rng: np.random.Generator) -> _Noise:
    """Square tiles with joints."""
    count = int(rng.integers(5, 11))
    tile = np.arange(TEXTURE_PX) * count // TEXTURE_PX
    joint = np.arange(TEXTURE_PX) * count % TEXTURE_PX < 0.03 * TEXTURE_PX
    tone = rng.uniform(120, 215) * (1 + rng.normal(0, 0.05, 3))
    shade = rng.normal(0, 0.025, (count, count))[tile][:, tile]
    shade = np.where(joint[:, None] | joint[None, :], -0.22, shade)
    return np.asarray(tone * (1 + shade)[..., None])


def _cloth(rng: np.random.Generator) -> _Noise:
    """A table cloth with crossing stripes."""
    base, stripe = rng.uniform(120, 235, 3), rng.uniform(60, 200, 3)
    period = TEXTURE_PX // int(rng.integers(8, 20))
    band = (np.arange(TEXTURE_PX) % period < period * rng.uniform(0.15, 0.5)).astype(float)
    weight = (band[:, None] + band[None, :])[..., None] * 0.3
    weave = 1 + 0.02 * _smooth_noise((TEXTURE_PX, TEXTURE_PX), (500, 500), rng)[..., None]
    return np.asarray((base * (1 - weight) + stripe * weight) * weave)


_SURFACES: dict[str, Callable[[np.random.Generator], _Noise]] = {
    "wood": _wood,
    "plain": _plain,
    "speckled": _speckled,
    "tiles": _tiles,
    "cloth": _cloth,
}
SURFACE_NAMES = tuple(_SURFACES)


def surface_texture(name: str, seed: int) -> Image.Image:
    """A square texture of TEXTURE_PX pixels; one seed gives one texture.

    Args:
        name: one of SURFACE_NAMES.
        seed: 0 or more.

    Raises:
        ValueError: no such surface.
    """
    if name not in _SURFACES:
        raise ValueError(f"no surface {name!r}: choose one of {', '.join(SURFACE_NAMES)}")
    rng = np.random.default_rng([seed, SURFACE_NAMES.index(name)])
    return Image.fromarray(_SURFACES[name](rng).clip(0, 255).round().astype(np.uint8))


def _table_mesh() -> Mesh:
    """A slab whose top is z = 0, centred on x = y = 0; the print is on its top."""
    x, y = TABLE_HALF_SIZE
    top = quad([(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0)], (0, 0, 1, 1))
    sides = dict.fromkeys(("front", "right", "back", "left", "top", "bottom"), _CORNER_UVS)
    slab = box(2 * x, 2 * y, _THICKNESS_M, sides).moved((0, 0, -_THICKNESS_M - 1e-3))
    return merge([top, slab])


def _floor_mesh() -> Mesh:
    """A square at z = 0, cut into pieces that each repeat the print."""
    edges = np.arange(-FLOOR_HALF_SIZE_M, FLOOR_HALF_SIZE_M + _FLOOR_PIECE_M, _FLOOR_PIECE_M)
    return merge(
        [
            quad([(x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0)], (0, 0, 1, 1))
            for x0, x1 in pairwise(edges)
            for y0, y1 in pairwise(edges)
        ]
    )


def write_table(folder: Path, surface: str, seed: int) -> Path:
    """Writes a table, its top at z = 0; the path of its OBJ file."""
    product = Product(f"table.{surface}_{seed}", _table_mesh(), surface_texture(surface, seed))
    return write_product(product, folder)


def write_floor(folder: Path, surface: str, seed: int) -> Path:
    """Writes a floor at z = 0; the path of its OBJ file."""
    product = Product(f"floor.{surface}_{seed}", _floor_mesh(), surface_texture(surface, seed))
    return write_product(product, folder)
