"""Triangles of a Wavefront OBJ file, without their print."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim_bridge.camera import FloatArray


def read_triangles(path: Path) -> FloatArray:
    """(N, 3, 3) corners in the file's own units, those without an area left out.

    Raises:
        ValueError: a face is no triangle, or names a point that is not there.
        OSError: there is no such file.
    """
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    points = np.array([line[1:4] for line in lines if line[:1] == ["v"]], np.float64)
    words = [line[1:] for line in lines if line[:1] == ["f"]]
    if not words or any(len(corners) != 3 for corners in words):
        raise ValueError(f"{path} is not made of triangles: export it triangulated")
    indices = np.array([[corner.split("/")[0] for corner in row] for row in words], np.int64) - 1
    if indices.min() < 0 or indices.max() >= len(points):
        raise ValueError(f"{path}: a face names a point that is not there; the file is cut off")
    corners = points[indices]
    return np.asarray(corners[np.linalg.norm(_normals(corners), axis=1) > 0])


def unit_normals(corners: FloatArray) -> FloatArray:
    """(N, 3) outward normals, unit length, of triangles (N, 3, 3) that have an area."""
    normals = _normals(corners)
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def _normals(corners: FloatArray) -> FloatArray:
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
