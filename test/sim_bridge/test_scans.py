"""Scans become products: fewer triangles, the print in its place, centred, cached."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sim_bridge.products import scans
from sim_bridge.products.decimation import decimate
from sim_bridge.products.export import MAX_TRIANGLES
from sim_bridge.products.meshes import Mesh
from sim_bridge.products.scans import SCAN_CONCEPTS, ScanError, write_scans
from sim_bridge.products.wavefront import MeshError, TexturedSurface, read_surface

REAL_SCANS = Path(
    os.environ.get("CULTURE_YCB_DIR", Path(__file__).parents[2].parent / "shared/data/ycb")
)
RADIUS, HEIGHT = 0.05, 0.2


def _tube(around: int, along: int, patch: int | None = None) -> TexturedSurface:
    """An open cylinder about z: u goes around, v up; one seam, or one around each patch.

    Args:
        around: quads around.
        along: quads along z.
        patch: quads along each side of a piece with its own texture coordinates; None: one piece.
    """
    row, column = np.mgrid[: along + 1, : around + 1]
    uvs = np.stack([column / around, row / along], axis=-1)
    angle = 2 * np.pi * column[:, :-1] / around
    points = np.stack(
        [RADIUS * np.cos(angle), RADIUS * np.sin(angle), HEIGHT * row[:, :-1] / along], axis=-1
    )
    quads = [
        [(r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c)]
        for r in range(along)
        for c in range(around)
    ]
    corners = np.array([q[k] for q in quads for t in ((0, 1, 2), (0, 2, 3)) for k in t])
    faces = (corners[:, 0] * around + corners[:, 1] % around).reshape(-1, 3)
    uv_faces = (corners[:, 0] * (around + 1) + corners[:, 1]).reshape(-1, 3)
    uv_list = uvs.reshape(-1, 2)
    if patch is not None:
        of_quad = np.array([(r // patch) * around + c // patch for q in quads for r, c in q[:1]])
        keys = np.repeat(of_quad, 6) * len(uv_list) + uv_faces.ravel()
        unique, uv_faces = np.unique(keys, return_inverse=True)
        uv_list = uv_list[unique % len(uv_list)]
    return TexturedSurface(points.reshape(-1, 3), uv_list, faces, uv_faces.reshape(-1, 3))


def _print_error(mesh: Mesh) -> NDArray[np.float64]:
    """(M,) metres along the surface between each triangle's middle and where its print belongs."""
    x, y, z = mesh.vertices[mesh.faces].mean(axis=1).T
    u, v = mesh.uvs[mesh.faces].mean(axis=1).T
    turn = np.abs(np.arctan2(y, x) - 2 * np.pi * u) % (2 * np.pi)
    around = RADIUS * np.minimum(turn, 2 * np.pi - turn)
    return np.asarray(np.hypot(around, z - HEIGHT * v))


@pytest.mark.parametrize(
    ("patch", "case"), [(None, "one seam"), (10, "some seams"), (1, "nothing but seams")]
)
def test_decimation_keeps_shape_and_print(patch: int | None, case: str) -> None:
    surface = _tube(60, 40, patch)
    mesh = decimate(surface, 1500)
    assert 600 <= len(mesh.faces) <= 1500, case
    np.testing.assert_allclose(mesh.size, [2 * RADIUS, 2 * RADIUS, HEIGHT], rtol=0.02)
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
    outwards = mesh.vertices * [1, 1, 0] / RADIUS
    assert np.median((mesh.normals * outwards).sum(axis=1)) > 0.98
    error = _print_error(mesh)
    assert np.median(error) < 0.001
    assert error.max() < 0.006, case  # a print torn across the seam would be off by 2 radii


def test_small_meshes_stay_as_they_are() -> None:
    mesh = decimate(_tube(8, 4), 1500)
    assert len(mesh.faces) == 64
    assert np.abs(_print_error(mesh)).max() < 0.005


def test_decimation_needs_some_triangles() -> None:
    with pytest.raises(ValueError, match="100 or more, got 12"):
        decimate(_tube(8, 4), 12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "no triangles with texture|cannot be read"),
        ("v 0 0 0\nvt 0 0\nf 1/1 1/1 2/1\n", "names a point that is not there"),
        ("v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1 1/1\n", "no triangles"),
        ("v 0 0 zero\nvt 0 0\nf 1/1 1/1 1/1\n", "cannot be read .*zero"),
        ("", "no triangles"),
    ],
)
def test_bad_obj_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.obj"
    path.write_text(text)
    with pytest.raises(MeshError, match=message) as error:
        read_surface(path)
    assert "bad.obj" in str(error.value)


def test_read_surface(tmp_path: Path) -> None:
    path = tmp_path / "one.obj"
    path.write_text(
        "# one triangle\nmtllib one.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt .5 1\n"
        "vn 0 0 1\ng a\nf 1/1/1 2/2/1 3/1/1\n"
    )
    surface = read_surface(path)
    np.testing.assert_array_equal(surface.points, [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(surface.uvs, [[0, 0], [0.5, 1]])
    np.testing.assert_array_equal(surface.faces, [[0, 1, 2]])
    np.testing.assert_array_equal(surface.uv_faces, [[0, 1, 0]])


def _write_scan(folder: Path, name: str, offset: float = 0.3) -> Path:
    """A tube, off centre, in the data set's layout; red where its print is, else black."""
    scan = folder / name / "google_16k"
    scan.mkdir(parents=True)
    surface = _tube(12, 6)
    lines = ["mtllib textured.mtl"]
    lines += [f"v {x + offset} {y} {z}" for x, y, z in surface.points]
    lines += [f"vt {0.25 + u / 2} {0.25 + v / 2}" for u, v in surface.uvs]
    lines += [
        "f " + " ".join(f"{v + 1}/{t + 1}" for v, t in zip(face, uv_face, strict=True))
        for face, uv_face in zip(surface.faces, surface.uv_faces, strict=True)
    ]
    (scan / "textured.obj").write_text("\n".join(lines) + "\n")
    (scan / "textured.mtl").write_text("newmtl m\nmap_Kd texture_map.jpg \n")
    texture = np.zeros((2048, 2048, 3), np.uint8)
    texture[512:1536, 512:1536] = (200, 30, 30)
    Image.fromarray(texture).save(scan / "texture_map.jpg")
    return scan


def _vertices(obj: Path) -> NDArray[np.float64]:
    lines = obj.read_text().splitlines()
    return np.array([line.split()[1:] for line in lines if line.startswith("v ")], np.float64)


def test_a_scan_is_recentred_and_its_texture_reduced(tmp_path: Path) -> None:
    _write_scan(tmp_path, "005_tomato_soup_can")
    (tmp_path / "099_something_else").mkdir()
    written = write_scans(tmp_path, tmp_path / "cache")
    assert list(written) == ["ycb.tomato_soup_can"]
    obj = written["ycb.tomato_soup_can"]
    vertices = _vertices(obj)
    np.testing.assert_allclose(vertices.max(axis=0) + vertices.min(axis=0), 0, atol=2e-6)
    np.testing.assert_allclose(np.ptp(vertices, axis=0)[2], HEIGHT, atol=1e-6)
    assert "\nvn " in obj.read_text()
    with Image.open(obj.with_suffix(".png")) as texture:
        assert texture.size == (1024, 1024)
        # Black around the print would show along its seams.
        np.testing.assert_allclose(texture.getpixel((0, 0)), (200, 30, 30), atol=6)
        np.testing.assert_allclose(texture.getpixel((512, 512)), (200, 30, 30), atol=6)


def test_scans_are_cached_until_they_change(tmp_path: Path) -> None:
    scan = _write_scan(tmp_path, "005_tomato_soup_can")
    cache = tmp_path / "cache"
    first = write_scans(tmp_path, cache)["ycb.tomato_soup_can"]
    first.write_text("as it was")
    assert write_scans(tmp_path, cache)["ycb.tomato_soup_can"] == first
    assert first.read_text() == "as it was"
    os.utime(scan / "textured.obj", ns=(1, 1))
    second = write_scans(tmp_path, cache)["ycb.tomato_soup_can"]
    assert second != first
    assert len(_vertices(second)) > 0


def test_folders_that_are_no_scans(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"no folder of YCB scans at .*absent.*002_master_chef"):
        write_scans(tmp_path / "absent", tmp_path / "cache")
    with pytest.raises(ScanError, match="has none of the YCB scans"):
        write_scans(tmp_path, tmp_path / "cache")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("textured.obj", "textured.obj is missing: download the google_16k version"),
        ("texture_map.jpg", "the texture of .* is missing"),
    ],
)
def test_incomplete_scans(tmp_path: Path, damage: str, message: str) -> None:
    scan = _write_scan(tmp_path, "003_cracker_box")
    (scan / damage).unlink()
    with pytest.raises(ScanError, match=message):
        write_scans(tmp_path, tmp_path / "cache")


@pytest.mark.parametrize("damage", ["textured.obj", "texture_map.jpg"])
def test_unreadable_scans(tmp_path: Path, damage: str) -> None:
    scan = _write_scan(tmp_path, "003_cracker_box")
    (scan / damage).write_bytes(b"\xff\xfe nonsense")
    with pytest.raises(ScanError, match=r"003_cracker_box.* cannot be read"):
        write_scans(tmp_path, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/*.obj"))


def test_each_scan_has_its_own_concept() -> None:
    assert len(set(SCAN_CONCEPTS.values())) == len(SCAN_CONCEPTS) == 15
    assert all(f"ycb.{name[4:]}" == concept for name, concept in SCAN_CONCEPTS.items())


@pytest.mark.skipif(not REAL_SCANS.is_dir(), reason=f"no YCB scans at {REAL_SCANS}")
def test_real_scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {n: c for n, c in SCAN_CONCEPTS.items() if (REAL_SCANS / n).is_dir()}
    few = dict(list(few.items())[:2])  # the first has a texture of 321 pieces
    monkeypatch.setattr(scans, "SCAN_CONCEPTS", few)
    for obj in write_scans(REAL_SCANS, tmp_path).values():
        vertices = _vertices(obj)
        count = sum(line.startswith("f ") for line in obj.read_text().splitlines())
        assert 3000 < count <= MAX_TRIANGLES
        np.testing.assert_allclose(vertices.max(axis=0) + vertices.min(axis=0), 0, atol=2e-6)
        assert 0.05 < np.ptp(vertices, axis=0).max() < 0.3
