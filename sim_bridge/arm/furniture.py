"""What belongs to the arm's workplace besides the arm: the basket, the rail, and light meshes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from sim_bridge.arm.model import RAIL_LIMIT_M, link_meshes, tool_parts
from sim_bridge.arm.triangles import read_triangles, unit_normals
from sim_bridge.camera import FloatArray
from sim_bridge.products.export import Product, write_product
from sim_bridge.products.meshes import BOX_FACES, Mesh, box, disc, lathe, merge

BASKET_POSITION: Final = (0.8, 0.93, 0.0)
"""Of frame basket in the world: the middle of its floor, beside the table."""
BASKET_INSIDE_M: Final = (0.30, 0.30, 0.12)
"""Width, depth and height of its walls."""
WALL_M: Final = 0.01

_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)
_RAIL_SIZE_M: Final = (0.14, 2 * RAIL_LIMIT_M + 0.3, 0.012)
_COLOURS: Final = {
    "basket": (96, 120, 88),
    "rail": (90, 94, 100),
    "tool": (52, 54, 58),
    "link": (228, 230, 232),
}

Box = tuple[tuple[float, float, float], tuple[float, float, float]]


def basket_boxes() -> list[Box]:
    """Floor and walls of the basket, each as (size, centre), metres, in frame basket."""
    width, depth, height = BASKET_INSIDE_M
    outer = depth + 2 * WALL_M
    middle, aside, ahead = height / 2 - WALL_M / 2, (width + WALL_M) / 2, (depth + WALL_M) / 2
    tall = height + WALL_M
    return [
        ((width, depth, WALL_M), (0.0, 0.0, -WALL_M / 2)),
        ((WALL_M, outer, tall), (-aside, 0.0, middle)),
        ((WALL_M, outer, tall), (aside, 0.0, middle)),
        ((width, WALL_M, tall), (0.0, -ahead, middle)),
        ((width, WALL_M, tall), (0.0, ahead, middle)),
    ]


def in_basket(position: FloatArray) -> bool:
    """Whether a point (3,) of the world is between the basket's walls, at most a hand above."""
    away = np.abs(np.asarray(position) - BASKET_POSITION)
    width, depth, height = BASKET_INSIDE_M
    return bool(away[0] < width / 2 and away[1] < depth / 2 and away[2] < height + 0.08)


def write_meshes(folder: Path) -> dict[str, Path]:
    """Writes what is drawn: the arm's links by their names, arm_tool, rail and basket.

    Returns:
        Name to OBJ file; each in the frame of its link, the tool in that of the flange, the rail
        in arm_base, the basket in basket.
    """
    meshes = {name: ("link", _flat_shaded(path)) for name, path in link_meshes().items()}
    meshes["suction"] = ("tool", _tool_mesh())
    meshes["rail"] = ("rail", _box_mesh(_RAIL_SIZE_M, (0.0, 0.0, -_RAIL_SIZE_M[2] / 2 + 0.006)))
    meshes["basket"] = ("basket", merge([_box_mesh(*one) for one in basket_boxes()]))
    return {
        name: write_product(
            Product(f"arm.{name}", mesh, Image.new("RGB", (8, 8), _COLOURS[colour])), folder
        )
        for name, (colour, mesh) in meshes.items()
    }


def _box_mesh(size: tuple[float, float, float], centre: tuple[float, float, float]) -> Mesh:
    whole = box(*size, dict.fromkeys(BOX_FACES, _WHOLE))
    return whole.moved((centre[0], centre[1], centre[2] - size[2] / 2))


def _tool_mesh() -> Mesh:
    parts, start = [], 0.0
    for radius, length in tool_parts():
        parts.append(lathe([(radius, start), (radius, start + length)], _WHOLE, segments=12))
        start += length
        parts.append(disc(radius, start, _WHOLE, segments=12))
    return merge(parts)


def _flat_shaded(path: Path) -> Mesh:
    """A mesh each of whose triangles has its own normal: pybullet_data's are not all usable."""
    corners = read_triangles(path)
    count = 3 * len(corners)
    return Mesh(
        corners.reshape(-1, 3),
        np.full((count, 2), 0.5),
        np.repeat(unit_normals(corners), 3, axis=0),
        np.arange(count).reshape(-1, 3),
    )
