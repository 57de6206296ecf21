"""A contact sheet of products: each seen from the front, at an angle, and from behind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from sim_bridge.camera import Camera
from sim_bridge.products.fonts import font
from sim_bridge.renderer import Light, Renderer

_CELL_PX: Final = 300
_RENDER_PX: Final = 2 * _CELL_PX  # shrunk afterwards, for smooth edges
_COLUMNS: Final = 5
_DISTANCE_M: Final = 0.8
_PITCH_DEGREES: Final = 18.0
_YAWS_DEGREES: Final = (0.0, 40.0, 180.0)
"""Turns of the product to its right, seen by the camera."""


def contact_sheet(paths: Mapping[str, Path], kind: str = "auto") -> Image.Image:
    """Renders products side by side, all filling their cells, with their concept ids.

    Args:
        paths: OBJ file by concept id.
        kind: the renderer, see Renderer.
    """
    cell_width, cell_height = _CELL_PX * len(_YAWS_DEGREES), _CELL_PX + 24
    rows = -(-len(paths) // _COLUMNS)
    sheet = Image.new("RGB", (cell_width * _COLUMNS, cell_height * rows), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    with Renderer(kind, _RENDER_PX, _RENDER_PX) as renderer:
        for index, (concept_id, path) in enumerate(paths.items()):
            left, top = index % _COLUMNS * cell_width, index // _COLUMNS * cell_height
            sheet.paste(_views(renderer, path), (left, top))
            draw.text((left + 6, top + _CELL_PX + 2), concept_id, (0, 0, 0), font(16))
    return sheet


def _views(renderer: Renderer, path: Path) -> Image.Image:
    """One product from each side."""
    handle = renderer.load(path)
    camera = _camera(_radius(path))
    strip = Image.new("RGB", (_CELL_PX * len(_YAWS_DEGREES), _CELL_PX))
    for index, yaw in enumerate(np.radians(_YAWS_DEGREES)):
        renderer.place(handle, (0, 0, 0), (0, 0, np.sin(yaw / 2), np.cos(yaw / 2)))
        frame = renderer.render(camera, Light(direction=(0.4, -1.0, 1.2)))
        strip.paste(Image.fromarray(frame.image_rgb).reduce(2), (_CELL_PX * index, 0))
    renderer.park(handle)
    return strip


def _radius(path: Path) -> float:
    """Distance of the farthest vertex from the origin, metres."""
    lines = path.read_text().splitlines()
    vertices = np.array([line.split()[1:] for line in lines if line.startswith("v ")], dtype=float)
    return float(np.linalg.norm(vertices, axis=1).max())


def _camera(radius_m: float) -> Camera:
    """A camera before and a little above the origin that sees a ball of that radius whole."""
    pitch = np.radians(_PITCH_DEGREES)
    position = (0.0, -_DISTANCE_M * np.cos(pitch), _DISTANCE_M * np.sin(pitch))
    turn = -(np.pi / 2 + pitch) / 2  # about x: the optical axis from up to forwards and down
    focal = 0.47 * _RENDER_PX * _DISTANCE_M / radius_m
    middle = (_RENDER_PX - 1) / 2
    return Camera(
        "sheet",
        _RENDER_PX,
        _RENDER_PX,
        focal,
        focal,
        middle,
        middle,
        position,
        (np.sin(turn), 0.0, 0.0, np.cos(turn)),
    )
