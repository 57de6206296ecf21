from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

from culture_perception.experiments.failures import RUNGS
from culture_perception.experiments.results import Shown
from culture_perception.experiments.texts import Cell
from culture_perception.report.gallery import gallery_data, picture_paths
from culture_perception.report.pictures import Pictures
from culture_perception.report.reading import Run, ScenePicture

JA = Cell("konbini", "konbini", "verbatim", "ja", "plain")
EN = JA._replace(language="en")
SQUARE = (((1, 2), (9, 2), (9, 8)),)
TWO = (*SQUARE, ((20, 20), (25, 20), (25, 25)))
RIGHT = Shown(7, JA, "konbini.tea", "お茶", SQUARE, "お茶", 0.876, "right", TWO)
MISSED = Shown(7, JA, "konbini.gum", "ガム", TWO, "", 0.0, "segmenter missed")
PICTURE = ScenePicture(Path("7.png"), (48, 64), "konbini.tea")


def shown(run: Run, *objects: Shown, **pictures: ScenePicture) -> Run:
    return replace(
        run,
        result=replace(run.result, shown=objects, gap=None),
        source=replace(run.source, pictures={"konbini/7": PICTURE, **pictures}),
    )


def test_a_card_is_a_scene_under_the_labels_of_a_group(runs: list[Run]) -> None:
    english = replace(RIGHT, cell=EN, label="tea", answer="gum", rung="encoder wrong")
    pictures = Pictures((b"jpeg",), {PICTURE.path: 0})
    data = gallery_data([shown(runs[1], RIGHT, MISSED, english)], pictures)
    assert [(one["name"], one["language"], one["masks"]) for one in data["groups"]] == [
        ("Konbini (Japanese) w/o brand", "ja", True),
        ("Konbini (English) w/o brand", "en", True),
    ]
    assert data["products"] == ["tea", "gum"]
    assert data["texts"] == ["お茶", "ガム", "tea", "gum"]
    assert data["outlines"] == ["M1 2L9 2L9 8Z", "M1 2L9 2L9 8ZM20 20L25 20L25 25Z"]
    place = {"scene": "konbini/7", "picture": 0, "size": [64, 48]}
    missed, wrong = RUNGS.index("segmenter missed"), RUNGS.index("encoder wrong")
    assert data["cards"] == [
        {"group": 0, "objects": [[0, 0, 0, 0, 88, 0, 1], [1, 1, 1, -1, 0, missed, -1]], **place},
        {"group": 1, "objects": [[0, 0, 2, 3, 88, wrong, 1]], **place},
    ]
    assert [base64.b64decode(one) for one in data["pictures"]] == [b"jpeg"]
    assert (data["runs"], data["start"]) == (["Table II: toy-segmenter + toy-encoder"], -1)


def test_a_scene_without_picture_has_none(runs: list[Run]) -> None:
    unknown = replace(RIGHT, seed=8, outline=(), label="")
    data = gallery_data([shown(runs[1], RIGHT, unknown)], Pictures())
    assert [card["picture"] for card in data["cards"]] == [-1, -1]
    product, outline, label, *_ = data["cards"][1]["objects"][0]
    assert (product, outline, data["texts"][label]) == (0, -1, "tea")


def test_pictures_come_in_the_order_of_the_scenes(runs: list[Run]) -> None:
    other = ScenePicture(Path("8.png"), (48, 64), "")
    later = replace(RIGHT, seed=8)
    run = shown(runs[1], later, RIGHT, MISSED, **{"konbini/8": other})
    assert picture_paths([run, run]) == [Path("8.png"), Path("7.png")] * 2


def test_fused_languages_have_no_tag(runs: list[Run]) -> None:
    data = gallery_data(
        [shown(runs[1], replace(RIGHT, cell=JA._replace(language="en+ja")))], Pictures()
    )
    assert data["groups"][0]["language"] == ""


def test_the_worst_group_of_table_2_is_shown_first(runs: list[Run]) -> None:
    data = gallery_data(runs, Pictures())
    gap = runs[1].result.gap
    assert gap is not None
    first = data["groups"][data["start"]]
    assert first["run"] == 1
    assert first["name"] == "Konbini (Japanese) w/o brand"
    assert gap.worst == JA


def test_every_object_of_every_group_is_there(runs: list[Run]) -> None:
    data = gallery_data(runs, Pictures())
    assert sum(len(card["objects"]) for card in data["cards"]) == sum(
        len(run.result.shown) for run in runs
    )
    assert {rung["name"] for rung in data["rungs"]} == set(RUNGS)


def test_true_masks_are_not_called_found(runs: list[Run]) -> None:
    data = gallery_data(runs[:1], Pictures())
    assert not any(one["masks"] for one in data["groups"])
    meanings = {rung["name"]: rung["meaning"] for rung in data["rungs"]}
    assert meanings["encoder wrong"] == "named wrongly, cut by its true mask"
