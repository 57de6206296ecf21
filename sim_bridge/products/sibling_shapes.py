"""Builds a sibling's mesh and print; this module has the packages of flat faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from sim_bridge.products import sibling_tools, sibling_vessels
from sim_bridge.products.atlas import PRINT_ROWS, SIDE_PX, SWATCH_ROWS, Atlas, region_of
from sim_bridge.products.attributes import SIZES, varied
from sim_bridge.products.markets import market_of
from sim_bridge.products.meshes import BOX_FACES, Mesh, UvRect, box, pouch
from sim_bridge.products.pen import Rgb
from sim_bridge.products.sibling import Sibling
from sim_bridge.products.sibling_look import sample_look
from sim_bridge.products.sibling_prints import Side

_Range: TypeAlias = tuple[float, float]
_Builder: TypeAlias = Callable[[Sibling, Atlas, np.random.Generator], Mesh]

BOX_FORMS: Final[dict[str, tuple[_Range, _Range, _Range]]] = {
    "large": ((0.1, 0.17), (0.04, 0.07), (0.15, 0.22)),
    "dessert": ((0.07, 0.11), (0.025, 0.045), (0.06, 0.1)),
    "tall": ((0.06, 0.1), (0.035, 0.05), (0.12, 0.19)),
    "carton": ((0.1, 0.16), (0.08, 0.12), (0.06, 0.12)),
}
"""Name -> ranges of width, depth, height in metres at normal size."""
KIND_FORMS: Final[dict[str, tuple[_Range, _Range, _Range]]] = {
    "slab": ((0.13, 0.19), (0.02, 0.045), (0.075, 0.12)),
    "slim": ((0.06, 0.09), (0.018, 0.03), (0.12, 0.165)),
    "cube": ((0.11, 0.16), (0.07, 0.11), (0.09, 0.15)),
    "upright": ((0.085, 0.125), (0.035, 0.055), (0.125, 0.17)),
}
"""The same, of boxes that only some kinds come in."""

_FLAT: Final = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # the front turned up


def build_shape(sibling: Sibling) -> tuple[Mesh, Image.Image]:
    """A sibling's mesh (metres, z up) and its texture."""
    rng = np.random.default_rng(sibling.seed)
    atlas = Atlas.blank(sample_look(sibling, rng), rng)
    mesh = _BUILDERS[sibling.container](sibling, atlas, rng)
    return mesh, atlas.finished()


def _box(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    width, depth, height = _box_measures(sibling, rng)
    return box(width, depth, height, _box_faces(atlas, width, depth, height))


def _box_measures(sibling: Sibling, rng: np.random.Generator) -> tuple[float, float, float]:
    """Width, depth, height in metres: seven in ten of a kind in its usual form."""
    kind = market_of(sibling).kind(sibling.kind)
    form = kind.form if kind and rng.random() < 0.7 else ""
    form = form or str(rng.choice(list(BOX_FORMS), p=[0.3, 0.28, 0.27, 0.15]))
    ranges = (BOX_FORMS | KIND_FORMS)[form]
    scale = SIZES[sibling.size]
    width, depth, height = (rng.uniform(*limits) * scale for limits in ranges)
    return width, depth, height


def _box_faces(atlas: Atlas, width: float, depth: float, height: float) -> dict[str, UvRect]:
    """Paints six faces into the whole texture; large ones get most of it."""
    back: Side = "front" if atlas.rng.random() < 0.7 else "side"
    plan: dict[str, tuple[tuple[int, int, int, int], float, Side]] = {
        "front": ((0, 0, 128, 160), width / height, "front"),
        "back": ((128, 0, 128, 160), width / height, back),
        "top": ((0, 160, 128, 48), width / depth, "top"),
        "bottom": ((0, 208, 128, 48), width / depth, "side"),
        "left": ((128, 160, 64, 96), depth / height, "side"),
        "right": ((192, 160, 64, 96), depth / height, "side"),
    }
    return {name: atlas.face(*plan[name]) for name in BOX_FACES}


def _bag(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    scale = SIZES[sibling.size]
    width, height = rng.uniform(0.1, 0.16) * scale, rng.uniform(0.13, 0.21) * scale
    second: Side = "front" if rng.random() < 0.85 else "side"
    half = SIDE_PX // 2
    regions = (
        atlas.face((0, 0, half, SIDE_PX), width / height, "front"),
        atlas.face((half, 0, half, SIDE_PX), width / height, second),
    )
    thickness = rng.uniform(0.03, 0.065) * scale
    return pouch(width, height, thickness, regions, seed=int(rng.integers(1 << 31)))


def _sponge(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A sponge in coloured film: a bent box, or one with soft edges; two colours show on a box."""
    scale = SIZES[sibling.size]
    width, depth, height = rng.uniform([0.08, 0.055, 0.014], [0.13, 0.085, 0.035]) * scale
    _paint_pores(atlas, two_coloured=atlas.look.two_coloured)
    film = region_of((0, SWATCH_ROWS, SIDE_PX, PRINT_ROWS // 2))
    foam = region_of((0, SWATCH_ROWS + PRINT_ROWS // 2, SIDE_PX, PRINT_ROWS // 2))
    if not atlas.look.two_coloured and rng.random() < 0.5:
        seed = int(rng.integers(1 << 31))
        soft = pouch(width, depth, height * 1.3, (film, foam), 0.0022, seed)
        return soft.rotated(_FLAT)
    faces = {name: film if name in ("top", "front", "back") else foam for name in BOX_FACES}
    if rng.random() < 0.6:
        faces = {name: film if name == "top" else foam for name in BOX_FACES}
    return _bent(box(width, depth, height, faces), rng)


def _paint_pores(atlas: Atlas, two_coloured: bool) -> None:
    """Fills the print area with film above and foam below, both mottled."""
    half = SWATCH_ROWS + PRINT_ROWS // 2
    draw = ImageDraw.Draw(atlas.image)
    draw.rectangle((0, SWATCH_ROWS, SIDE_PX, half), fill=atlas.look.colour1)
    foam = atlas.look.colour2 if two_coloured else atlas.look.colour1
    draw.rectangle((0, half, SIDE_PX, SIDE_PX), fill=foam)
    pixels = np.asarray(atlas.image, np.float64)
    pores = atlas.rng.normal(0, atlas.rng.uniform(5, 15), (64, 64, 1))
    pores[: half // 4] *= atlas.rng.uniform(0.2, 1.0)  # film is smoother than foam
    pores = pores.repeat(4, 0).repeat(4, 1)
    mottled = Image.fromarray((pixels + pores).clip(0, 255).astype(np.uint8))
    below = (0, SWATCH_ROWS, SIDE_PX, SIDE_PX)
    atlas.image.paste(mottled.crop(below), (0, SWATCH_ROWS))


def _bent(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """The mesh with its corners moved by some millimetres; corners that met still meet."""
    corners, index = np.unique(mesh.vertices.round(6), axis=0, return_inverse=True)
    moved = corners + rng.normal(0, 0.004, corners.shape)
    return Mesh(moved[index.ravel()], mesh.uvs, mesh.normals, mesh.faces)


def _cube(sibling: Sibling, atlas: Atlas, rng: np.random.Generator) -> Mesh:
    """A puzzle cube, solved or not."""
    colours = [varied(c, rng) for c in ("red", "blue", "yellow", "green", "white", "orange")]
    count, solved = int(rng.choice([2, 3, 3, 3, 3, 4])), bool(rng.random() < 0.35)
    frame: Rgb = (20, 20, 22) if rng.random() < 0.8 else (235, 235, 235)
    gap, regions = rng.uniform(0.8, 3.5), {}
    for i, name in enumerate(BOX_FACES):
        chosen = [i] * count**2 if solved else list(rng.integers(0, 6, count**2))
        tiles = [colours[c] for c in chosen]
        rect = (i % 3 * 85, SWATCH_ROWS + i // 3 * 90, 84, 84)
        atlas.paste(_tiled_face(tiles, count, frame, gap), rect)
        regions[name] = region_of(rect)
    side = rng.uniform(0.05, 0.07) * SIZES[sibling.size]
    return box(side, side, side, regions)


def _tiled_face(tiles: list[Rgb], count: int, frame: Rgb, gap: float) -> Image.Image:
    """A square of count by count tiles; gap in pixels of an 84-pixel face."""
    image, step = Image.new("RGB", (84, 84), frame), 84 / count
    draw = ImageDraw.Draw(image)
    for i, colour in enumerate(tiles):
        x, y = i % count * step, i // count * step
        draw.rectangle((x + gap, y + gap, x + step - gap, y + step - gap), fill=colour)
    return image


_BUILDERS: Final[dict[str, _Builder]] = {
    "box": _box,
    "bag": _bag,
    "sponge": _sponge,
    "cube": _cube,
    "can": sibling_vessels.can,
    "tin": sibling_vessels.tin,
    "flat_tin": sibling_vessels.flat_tin,
    "bottle": sibling_vessels.bottle,
    "spray": sibling_vessels.spray,
    "bowl": sibling_vessels.bowl,
    "cup": sibling_vessels.cup,
    "tube": sibling_vessels.tube,
    "marker": sibling_tools.marker,
    "screwdriver": sibling_tools.screwdriver,
}
