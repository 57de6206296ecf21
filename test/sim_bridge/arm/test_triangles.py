"""Reading triangles from OBJ text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim_bridge.arm.triangles import read_triangles, unit_normals

CORNERS = "v 0 0 0\nv 1 0 0\nv 0 2 0\n"


def _written(folder: Path, text: str) -> Path:
    path = folder / "mesh.obj"
    path.write_text(text)
    return path


def test_corners_and_normal(tmp_path: Path) -> None:
    triangles = read_triangles(_written(tmp_path, CORNERS + "f 1//1 2//1 3//1\nf 1 1 2\n"))
    assert triangles.tolist() == [[[0, 0, 0], [1, 0, 0], [0, 2, 0]]]  # the second has no area
    assert np.array_equal(unit_normals(triangles), [[0, 0, 1]])


@pytest.mark.parametrize(
    ("faces", "message"),
    [("f 1 2 3 1\n", "not made of triangles"), ("f 1 2 4\n", "not there"), ("", "not made of")],
)
def test_what_is_no_mesh_is_refused(tmp_path: Path, faces: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_triangles(_written(tmp_path, CORNERS + faces))
