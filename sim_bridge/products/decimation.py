"""Fewer triangles for scanned meshes, their prints kept in place.

The surface is cut along the seams of its texture into charts. Each is simplified by itself with
its border left alone, so the charts still meet, and the texture coordinates of a new corner are
those of the nearest point on the triangles that were merged into it. Where a texture is so patched
that its seams alone make too many triangles, the surface is simplified across them, and each new
triangle takes its print from one old triangle, of the chart that is most around it.
"""

from __future__ import annotations

import fast_simplification
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sim_bridge.products.meshes import FloatArray, Mesh, merge
from sim_bridge.products.wavefront import TexturedSurface

_NEIGHBOURS = 30
_SMALL_CHART = 16
_CHART_BUDGETS = (1.0, 0.9, 0.7)
_SLIVER = 0.1
_TINY = 1e-18


def decimate(surface: TexturedSurface, max_triangles: int) -> Mesh:
    """A mesh with smooth normals and at most max_triangles triangles.

    Args:
        surface: textured triangles.
        max_triangles: 100 or more, so that the shape can be kept.

    Raises:
        ValueError: max_triangles is below 100.
    """
    if max_triangles < 100:
        raise ValueError(f"max_triangles must be 100 or more, got {max_triangles}")
    whole = _as_mesh(surface)
    charts = _charts(whole)
    for budget in _CHART_BUDGETS:
        share = budget * max_triangles / len(whole.faces)
        parts = [_simplified(chart, round(share * len(chart.faces))) for chart in charts]
        if sum(len(part.faces) for part in parts) <= max_triangles:
            return merge(parts)
    return _across_seams(surface.points, surface.faces, whole, max_triangles)


def _as_mesh(surface: TexturedSurface) -> Mesh:
    """Corners that differ in position or texture coordinate apart, with smooth normals."""
    pairs = np.stack([surface.faces.ravel(), surface.uv_faces.ravel()], axis=1)
    unique, index = np.unique(pairs, axis=0, return_inverse=True)
    normals = _smooth_normals(surface.points, surface.faces)
    return Mesh(
        surface.points[unique[:, 0]],
        surface.uvs[unique[:, 1]],
        normals[unique[:, 0]],
        index.reshape(-1, 3).astype(np.int64),
    )


def _smooth_normals(points: FloatArray, faces: NDArray[np.int64]) -> FloatArray:
    """(N, 3) unit normals, each the mean of its triangles' by area."""
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, faces[:, k], _doubled_normals(points[faces]))
    return np.asarray(normals / (np.linalg.norm(normals, axis=1, keepdims=True) + _TINY))


def _chart_of_faces(mesh: Mesh) -> NDArray[np.int64]:
    """(M,) a number for each triangle, the same for those that hang together."""
    count = len(mesh.vertices)
    start, end = mesh.faces[:, [0, 1, 2]].ravel(), mesh.faces[:, [1, 2, 0]].ravel()
    graph = coo_matrix((np.ones(len(start)), (start, end)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label[mesh.faces[:, 0]], np.int64)


def _charts(mesh: Mesh) -> list[Mesh]:
    """The pieces that hang together."""
    chart = _chart_of_faces(mesh)
    return [_submesh(mesh, mesh.faces[chart == c]) for c in np.unique(chart)]


def _submesh(mesh: Mesh, faces: NDArray[np.int64]) -> Mesh:
    """The given faces and only their corners."""
    used, index = np.unique(faces, return_inverse=True)
    return Mesh(mesh.vertices[used], mesh.uvs[used], mesh.normals[used], index.reshape(-1, 3))


def _simplified(chart: Mesh, target: int) -> Mesh:
    """The chart with about target triangles; a small chart stays as it is."""
    if len(chart.faces) <= max(target, _SMALL_CHART):
        return chart
    _, _, collapses = fast_simplification.simplify(
        chart.vertices,
        chart.faces.astype(np.int32),
        target_count=target,
        preserve_border=True,
        return_collapses=True,
    )
    points, faces, merged_into = fast_simplification.replay_simplification(
        chart.vertices, chart.faces.astype(np.int32), collapses
    )
    points = np.asarray(points, np.float64)
    uvs, normals = _transferred(chart, points, np.asarray(merged_into, np.int64))
    return Mesh(points, uvs, normals, np.asarray(faces, np.int64))


def _transferred(
    chart: Mesh, points: FloatArray, merged_into: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Texture coordinates and normals of points, from the triangles that touched what they were.

    Nearness alone would sometimes find the far side of a seam.

    Args:
        chart: as it was.
        points: (N, 3) corners of the simplified chart.
        merged_into: for each corner of the chart, the index of the point it has become.
    """
    face = np.repeat(np.arange(len(chart.faces)), 3)
    point = merged_into[chart.faces.ravel()]
    weight, distance = _closest(points[point], chart.vertices[chart.faces[face]])
    order = np.lexsort((distance, point))
    owners, first = np.unique(point[order], return_index=True)
    best = order[first]
    uvs, normals = np.zeros((len(points), 2)), np.tile([0.0, 0.0, 1.0], (len(points), 1))
    corners = chart.faces[face[best]]
    uvs[owners] = np.einsum("nc,ncx->nx", weight[best], chart.uvs[corners])
    normals[owners] = np.einsum("nc,ncx->nx", weight[best], chart.normals[corners])
    return uvs, normals / (np.linalg.norm(normals, axis=1, keepdims=True) + _TINY)


def _closest(points: FloatArray, corners: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights (..., 3) of the corners (..., 3, 3) at about the nearest point; its distance."""
    weights = np.clip(_barycentric(points, corners), 0, 1)
    weights /= np.maximum(weights.sum(axis=-1, keepdims=True), _TINY)
    reached = np.einsum("...c,...cx->...x", weights, corners)
    return weights, np.asarray(np.linalg.norm(reached - points, axis=-1))


def _across_seams(
    points: FloatArray, faces: NDArray[np.int64], print_mesh: Mesh, target: int
) -> Mesh:
    """The surface with target triangles; each has its own three corners, and its own print."""
    points, faces = fast_simplification.simplify(
        points, faces.astype(np.int32), target_count=target
    )
    points, faces = np.asarray(points, np.float64), np.asarray(faces, np.int64)
    normals = _smooth_normals(points, faces)
    corners = points[faces]
    old = print_mesh.faces[_nearest(print_mesh, corners.mean(axis=1))]
    # Beyond the old triangle its print goes on as a plane: never to the far side of a seam.
    weight = _barycentric(corners, print_mesh.vertices[old][:, None])
    uvs = np.einsum("nkc,ncx->nkx", weight, print_mesh.uvs[old])
    own = np.arange(3 * len(faces)).reshape(-1, 3)
    return Mesh(corners.reshape(-1, 3), uvs.reshape(-1, 2), normals[faces].reshape(-1, 3), own)


def _nearest(mesh: Mesh, points: FloatArray) -> NDArray[np.int64]:
    """For each of (N, 3) points the next triangle of the chart that is largest around it.

    Slivers do not count, because a print cannot be continued beyond them.
    """
    corners = mesh.vertices[mesh.faces]
    usable = np.flatnonzero(_roundness(corners) > _SLIVER)
    usable = usable if len(usable) else np.arange(len(corners))
    neighbours = min(_NEIGHBOURS, len(usable))
    _, near = cKDTree(corners[usable].mean(axis=1)).query(points, k=neighbours)
    near = usable[np.asarray(near).reshape(len(points), neighbours)]
    _, distance = _closest(points[:, None], corners[near])
    chart = _chart_of_faces(mesh)[near]
    area = np.linalg.norm(_doubled_normals(corners[near]), axis=-1)
    votes = np.einsum("njk,nk->nj", chart[:, :, None] == chart[:, None, :], area)
    distance = np.where(votes == votes.max(axis=1, keepdims=True), distance, np.inf)
    return np.asarray(near[np.arange(len(points)), distance.argmin(axis=1)])


def _doubled_normals(corners: FloatArray) -> FloatArray:
    """(..., 3) normals of triangles (..., 3, 3), as long as twice their area."""
    a = corners[..., 0, :]
    return np.asarray(np.cross(corners[..., 1, :] - a, corners[..., 2, :] - a))


def _roundness(corners: FloatArray) -> FloatArray:
    """Of triangles (M, 3, 3): the sine of the angle at the first corner, 0 for a sliver."""
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    lengths = np.linalg.norm(ab, axis=1) * np.linalg.norm(ac, axis=1)
    return np.asarray(np.linalg.norm(_doubled_normals(corners), axis=1) / (lengths + _TINY))


def _barycentric(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Weights, (..., 3), of the corners, (..., 3, 3), of the foot of the perpendicular."""
    a = corners[..., 0, :]
    ab, ac, ap = corners[..., 1, :] - a, corners[..., 2, :] - a, points - a
    bb, cc, bc = (ab * ab).sum(-1), (ac * ac).sum(-1), (ab * ac).sum(-1)
    pb, pc = (ap * ab).sum(-1), (ap * ac).sum(-1)
    determinant = np.maximum(bb * cc - bc * bc, _TINY)
    v, w = (cc * pb - bc * pc) / determinant, (bb * pc - bc * pb) / determinant
    return np.stack([1 - v - w, v, w], axis=-1)
