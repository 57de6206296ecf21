"""Scenes of evaluation products on disk: the bridge's own, whole, the same at every run."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from culture_perception.demo import FIRST_SEED as DEMO_SEED
from sim_bridge.assets import product_meshes
from sim_bridge.bridge_node import SETTINGS
from sim_bridge.camera import ravens_camera
from sim_bridge.evaluation_scenes import FIRST_SEED, SAMPLES, ScenesRequest, main, render_scenes
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.selection import choose_products
from sim_bridge.training_data import EVALUATION_SEEDS
from sim_bridge.world import World

COUNT = 3


def _render(folder: Path, kind: str, *arguments: str) -> int:
    return main([str(folder), "--count", str(COUNT), "--renderer", kind, *arguments])


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Path:
    """Two scenes of products of both label sets, made by the command."""
    folder = tmp_path_factory.mktemp("scenes")
    assert _render(folder, kind, "--products", "mixed", "--scenes", "2", "--workers", "1") == 0
    return folder


def test_pictures_and_records_agree(rendered: Path) -> None:
    index = json.loads((rendered / "scenes.json").read_text())
    assert [scene["seed"] for scene in index["scenes"]] == [FIRST_SEED, FIRST_SEED + 1]
    assert index["left_out"] == []
    for scene in index["scenes"]:
        image = cv2.imread(str(rendered / scene["image"]))
        ids = cv2.imread(str(rendered / scene["ids"]), cv2.IMREAD_UNCHANGED)
        assert image is not None and ids is not None
        assert image.shape == (480, 640, 3) and ids.shape == (480, 640)
        assert [thing["instance_id"] for thing in scene["objects"]] == [1, 2, 3]
        for thing in scene["objects"]:
            assert thing["concept_id"] in {*CONCEPTS["ycb"], *CONCEPTS["konbini"]}
            assert thing["visible_px"] == int((ids == thing["instance_id"]).sum())
            assert 0.5 <= thing["visibility"] <= 1.01


def test_a_scene_is_what_the_bridge_makes_of_its_seed(rendered: Path, kind: str) -> None:
    concepts = {"mixed": [*CONCEPTS["ycb"], *CONCEPTS["konbini"]]}
    chosen = choose_products(concepts, "mixed", [], COUNT, FIRST_SEED + 1)
    with World(product_meshes(""), ravens_camera("front"), kind, SAMPLES) as world:
        world.new_scene(chosen, FIRST_SEED + 1)  # another process has made one before it
        seen = world.observe()
    bgr = cv2.imread(str(rendered / f"{FIRST_SEED + 1}.png"))
    ids = cv2.imread(str(rendered / f"{FIRST_SEED + 1}_ids.png"), cv2.IMREAD_UNCHANGED)
    assert bgr is not None and np.array_equal(bgr[..., ::-1], seen.image_rgb)
    assert np.array_equal(np.asarray(ids), seen.id_image)


def test_what_is_there_is_kept_and_what_is_missing_is_made_as_before(
    rendered: Path, kind: str
) -> None:
    paths = {path.name: path for path in rendered.iterdir()}
    before = {name: path.read_bytes() for name, path in paths.items()}
    kept = paths[f"{FIRST_SEED}.png"].stat().st_mtime_ns
    for suffix in (".json", ".png", "_ids.png"):
        paths[f"{FIRST_SEED + 1}{suffix}"].unlink()
    assert _render(rendered, kind, "--products", "mixed", "--scenes", "2", "--workers", "1") == 0
    assert {path.name: path.read_bytes() for path in rendered.iterdir()} == before
    assert paths[f"{FIRST_SEED}.png"].stat().st_mtime_ns == kept


def test_seeds_are_neither_of_training_nor_of_the_demo() -> None:
    assert FIRST_SEED >= EVALUATION_SEEDS
    assert not set(range(DEMO_SEED, DEMO_SEED + 1000)) & set(ScenesRequest(Path(), "ycb").seeds)


def test_the_picture_is_drawn_as_the_bridge_draws() -> None:
    defaults = {setting.name: setting.default for setting in SETTINGS}
    request = ScenesRequest(Path(), "ycb")
    assert defaults["samples"] == SAMPLES
    assert (defaults["camera"], defaults["profile"]) == (request.camera, request.profile)
    assert defaults["count"] == request.count


def test_a_folder_of_other_scenes_is_refused(
    rendered: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _render(rendered, kind, "--products", "ycb") == 2
    assert "products mixed is now ycb" in capsys.readouterr().err


def test_only_the_scans_that_are_there_take_part(tmp_path: Path) -> None:
    for name in ("005_tomato_soup_can", "077_rubiks_cube", "099_other"):
        (tmp_path / name).mkdir()
    request = ScenesRequest(Path("x"), "scans", scans_dir=str(tmp_path))
    assert request.concepts() == ("ycb.tomato_soup_can", "ycb.rubiks_cube")
    with pytest.raises(ValueError, match="scans has 2 products, not 5"):
        render_scenes(request)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--seed", "5"), "seed 5 may be one of training data; use 900000 or more"),
        (("--scenes", "0"), "at least 1"),
        (("--products", "scans"), "give --scans FOLDER"),
        (("--scans", "/there"), "only then"),
        (("--products", "scans", "--scans", "/no/such/folder"), "scans has 0 products"),
    ],
)
def test_bad_requests_are_named(
    arguments: tuple[str, ...], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "out"), *arguments]) == 2
    assert reason in capsys.readouterr().err


class TestIterations:
    """The paper's five scenes of each product."""

    request = ScenesRequest(Path("x"), "ycb", scenes=150, layout="iterations")

    def test_each_product_is_once_alone_and_four_times_among_others(self) -> None:
        shown = [self.request.wanted(seed) for seed in self.request.seeds]
        targets = [products[0] for products in shown[:75]]
        assert targets == [one for one in CONCEPTS["ycb"] for _ in range(5)]
        assert [len(products) for products in shown[:5]] == [1, 5, 5, 5, 5]
        assert all(len(set(products)) == len(products) for products in shown)

    def test_company_changes_from_scene_to_scene_and_not_from_run_to_run(self) -> None:
        seed = self.request.seed
        assert self.request.wanted(seed + 1) != self.request.wanted(seed + 2)
        assert self.request.wanted(seed + 1) == self.request.wanted(seed + 1)

    def test_second_round_shows_the_same_products_in_other_scenes(self) -> None:
        seed = self.request.seed
        first, second = self.request.wanted(seed + 1), self.request.wanted(seed + 76)
        assert first[0] == second[0]
        assert first != second

    def test_rounds_count_the_products(self) -> None:
        request = ScenesRequest(Path("x"), "ycb", layout="iterations", rounds=2)
        assert len(request.seeds) == 150
        with pytest.raises(ValueError, match="add --layout iterations"):
            ScenesRequest(Path("x"), "ycb", rounds=2)

    def test_random_scenes_are_for_no_product(self) -> None:
        assert ScenesRequest(Path("x"), "ycb").wanted(FIRST_SEED) == ()

    def test_other_layouts_do_not_mix(
        self, rendered: Path, kind: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ("--products", "mixed", "--scenes", "2", "--layout", "iterations")
        assert _render(rendered, kind, *arguments) == 2
        assert "layout None is now iterations" in capsys.readouterr().err

    def test_unknown_layout(self) -> None:
        with pytest.raises(ValueError, match="'circle' is none of random, iterations"):
            ScenesRequest(Path("x"), "ycb", layout="circle")

    def test_target_stands_in_the_record(self, tmp_path: Path, kind: str) -> None:
        arguments = ("--scenes", "2", "--workers", "1", "--layout", "iterations")
        assert _render(tmp_path / "out", kind, *arguments) == 0
        scenes = json.loads((tmp_path / "out" / "scenes.json").read_text())["scenes"]
        assert [scene["target"] for scene in scenes] == [CONCEPTS["ycb"][0]] * 2
        assert [len(scene["objects"]) for scene in scenes] == [1, COUNT]
        assert scenes[0]["objects"][0]["concept_id"] == CONCEPTS["ycb"][0]
