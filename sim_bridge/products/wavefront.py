"""Reads textured triangle meshes from Wavefront OBJ files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim_bridge.products.meshes import FloatArray


class MeshError(ValueError):
    """A file is no usable textured triangle mesh; the message names the file and the cure."""


@dataclass(frozen=True)
class TexturedSurface:
    """A mesh as OBJ has it: positions and texture coordinates are counted apart.

    Attributes:
        points: (N, 3) float64, metres.
        uvs: (K, 2) float64, 0 to 1, v upwards.
        faces: (M, 3) int64, indices into points.
        uv_faces: (M, 3) int64, indices into uvs.
    """

    points: FloatArray
    uvs: FloatArray
    faces: NDArray[np.int64]
    uv_faces: NDArray[np.int64]


def read_surface(path: Path) -> TexturedSurface:
    """Reads the v, vt and f lines.

    Raises:
        MeshError: the file is missing, is not of triangles with texture coordinates, or its
            indices or numbers make no sense.
    """
    rows = _rows(path)
    try:
        points = np.array([row[:3] for row in rows["v"]], np.float64)
        uvs = np.array([row[:2] for row in rows["vt"]], np.float64)
        corners = np.array([[c.split("/")[:2] for c in row] for row in rows["f"]], np.int64) - 1
    except ValueError as error:
        raise MeshError(
            f"{path}: lines v, vt or f cannot be read ({error}); faces must be triangles a/b[/c]"
        ) from error
    if corners.ndim != 3 or corners.shape[1:] != (3, 2) or not len(uvs):
        raise MeshError(f"{path} has no triangles with texture coordinates: export it with both")
    for indices, values in ((corners[..., 0], points), (corners[..., 1], uvs)):
        if indices.min() < 0 or indices.max() >= len(values):
            raise MeshError(f"{path}: a face names a point that is not there; the file is cut off")
    return TexturedSurface(points, uvs, corners[..., 0], corners[..., 1])


def _rows(path: Path) -> dict[str, list[list[str]]]:
    """The words of the lines that begin with v, vt or f."""
    rows: dict[str, list[list[str]]] = {"v": [], "vt": [], "f": []}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MeshError(f"{path} cannot be read as an OBJ file: {error}") from error
    for line in text.splitlines():
        words = line.split()
        if words and words[0] in rows:
            rows[words[0]].append(words[1:])
    return rows
