import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from fontTools.ttLib import TTFont
from numpy.typing import NDArray

from culture_perception.fonts import font_path
from culture_perception.resources import share_path
from sim_bridge.products import catalogue
from sim_bridge.products.catalogue import (
    CONCEPTS,
    DESIGNS,
    CatalogueError,
    build,
    default_folder,
    version,
    write_catalogue,
)
from sim_bridge.products.export import MAX_TRIANGLES, Product
from sim_bridge.products.packing import TEXTURE_PX

ALL_CONCEPTS = [concept_id for concept_ids in CONCEPTS.values() for concept_id in concept_ids]

REAL_SIZES_MM = {  # as the YCB paper's table has them
    "ycb.master_chef_can": (102, 102, 139),
    "ycb.cracker_box": (158, 60, 210),
    "ycb.sugar_box": (89, 38, 175),
    "ycb.tomato_soup_can": (66, 66, 101),
    "ycb.mustard_bottle": (85, 50, 175),
    "ycb.tuna_fish_can": (85, 85, 33),
    "ycb.pudding_box": (110, 35, 89),
    "ycb.gelatin_box": (85, 28, 73),
    "ycb.potted_meat_can": (97, 50, 82),
    "ycb.bleach_cleanser": (98, 65, 250),
    "ycb.windex_bottle": (105, 80, 270),
    "ycb.sponge": (114, 72, 14),
    "ycb.large_marker": (121, 18, 18),
    "ycb.phillips_screwdriver": (215, 31, 31),
    "ycb.rubiks_cube": (57, 57, 57),
}

BRAND_WORDS = [  # a word of each brand text that the product must carry in print
    ("ycb.master_chef_can", "Master"),
    ("ycb.cracker_box", "CHEEZ-IT"),
    ("ycb.sugar_box", "Domino"),
    ("ycb.tomato_soup_can", "Campbell"),
    ("ycb.mustard_bottle", "French's"),
    ("ycb.tuna_fish_can", "StarKist"),
    ("ycb.pudding_box", "JELL-O"),
    ("ycb.gelatin_box", "JELL-O"),
    ("ycb.potted_meat_can", "SPAM"),
    ("ycb.bleach_cleanser", "Scrub"),
    ("ycb.windex_bottle", "Windex"),
    ("ycb.large_marker", "EXPO"),
    ("konbini.takenoko_no_sato", "たけのこの里"),
    ("konbini.attack_reset_power", "リセットパワー"),
    ("konbini.macadamia_chocolate", "MACADAMIA"),
    ("konbini.attack_neo", "アタック"),
    ("konbini.megurhythm", "めぐりズム"),
    ("konbini.pocky", "ポッキー"),
    ("konbini.biore_hand_soap", "ハンドソープ"),
    ("konbini.calbee_chips", "うすしお味"),
    ("konbini.donbei_soba", "どん兵衛"),
    ("konbini.hakata_no_shio", "伯方の塩"),
    ("konbini.kikkoman_soy_sauce", "キッコーマン"),
    ("konbini.oi_ocha", "お茶"),
    ("konbini.tongari_corn_snack", "トウモリコ"),
    ("konbini.tabekiri_peanuts", "海味鮮"),
    ("konbini.vermont_curry", "バーモントカレー"),
]


@cache
def built(concept_id: str) -> Product:
    return build(concept_id)


def words_of(design: object) -> Iterator[str]:
    """All text within a design."""
    if isinstance(design, str):
        yield design
    elif isinstance(design, dict):
        for value in design.values():
            yield from words_of(value)
    elif isinstance(design, tuple):
        for value in design:
            yield from words_of(value)
    elif is_dataclass(design):
        for field in fields(design):
            yield from words_of(getattr(design, field.name))


@pytest.mark.parametrize("label_set", CONCEPTS)
def test_the_catalogue_follows_the_label_sets(label_set: str) -> None:
    labels = yaml.safe_load(share_path("config", "labels", f"{label_set}.yaml").read_text("utf-8"))
    assert list(CONCEPTS[label_set]) == [concept["id"] for concept in labels["concepts"]]
    assert len(CONCEPTS[label_set]) == 15


def test_each_concept_has_one_design() -> None:
    assert sorted(DESIGNS) == sorted(ALL_CONCEPTS)


@pytest.mark.parametrize("concept_id", ALL_CONCEPTS)
def test_meshes_are_light_centred_and_within_their_texture(concept_id: str) -> None:
    mesh = built(concept_id).mesh
    assert 12 <= len(mesh.faces) <= MAX_TRIANGLES
    np.testing.assert_allclose(mesh.vertices.min(axis=0), -mesh.vertices.max(axis=0), atol=1e-9)
    assert mesh.uvs.min() >= 0
    assert mesh.uvs.max() <= 1


@pytest.mark.parametrize("concept_id", ALL_CONCEPTS)
def test_surfaces_face_outwards_with_unit_normals_and_unmirrored_print(concept_id: str) -> None:
    mesh = built(concept_id).mesh
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    winding = np.cross(b - a, c - a)
    has_area = np.linalg.norm(winding, axis=1) > 1e-12
    agreement = (winding * mesh.normals[mesh.faces].mean(axis=1)).sum(axis=1)
    assert (agreement[has_area] > 0).all()
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-5)
    assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() > 0  # six times the volume
    assert (_uv_areas(mesh.uvs[mesh.faces])[has_area] >= -1e-12).all()


def _uv_areas(triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    """(M,) twice the signed areas in the texture; negative where the print is mirrored."""
    (ux, uy), (vx, vy) = (
        (triangles[:, 1] - triangles[:, 0]).T,
        (triangles[:, 2] - triangles[:, 0]).T,
    )
    return np.asarray(ux * vy - uy * vx)


@pytest.mark.parametrize("concept_id", CONCEPTS["ycb"])
def test_ycb_products_have_their_real_size(concept_id: str) -> None:
    size_mm = 1000 * built(concept_id).mesh.size
    np.testing.assert_allclose(size_mm, REAL_SIZES_MM[concept_id], atol=8, rtol=0.03)


@pytest.mark.parametrize("concept_id", CONCEPTS["konbini"])
def test_konbini_products_fit_in_a_hand(concept_id: str) -> None:
    size_m = built(concept_id).mesh.size
    assert size_m.min() > 0.02
    assert size_m.max() < 0.26


@pytest.mark.parametrize("concept_id", ALL_CONCEPTS)
def test_textures_show_the_colours_that_a_person_would_name(concept_id: str) -> None:
    texture = built(concept_id).texture
    assert texture.mode == "RGB"
    assert 512 <= max(texture.size) <= TEXTURE_PX
    pixels = np.asarray(texture).astype(int).reshape(-1, 3)
    shares = [
        (np.abs(pixels - colour).max(axis=1) < 30).mean() for colour in DESIGNS[concept_id].colours
    ]
    assert min(shares) > 0.07
    assert sum(shares) > 0.25


@pytest.mark.parametrize(("concept_id", "word"), BRAND_WORDS)
def test_products_carry_the_words_of_their_labels(concept_id: str, word: str) -> None:
    assert any(word in text for text in words_of(DESIGNS[concept_id].prints))


def test_every_printed_character_is_in_the_font() -> None:
    drawable = set(TTFont(font_path()).getBestCmap())
    texts = {text for design in DESIGNS.values() for text in words_of(dict(design.prints))}
    missing = {c for text in texts for c in text if c != "\n" and ord(c) not in drawable}
    assert missing == set()


@pytest.mark.parametrize("concept_id", ["ycb.sponge", "konbini.calbee_chips", "ycb.rubiks_cube"])
def test_building_again_gives_the_same_product(concept_id: str) -> None:
    first, again = built(concept_id), build(concept_id)
    np.testing.assert_array_equal(first.mesh.vertices, again.mesh.vertices)
    assert first.texture.tobytes() == again.texture.tobytes()


def test_an_unknown_product_is_named_with_what_there_is() -> None:
    with pytest.raises(CatalogueError, match=r"no product 'ycb\.banana'.*ycb\.sponge"):
        build("ycb.banana")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """The konbini products in a folder of their own."""
    folder = tmp_path_factory.mktemp("catalogue")
    return folder, write_catalogue(folder, "konbini")


def test_files_are_written_in_order(written: tuple[Path, dict[str, Path]]) -> None:
    folder, paths = written
    assert tuple(paths) == CONCEPTS["konbini"]
    for path in paths.values():
        assert path.parent == folder / version()
        assert all(path.with_suffix(suffix).is_file() for suffix in (".obj", ".mtl", ".png"))
    assert len(list((folder / version()).iterdir())) == 45  # and no draft is left


def test_files_that_are_there_are_not_written_again(written: tuple[Path, dict[str, Path]]) -> None:
    folder, paths = written
    before = {path: path.stat().st_mtime_ns for path in paths.values()}
    assert write_catalogue(folder, "konbini") == paths
    assert {path: path.stat().st_mtime_ns for path in paths.values()} == before


def test_a_missing_file_is_written_again(
    written: tuple[Path, dict[str, Path]], tmp_path: Path
) -> None:
    folder, paths = written
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    lost = tmp_path / version() / paths["konbini.pocky"].name
    lost.unlink()
    write_catalogue(tmp_path, "konbini")
    assert lost.read_bytes() == paths["konbini.pocky"].read_bytes()


def test_another_version_has_another_folder(
    written: tuple[Path, dict[str, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, paths = written
    monkeypatch.setattr(catalogue, "version", lambda: "0" * 12)
    monkeypatch.setattr(catalogue, "CONCEPTS", {"konbini": ("konbini.pocky",)})
    again = write_catalogue(folder)["konbini.pocky"]
    assert again == folder / ("0" * 12) / paths["konbini.pocky"].name
    assert again.is_file()


def test_an_unknown_label_set_is_named_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no label set 'lab': choose one of ycb, konbini"):
        write_catalogue(tmp_path, "lab")


def test_the_default_folder_is_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "culture_perception" / "products"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_folder() == Path.home() / ".cache" / "culture_perception" / "products"


def test_the_version_is_of_all_that_the_products_are_made_by_and_of_no_sibling() -> None:
    names = {path.stem for path in catalogue._sources()}
    assert {"catalogue", "konbini_bags", "ycb_cans", "prints", "pen", "words", "meshes"} <= names
    assert not {name for name in names if "sibling" in name or "caption" in name}
