import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim_bridge.products.meshes import (
    BOX_FACES,
    Mesh,
    box,
    disc,
    lathe,
    merge,
    pouch,
    quad,
)

WHOLE = (0.0, 0.0, 1.0, 1.0)
LENGTHS = st.floats(0.005, 0.4)
CUBE_REGIONS = dict.fromkeys(BOX_FACES, WHOLE)
CLOSED_CYLINDER = [(0.0, 0.0), (0.05, 0.0), (0.05, 0.2), (0.0, 0.2)]

SAMPLES = {
    "quad": quad([(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)], WHOLE),
    "box": box(0.1, 0.2, 0.3, CUBE_REGIONS),
    "cylinder": lathe(CLOSED_CYLINDER, WHOLE),
    "oval bottle": lathe([(0.05, 0.0), (0.05, 0.2), (0.01, 0.25)], WHOLE, 32, 0.5, 0.8, math.pi),
    "lid": disc(0.05, 0.1, WHOLE, 24, 0.7, 0.4),
    "bottom": disc(0.05, 0.1, WHOLE, up=False),
    "pouch": pouch(0.15, 0.2, 0.05, (WHOLE, WHOLE), seed=3),
}


def corners(mesh: Mesh, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """One (M, k) array for each corner of the triangles."""
    return tuple(values[mesh.faces[:, corner]] for corner in range(3))


def face_normals(mesh: Mesh) -> NDArray[np.float64]:
    """(M, 3) twice the area times the winding's normal."""
    a, b, c = corners(mesh, mesh.vertices)
    return np.asarray(np.cross(b - a, c - a), dtype=np.float64)


def volume(mesh: Mesh) -> float:
    """By the divergence theorem: positive only where the winding faces outwards."""
    a, b, c = corners(mesh, mesh.vertices)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def uv_at(mesh: Mesh, point: tuple[float, float, float]) -> NDArray[np.float64]:
    """Texture coordinates of the vertex nearest to a point."""
    nearest = np.linalg.norm(mesh.vertices - np.array(point), axis=1).argmin()
    return np.asarray(mesh.uvs[nearest])


@pytest.mark.parametrize("name", SAMPLES)
def test_normals_are_unit_vectors(name: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(SAMPLES[name].normals, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("name", SAMPLES)
def test_winding_agrees_with_the_normals(name: str) -> None:
    mesh = SAMPLES[name]
    winding = face_normals(mesh)
    has_area = np.linalg.norm(winding, axis=1) > 1e-12
    given_normals = mesh.normals[mesh.faces].mean(axis=1)
    assert ((winding * given_normals).sum(axis=1)[has_area] > 0).all()


@pytest.mark.parametrize("name", SAMPLES)
def test_prints_are_not_mirrored(name: str) -> None:
    mesh = SAMPLES[name]
    a, b, c = corners(mesh, mesh.uvs)
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    assert (ux * vy - uy * vx >= -1e-12).all()


@pytest.mark.parametrize("name", SAMPLES)
def test_texture_coordinates_stay_in_their_region(name: str) -> None:
    assert SAMPLES[name].uvs.min() >= 0
    assert SAMPLES[name].uvs.max() <= 1


@given(LENGTHS, LENGTHS, LENGTHS)
def test_a_box_has_its_closed_form(width: float, depth: float, height: float) -> None:
    mesh = box(width, depth, height, CUBE_REGIONS)
    np.testing.assert_allclose(mesh.size, [width, depth, height])
    assert volume(mesh) == pytest.approx(width * depth * height)
    assert mesh.vertices[:, 2].min() == 0
    assert len(mesh.faces) == 12


def test_a_box_needs_a_region_for_each_face() -> None:
    with pytest.raises(KeyError, match="top"):
        box(1, 1, 1, {face: WHOLE for face in BOX_FACES if face != "top"})


@pytest.mark.parametrize(
    ("face", "normal", "lower_left", "upper_right"),
    [
        ("front", (0, -1, 0), (-1, -2, 0), (1, -2, 6)),
        ("back", (0, 1, 0), (1, 2, 0), (-1, 2, 6)),
        ("right", (1, 0, 0), (1, -2, 0), (1, 2, 6)),
        ("left", (-1, 0, 0), (-1, 2, 0), (-1, -2, 6)),
        ("top", (0, 0, 1), (-1, -2, 6), (1, 2, 6)),  # upright for one who looks from the front
        ("bottom", (0, 0, -1), (-1, 2, 0), (1, -2, 0)),
    ],
)
def test_a_box_face_shows_its_print_upright_from_outside(
    face: str,
    normal: tuple[int, int, int],
    lower_left: tuple[int, int, int],
    upper_right: tuple[int, int, int],
) -> None:
    mesh = box(2, 4, 6, CUBE_REGIONS)
    start = 4 * BOX_FACES.index(face)
    vertices, uvs = mesh.vertices[start : start + 4], mesh.uvs[start : start + 4]
    np.testing.assert_allclose(mesh.normals[start : start + 4], np.tile(normal, (4, 1)))
    np.testing.assert_allclose(vertices[(uvs == [0, 0]).all(axis=1)][0], lower_left)
    np.testing.assert_allclose(vertices[(uvs == [1, 1]).all(axis=1)][0], upper_right)


@pytest.mark.parametrize("segments", [12, 24, 96])
def test_a_turned_cylinder_has_a_prisms_volume(segments: int) -> None:
    mesh = lathe(CLOSED_CYLINDER, WHOLE, segments)
    section = segments / 2 * math.sin(2 * math.pi / segments) * 0.05**2
    assert volume(mesh) == pytest.approx(section * 0.2, rel=1e-9)
    np.testing.assert_allclose(mesh.size, [0.1, 0.1, 0.2], atol=1e-12)


def test_an_oval_is_as_deep_as_asked() -> None:
    mesh = lathe([(0.05, 0.0), (0.05, 0.1)], WHOLE, flatten=0.5)
    np.testing.assert_allclose(mesh.size, [0.1, 0.05, 0.1], atol=1e-12)


def test_squareness_fills_the_corners() -> None:
    round_tin = lathe(CLOSED_CYLINDER, WHOLE, 96)
    square_tin = lathe(CLOSED_CYLINDER, WHOLE, 96, squareness=0.2)
    assert volume(round_tin) == pytest.approx(math.pi * 0.05**2 * 0.2, rel=0.01)
    assert volume(square_tin) > 0.93 * 0.1 * 0.1 * 0.2


def test_a_cylinders_sides_face_straight_out() -> None:
    mesh = lathe([(0.05, 0.0), (0.05, 0.2)], WHOLE, 32)
    outwards = mesh.vertices * [1, 1, 0] / 0.05
    np.testing.assert_allclose(mesh.normals, outwards, atol=1e-9)


@pytest.mark.parametrize(
    ("start", "front_u"),
    [
        (0.0, 0.75),  # u begins at +x
        (math.pi, 0.25),  # u begins at -x: the front half of the label comes first
    ],
)
def test_a_labels_place_around_a_bottle(start: float, front_u: float) -> None:
    mesh = lathe([(0.05, 0.0), (0.05, 0.2)], WHOLE, 32, start=start)
    np.testing.assert_allclose(uv_at(mesh, (0, -0.05, 0)), [front_u, 0], atol=1e-9)
    np.testing.assert_allclose(uv_at(mesh, (0, -0.05, 0.2)), [front_u, 1], atol=1e-9)


def test_a_label_is_not_stretched_around_a_square_tin() -> None:
    mesh = lathe([(0.05, 0.0), (0.05, 0.1)], WHOLE, 48, 0.5, 0.3, math.pi)
    ring, u = mesh.vertices[:49, :2], mesh.uvs[:49, 0]
    steps = np.linalg.norm(np.diff(ring, axis=0), axis=1)
    np.testing.assert_allclose(np.diff(u), steps / steps.sum(), rtol=1e-9)


def test_a_label_runs_up_in_proportion_to_the_profile() -> None:
    mesh = lathe([(0.01, 0.0), (0.01, 0.03), (0.01, 0.04)], (0.0, 0.2, 1.0, 0.6), 8)
    np.testing.assert_allclose(mesh.uvs[[0, 9, 18], 1], [0.2, 0.5, 0.6])


def test_the_seam_has_no_crease() -> None:
    mesh = SAMPLES["oval bottle"]
    normals = mesh.normals.reshape(3, 33, 3)
    np.testing.assert_allclose(normals[:, 0], normals[:, -1], atol=1e-9)


@pytest.mark.parametrize(("up", "direction", "u_right"), [(True, 1, 1.0), (False, -1, 0.0)])
def test_a_lid_faces_up_and_reads_from_the_front(up: bool, direction: int, u_right: float) -> None:
    mesh = disc(0.05, 0.1, WHOLE, 24, up=up)
    np.testing.assert_allclose(mesh.normals, np.tile([0, 0, direction], (50, 1)), atol=1e-12)
    np.testing.assert_allclose(uv_at(mesh, (0.05, 0, 0.1)), [u_right, 0.5], atol=1e-9)
    np.testing.assert_allclose(uv_at(mesh, (0, 0.05, 0.1)), [0.5, 1], atol=1e-9)
    np.testing.assert_allclose(uv_at(mesh, (0, 0, 0.1)), [0.5, 0.5], atol=1e-9)


def test_a_pouch_is_closed_full_and_as_large_as_asked() -> None:
    mesh = pouch(0.15, 0.2, 0.05, (WHOLE, WHOLE), wrinkle=0.0)
    np.testing.assert_allclose(mesh.size, [0.15, 0.05, 0.2], rtol=1e-6)
    assert 0.3 < volume(mesh) / (0.15 * 0.2 * 0.05) < 0.9
    half = len(mesh.vertices) // 2
    front, back = mesh.vertices[:half].reshape(15, 15, 3), mesh.vertices[half:].reshape(15, 15, 3)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        np.testing.assert_allclose(front[edge], back[edge], atol=1e-6)


def test_a_pouchs_dents_follow_from_its_seed() -> None:
    first, again, other = (pouch(0.1, 0.1, 0.03, (WHOLE, WHOLE), seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.vertices, again.vertices)
    assert not np.array_equal(first.vertices, other.vertices)


@pytest.mark.parametrize("name", SAMPLES)
def test_centred_meshes_have_their_box_around_the_origin(name: str) -> None:
    mesh = SAMPLES[name].centred()
    np.testing.assert_allclose(mesh.vertices.min(axis=0), -mesh.vertices.max(axis=0), atol=1e-12)


@settings(max_examples=25)
@given(st.floats(-math.pi, math.pi))
def test_turning_keeps_volume_and_turns_normals(angle: float) -> None:
    cos, sin = math.cos(angle), math.sin(angle)
    about_x = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    mesh = SAMPLES["box"]
    turned = mesh.rotated(about_x)
    assert volume(turned) == pytest.approx(volume(mesh))
    np.testing.assert_allclose(turned.normals, mesh.normals @ about_x.T)


def test_moving_leaves_the_normals_alone() -> None:
    mesh = SAMPLES["box"]
    moved = mesh.moved((1, 2, 3))
    np.testing.assert_allclose(moved.vertices - mesh.vertices, np.tile([1, 2, 3], (24, 1)))
    np.testing.assert_array_equal(moved.normals, mesh.normals)


def test_merging_renumbers_the_faces() -> None:
    flat = SAMPLES["quad"]
    both = merge([flat, flat.moved((0, 0, 5))])
    assert both.faces.tolist() == [[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]]
    assert both.vertices[4, 2] == 5


def test_merging_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one mesh, got none"):
        merge([])
