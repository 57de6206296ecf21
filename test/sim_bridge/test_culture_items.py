"""Items for the culture benchmark, made of products and scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from culture_perception.culture_bench.item_files import read_items
from culture_perception.culture_bench.items import Item
from culture_perception.labels import load_arms
from sim_bridge.assets import product_meshes
from sim_bridge.camera import ravens_camera
from sim_bridge.culture_items import CELLS, ITEMS_FILE, Plan, generate, main
from sim_bridge.products.catalogue import CONCEPTS
from sim_bridge.world import World

PLAN = Plan(recognition=1, knowledge=1, scenes=2, seed=3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, kind: str) -> tuple[Item, ...]:
    folder = tmp_path_factory.mktemp("items")
    with World(product_meshes(""), ravens_camera("front"), kind) as world:
        assert generate(folder, PLAN, world) == 12
        again = folder / "again"
        generate(again, PLAN, world)  # whatever was on the table before
    assert (again / ITEMS_FILE).read_text() == (folder / ITEMS_FILE).read_text()
    for path in (again / "images").iterdir():
        assert path.read_bytes() == (folder / "images" / path.name).read_bytes()
    return read_items(folder / ITEMS_FILE)


def test_each_cell_has_each_type(made: tuple[Item, ...]) -> None:
    cells = {"konbini": "JP", "ycb": "US"}
    for label_set, language in CELLS:
        own = [one for one in made if (one.place, one.language) == (cells[label_set], language)]
        assert [one.kind for one in own] == [
            "recognition", "cultural_knowledge", "scene_reasoning", "scene_reasoning",
        ]  # fmt: skip
        assert all(one.concept in CONCEPTS[label_set] for one in own)


def test_the_answer_is_the_concepts_own_text(made: tuple[Item, ...]) -> None:
    for item in made:
        labels = load_arms(item.concept.partition(".")[0])["normalised"]
        (concept,) = [one for one in labels.concepts if one.concept_id == item.concept]
        style = "brand" if item.kind == "cultural_knowledge" else "plain"
        assert item.options[item.answer] == concept.texts[item.language][style]


def test_languages_share_pictures_and_answers(made: tuple[Item, ...]) -> None:
    english, japanese = made[:4], made[4:8]
    for one, other in zip(english, japanese, strict=True):
        assert (one.image, one.answer, one.concept) == (other.image, other.answer, other.concept)
        assert one.question != other.question


def test_crops_are_square_and_scenes_are_whole(made: tuple[Item, ...]) -> None:
    for item in made:
        with Image.open(item.image) as picture:
            is_scene = item.kind == "scene_reasoning"
            assert picture.size == ((480, 360) if is_scene else (160, 160))
            assert np.asarray(picture).std() > 5


def test_no_question_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    none = ["--recognition", "0", "--knowledge", "0", "--scenes", "0"]
    assert main(["--out", str(tmp_path), *none]) == 2
    assert "no question is asked for" in capsys.readouterr().err
