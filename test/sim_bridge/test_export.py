from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sim_bridge.products.export import MAX_TRIANGLES, Product, file_stem, write_product
from sim_bridge.products.meshes import BOX_FACES, Mesh, box, quad

WHOLE = (0.0, 0.0, 1.0, 1.0)


def product(concept_id: str = "shop.cube", width: int = 8, mesh: Mesh | None = None) -> Product:
    cube = box(0.1, 0.2, 0.3, dict.fromkeys(BOX_FACES, WHOLE))
    return Product(concept_id, mesh or cube, Image.new("RGB", (width, 6), (200, 30, 40)))


def rows(obj: Path, kind: str) -> list[list[str]]:
    lines = obj.read_text().splitlines()
    return [line.split()[1:] for line in lines if line.split()[0] == kind]


def test_three_files_named_after_the_concept(tmp_path: Path) -> None:
    obj = write_product(product(), tmp_path / "made" / "here")
    assert obj == tmp_path / "made" / "here" / "shop_cube.obj"
    assert {path.name for path in obj.parent.iterdir()} == {
        "shop_cube.obj",
        "shop_cube.mtl",
        "shop_cube.png",
    }


def test_geometry_survives_the_file(tmp_path: Path) -> None:
    made = product()
    obj = write_product(made, tmp_path)
    np.testing.assert_allclose(np.array(rows(obj, "v"), float), made.mesh.vertices, atol=1e-6)
    np.testing.assert_allclose(np.array(rows(obj, "vt"), float), made.mesh.uvs, atol=1e-6)
    np.testing.assert_allclose(np.array(rows(obj, "vn"), float), made.mesh.normals, atol=1e-5)


def test_faces_count_from_one_and_name_all_three_arrays(tmp_path: Path) -> None:
    flat = quad([(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)], WHOLE)
    obj = write_product(product(mesh=flat), tmp_path)
    assert rows(obj, "f") == [["1/1/1", "2/2/2", "3/3/3"], ["1/1/1", "3/3/3", "4/4/4"]]


def test_the_material_names_the_products_own_texture_and_does_not_shine(tmp_path: Path) -> None:
    obj = write_product(product(), tmp_path)
    material = obj.with_suffix(".mtl").read_text().splitlines()
    assert "map_Kd shop_cube.png" in material
    assert {"Ka 1 1 1", "Kd 1 1 1", "Ks 0 0 0"} <= set(material)
    assert rows(obj, "mtllib") == [["shop_cube.mtl"]]
    assert rows(obj, "usemtl") == [["print"]]


def test_the_texture_survives_the_file(tmp_path: Path) -> None:
    obj = write_product(product(), tmp_path)
    with Image.open(obj.with_suffix(".png")) as texture:
        assert (texture.mode, texture.size) == ("RGB", (8, 6))
        assert texture.getpixel((3, 3)) == (200, 30, 40)


def test_an_empty_mesh_makes_an_object_without_faces(tmp_path: Path) -> None:
    nothing = Mesh(
        np.empty((0, 3)), np.empty((0, 2)), np.empty((0, 3)), np.empty((0, 3), dtype=np.int64)
    )
    assert rows(write_product(product(mesh=nothing), tmp_path), "f") == []


def test_too_many_triangles_are_refused(tmp_path: Path) -> None:
    count = MAX_TRIANGLES + 1
    flat = quad([(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)], WHOLE)
    heavy = Mesh(flat.vertices, flat.uvs, flat.normals, np.repeat(flat.faces[:1], count, axis=0))
    with pytest.raises(ValueError, match=f"{count} triangles: decimate"):
        write_product(product(mesh=heavy), tmp_path)


@pytest.mark.parametrize("width", [7, 9, 10])
def test_a_texture_that_egl_would_shear_is_refused(width: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{width} px wide: make it a multiple of 4"):
        write_product(product(width=width), tmp_path)


@pytest.mark.parametrize(
    ("concept_id", "stem"),
    [
        ("ycb.sponge", "ycb_sponge"),
        ("sibling.7-b", "sibling_7-b"),
    ],
)
def test_file_names(concept_id: str, stem: str) -> None:
    assert file_stem(concept_id) == stem


@pytest.mark.parametrize(
    "concept_id",
    [
        "",
        "a/b",  # would leave the folder
        "..",
        "塩",  # PyBullet's loader takes ASCII paths
        "a b",
    ],
)
def test_ids_that_cannot_name_a_file(concept_id: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        file_stem(concept_id)
