"""UV-mapped triangle meshes of packages: boxes, surfaces of revolution, pouches.

Everything is in metres with z up. Texture coordinates have their origin at the lower left of the
texture image, as Wavefront OBJ has it. Normals are explicit, because the EGL renderer shades
meshes without them wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
UvRect: TypeAlias = tuple[float, float, float, float]
"""Region of the texture: (u0, v0, u1, v1), each 0 to 1, v upwards."""

BOX_FACES = ("front", "right", "back", "left", "top", "bottom")
_TINY = 1e-12


@dataclass(frozen=True)
class Mesh:
    """A triangle mesh.

    Attributes:
        vertices: (N, 3) float64, metres.
        uvs: (N, 2) float64, texture coordinates, 0 to 1, v upwards.
        normals: (N, 3) float64, unit length, outwards.
        faces: (M, 3) int64, indices into the three arrays above, counter-clockwise from outside.
    """

    vertices: FloatArray
    uvs: FloatArray
    normals: FloatArray
    faces: NDArray[np.int64]

    def moved(self, offset: Sequence[float]) -> Mesh:
        """The mesh shifted by offset (x, y, z) in metres."""
        return Mesh(self.vertices + np.asarray(offset, float), self.uvs, self.normals, self.faces)

    def rotated(self, rotation: FloatArray) -> Mesh:
        """The mesh turned by a (3, 3) rotation matrix about the origin."""
        return Mesh(self.vertices @ rotation.T, self.uvs, self.normals @ rotation.T, self.faces)

    def centred(self) -> Mesh:
        """The mesh with its bounding-box centre at the origin."""
        return self.moved(-(self.vertices.min(axis=0) + self.vertices.max(axis=0)) / 2)

    @property
    def size(self) -> FloatArray:
        """(3,) extents of the bounding box, metres."""
        return np.asarray(np.ptp(self.vertices, axis=0), dtype=np.float64)


def merge(parts: Sequence[Mesh]) -> Mesh:
    """Joins meshes into one; they keep their own vertices.

    Raises:
        ValueError: parts is empty.
    """
    if not parts:
        raise ValueError("merge needs at least one mesh, got none")
    offsets = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.uvs for part in parts]),
        np.concatenate([part.normals for part in parts]),
        np.concatenate([part.faces + o for part, o in zip(parts, offsets, strict=True)]),
    )


def quad(corners: Sequence[Sequence[float]], region: UvRect) -> Mesh:
    """A flat rectangle.

    Args:
        corners: four points (x, y, z) seen from outside: lower left, lower right, upper right,
            upper left of the print.
        region: where its print lies in the texture.
    """
    points = np.asarray(corners, float)
    normal = np.cross(points[1] - points[0], points[3] - points[0])
    normal /= np.linalg.norm(normal) + _TINY
    u0, v0, u1, v1 = region
    uvs = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
    return Mesh(points, uvs, np.repeat(normal[None], 4, axis=0), np.array([[0, 1, 2], [0, 2, 3]]))


def box(width: float, depth: float, height: float, regions: Mapping[str, UvRect]) -> Mesh:
    """A box standing on z = 0: width along x, depth along y; its front faces -y.

    Args:
        width: metres.
        depth: metres.
        height: metres.
        regions: texture region of each face of BOX_FACES.

    Raises:
        KeyError: a face has no region.
    """
    x, y, h = width / 2, depth / 2, height
    corners: dict[str, list[tuple[float, float, float]]] = {
        "front": [(-x, -y, 0), (x, -y, 0), (x, -y, h), (-x, -y, h)],
        "right": [(x, -y, 0), (x, y, 0), (x, y, h), (x, -y, h)],
        "back": [(x, y, 0), (-x, y, 0), (-x, y, h), (x, y, h)],
        "left": [(-x, y, 0), (-x, -y, 0), (-x, -y, h), (-x, y, h)],
        "top": [(-x, -y, h), (x, -y, h), (x, y, h), (-x, y, h)],
        "bottom": [(-x, y, 0), (x, y, 0), (x, -y, 0), (-x, -y, 0)],
    }
    return merge([quad(corners[face], regions[face]) for face in BOX_FACES])


def surface(points: FloatArray, uvs: FloatArray, flip: bool = False) -> Mesh:
    """A smooth grid of points.

    Args:
        points: (R, C, 3), metres; outside is where (along columns) x (along rows) points to.
        uvs: (R, C, 2).
        flip: turn the surface inside out.
    """
    along_columns, along_rows = np.gradient(points, axis=1), np.gradient(points, axis=0)
    if np.allclose(points[:, 0], points[:, -1], atol=1e-6):  # closed: no crease at the seam
        seam = (points[:, 1] - points[:, -2]) / 2
        along_columns[:, 0] = along_columns[:, -1] = seam
    normals = np.cross(along_columns, along_rows)
    _mend_poles(normals)
    normals /= np.linalg.norm(normals, axis=2, keepdims=True) + _TINY
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate(
        [np.stack([a, b, d], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)]
    )
    if flip:
        normals, faces = -normals, faces[:, ::-1]
    return Mesh(points.reshape(-1, 3), uvs.reshape(-1, 2), normals.reshape(-1, 3), faces)


def _mend_poles(normals: FloatArray) -> None:
    """Gives a row that shrinks to a point (no area, so no normal) its neighbour's mean normal."""
    for row, neighbour in ((0, 1), (-1, -2)):
        if np.linalg.norm(normals[row], axis=1).max() < 1e-10:
            normals[row] = normals[neighbour].mean(axis=0)


def lathe(
    profile: Sequence[tuple[float, float]],
    region: UvRect,
    segments: int = 24,
    flatten: float = 1.0,
    squareness: float = 1.0,
    start: float = 0.0,
) -> Mesh:
    """A surface of revolution about z.

    Args:
        profile: (radius, z) from bottom to top, metres; z and radius may repeat for hard steps.
        region: texture region; u runs around counter-clockwise, v along the profile, both in
            proportion to the length of the way.
        segments: facets around.
        flatten: y extent as a share of the x extent (oval bottles).
        squareness: exponent of the cross-section: 1 round, towards 0 a rectangle with corners.
        start: where u begins, radians counter-clockwise from +x; with pi the front (-y) lies at a
            quarter of the region and the back at three quarters.
    """
    radius, z = np.asarray(profile, float).T
    x, y = _cross_section(segments, flatten, squareness, start)
    points = np.stack(
        [radius[:, None] * x, radius[:, None] * y, np.repeat(z[:, None], segments + 1, axis=1)],
        axis=-1,
    )
    u0, v0, u1, v1 = region
    u = u0 + (u1 - u0) * _way(x, y)
    v = v0 + (v1 - v0) * _way(radius, z)[:, None]
    return surface(points, np.stack(np.broadcast_arrays(u, v), axis=-1))


def disc(
    radius: float,
    z: float,
    region: UvRect,
    segments: int = 24,
    flatten: float = 1.0,
    squareness: float = 1.0,
    up: bool = True,
) -> Mesh:
    """A flat lid (or, not up, a flat bottom) with the cross-section of a lathe.

    Args:
        radius: half its x extent, metres.
        z: its height, metres.
        region: texture region around it; the print stands upright seen from the front (-y).
        segments: corners.
        flatten: as in lathe.
        squareness: as in lathe.
        up: whether it faces upwards.
    """
    x, y = _cross_section(segments, flatten, squareness, 0.0)
    shrink = np.array([[1.0], [0.0]])
    rim = np.stack([radius * x, radius * y, np.full_like(x, z)], axis=-1)
    points = np.stack([rim, np.broadcast_to([0.0, 0.0, z], rim.shape)])
    u0, v0, u1, v1 = region
    across = 0.5 + 0.5 * shrink * x * (1 if up else -1)
    upwards = 0.5 + 0.5 * shrink * y / flatten
    uvs = np.stack([u0 + (u1 - u0) * across, v0 + (v1 - v0) * upwards], axis=-1)
    return surface(points, uvs, flip=not up)


def _cross_section(
    segments: int, flatten: float, squareness: float, start: float
) -> tuple[FloatArray, FloatArray]:
    """X and y, (segments + 1,) each, around a rounded cross-section of half-width 1."""
    angle = start + np.linspace(0, 2 * np.pi, segments + 1)
    x, y = (np.sign(f) * np.abs(f) ** squareness for f in (np.cos(angle), np.sin(angle)))
    return x, flatten * y


def _way(x: FloatArray, y: FloatArray) -> FloatArray:
    """(N,) share, 0 to 1, of a polyline's length up to each of its points."""
    length = np.r_[0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y)))]
    return np.asarray(length / max(float(length[-1]), _TINY), dtype=np.float64)


def pouch(
    width: float,
    height: float,
    thickness: float,
    regions: tuple[UvRect, UvRect],
    wrinkle: float = 0.0016,
    seed: int = 0,
    resolution: int = 15,
) -> Mesh:
    """A pillow-shaped bag standing on z = 0: width along x, thickness along y, front to -y.

    Args:
        width: metres.
        height: metres.
        thickness: metres at its fullest.
        regions: texture regions of front and back.
        wrinkle: standard deviation of the surface's dents, metres.
        seed: of the dents.
        resolution: points along each side.
    """
    rng = np.random.default_rng(seed)
    u, v = np.meshgrid(np.linspace(0, 1, resolution), np.linspace(0, 1, resolution))
    seal = np.clip((v - 0.04) / 0.92, 0, 1)  # the flat welded strips at top and bottom
    bulge = np.sqrt(np.clip(np.sin(np.pi * u), 0, 1)) * np.sqrt(np.clip(np.sin(np.pi * seal), 0, 1))
    parts = []
    for side, (u0, v0, u1, v1) in zip((-1.0, 1.0), regions, strict=True):
        dents = rng.normal(0, wrinkle, u.shape) * np.minimum(1, bulge * 3)
        x = (u - 0.5) * width * (1 - 0.08 * np.sin(np.pi * v))
        points = np.stack([x, side * (thickness / 2 * bulge + dents), v * height], axis=-1)
        across = u if side < 0 else 1 - u
        uvs = np.stack([u0 + (u1 - u0) * across, v0 + (v1 - v0) * v], axis=-1)
        parts.append(surface(points, uvs, flip=side > 0))
    return merge(parts)
