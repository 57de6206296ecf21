"""Both tables from scenes on disk to JSON, on four colours whose every answer is known."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console

from culture_perception.concepts import LabelSet
from culture_perception.experiments.observing import found_masks, known_objects
from culture_perception.experiments.options import IdentificationOptions, SegmentationOptions
from culture_perception.experiments.record import to_record
from culture_perception.experiments.results import Result
from culture_perception.experiments.table_1 import Table1Input, table_1
from culture_perception.experiments.table_2 import Table2Input, table_2
from culture_perception.experiments.tables import comparison_table, print_result
from culture_perception.masks import Uint8Array, crop_to_box
from culture_perception.measure.scene_sets import Scene, SceneObject, read_scene
from culture_perception.protocols import Encoder, Segment

COLOURS = {"toy.red": (255, 0, 0), "toy.green": (0, 255, 0), "toy.blue": (0, 0, 255)}
SHAPE_HW = (40, 60)
PLACES = ((4, 4), (4, 34))


class ColourSegmenter:
    """Finds every colour but grey, as one mask each; green is cut in half, too little to count."""

    name = "colours"
    notice = ""

    def __init__(self) -> None:
        self.calls = 0

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        self.calls += 1
        found = []
        for concept, colour in COLOURS.items():
            mask = (image_rgb == np.array(colour)).all(axis=2)
            if concept == "toy.green":
                mask[8:] = False
            if mask.any():
                found.append(Segment(mask, 0.9, 0.95))
        return found


@pytest.fixture
def scenes(tmp_path: Path) -> list[Scene]:
    """Red alone; blue with red; green with blue."""
    shown = [("toy.red",), ("toy.blue", "toy.red"), ("toy.green", "toy.blue")]
    return [_write(tmp_path, seed, concepts) for seed, concepts in enumerate(shown)]


def _write(folder: Path, seed: int, concepts: Sequence[str]) -> Scene:
    image, ids = np.full((*SHAPE_HW, 3), 128, np.uint8), np.zeros(SHAPE_HW, np.uint16)
    for number, (concept, (y, x)) in enumerate(zip(concepts, PLACES, strict=False), start=1):
        image[y : y + 20, x : x + 20] = COLOURS[concept]
        ids[y : y + 20, x : x + 20] = number
    paths = folder / f"{seed}.png", folder / f"{seed}_ids.png"
    cv2.imwrite(str(paths[0]), image[..., ::-1])
    cv2.imwrite(str(paths[1]), ids)
    objects = tuple(SceneObject(i, one, 400, 1.0) for i, one in enumerate(concepts, start=1))
    return Scene(seed, *paths, objects, concepts[0])


def nothing() -> None:
    """Progress that nobody sees."""


def truth(scenes: Sequence[Scene]) -> dict[int, Any]:
    return {scene.seed: [crop_to_box(one) for one in read_scene(scene).masks] for scene in scenes}


@pytest.fixture
def first_table(
    scenes: list[Scene], encoder: Encoder, label_set: LabelSet, tmp_path: Path
) -> Result:
    known = known_objects(scenes, encoder, tmp_path / "kept", nothing)
    given = Table1Input("toy", scenes, known, {"verbatim": label_set}, truth(scenes))
    return table_1([given], encoder, IdentificationOptions())


@pytest.fixture
def second_input(
    scenes: list[Scene], encoder: Encoder, label_set: LabelSet, tmp_path: Path
) -> Table2Input:
    kept = tmp_path / "kept"
    return Table2Input(
        "toy",
        scenes,
        known_objects(scenes, encoder, kept, nothing),
        found_masks(scenes, ColourSegmenter(), encoder, kept, nothing),
        {"verbatim": label_set},
        truth(scenes),
        SHAPE_HW,
    )


@pytest.fixture
def second_table(second_input: Table2Input, encoder: Encoder) -> Result:
    return table_2([second_input], "colours", encoder, SegmentationOptions(negatives="all"))


class TestTable1:
    """Known masks."""

    def test_english_is_right_and_japanese_is_not(self, first_table: Result) -> None:
        top1 = {one.cell.title: one.figures["top1"].value for one in first_table.cells}
        assert top1 == {
            "toy en plain": 1.0, "toy en brand": 1.0, "toy ja plain": 0.0, "toy ja brand": 0.0,
        }  # fmt: skip

    def test_products(self, first_table: Result) -> None:
        japanese = [one for one in first_table.products if one.cell.title == "toy ja plain"]
        assert {(one.concept_id, one.label, one.right, one.n) for one in japanese} == {
            ("toy.red", "赤", 0, 1), ("toy.blue", "青", 0, 1), ("toy.green", "緑", 0, 1),
        }  # fmt: skip

    def test_fused_languages_are_an_ablation(self, first_table: Result) -> None:
        fused = {
            one.cell.title: one.delta.value
            for one in first_table.ablations
            if one.option == "languages"
        }
        assert set(fused) == {one.cell.title for one in first_table.cells}
        assert fused["toy en plain"] <= 0.0 <= fused["toy ja plain"]

    def test_every_other_crop_is_an_ablation(self, first_table: Result) -> None:
        crops = {one.value for one in first_table.ablations if one.option == "crop"}
        assert crops == {"padded", "box", "black"}

    def test_gallery_shows_the_targets(self, first_table: Result) -> None:
        shown = [one for one in first_table.shown if one.cell.title == "toy ja plain"]
        assert [one.seed for one in shown] == [0, 1, 2]
        assert {one.rung for one in shown} == {"encoder wrong"}
        assert shown[0].outline[0][0] == (4, 4)


class TestTable2:
    """A segmenter that cannot see green whole."""

    def test_recall(self, second_table: Result) -> None:
        # Among others: blue, red, green and blue; green's half has an IoU of .2.
        cell = second_table.cells[0]
        assert cell.n == 4
        assert cell.figures["recall"].value == 0.75
        assert cell.figures["precision"].value == 1.0

    def test_ladder(self, second_table: Result) -> None:
        english, japanese = second_table.ladders[0].rungs, second_table.ladders[2].rungs
        assert (english["right"], english["segmenter missed"]) == (3, 1)
        assert (japanese["wrong language"], japanese["segmenter missed"]) == (3, 1)

    def test_half_of_green_is_claimed_as_green_but_misses_it(self, second_table: Result) -> None:
        green = next(one for one in second_table.shown if one.concept_id == "toy.green")
        assert (green.rung, green.answer, green.found) == ("segmenter missed", "", ())

    def test_single_objects_and_all(self, second_input: Table2Input) -> None:
        counts = {name: len(second_input.having(name).scenes) for name in ("alone", "among", "all")}
        assert counts == {"alone": 1, "among": 2, "all": 3}

    def test_every_way_to_deal_is_an_ablation(self, second_table: Result) -> None:
        assert {one.value for one in second_table.ablations if one.option == "dealing"} == {
            "per_label",
            "one_to_one",
        }

    def test_masks_have_the_figures_of_the_libraries(self, second_table: Result) -> None:
        pytest.importorskip("pycocotools")
        figures = second_table.mask_figures or {}
        # Of equal scores, in the order of the scenes: right, right, wrong (half of green), right;
        # so precision is 1 up to a recall of 1/2 and 3/4 up to 3/4.
        assert figures["toy, any name"]["ap50"] == pytest.approx(0.5 + 0.25 * 0.75, abs=0.01)
        # Of three concepts red and blue are perfect, green has nothing.
        assert figures["toy en plain"]["ap50"] == pytest.approx(2 / 3, abs=0.01)


class TestKept:
    """What was seen is not seen again."""

    def test_second_run_asks_no_model(
        self, scenes: list[Scene], encoder: Encoder, tmp_path: Path
    ) -> None:
        first, again = ColourSegmenter(), ColourSegmenter()
        seen = [
            found_masks(scenes, one, encoder, tmp_path / "k", nothing) for one in (first, again)
        ]
        assert (first.calls, again.calls) == (3, 0)
        for one, other in zip(*seen, strict=True):
            assert np.array_equal(one.overlaps, other.overlaps)
            assert all(
                a.box == b.box and np.array_equal(a.inside, b.inside)
                for a, b in zip(one.masks, other.masks, strict=True)
            )

    def test_damaged_file_is_seen_again(
        self, scenes: list[Scene], encoder: Encoder, tmp_path: Path
    ) -> None:
        known_objects(scenes, encoder, tmp_path / "k", nothing)
        path = next((tmp_path / "k").rglob("1.npz"))
        path.write_bytes(path.read_bytes()[:50])
        again = known_objects(scenes, encoder, tmp_path / "k", nothing)
        assert again[1].embeddings["blur"].shape == (2, 4)

    def test_other_models_are_kept_apart(
        self, scenes: list[Scene], encoder: Encoder, tmp_path: Path
    ) -> None:
        known_objects(scenes, encoder, tmp_path / "k", nothing)
        encoder.name = "other"  # type: ignore[misc]
        known_objects(scenes, encoder, tmp_path / "k", nothing)
        assert len(list((tmp_path / "k").iterdir())) == 2


class TestRecord:
    """JSON and print."""

    def test_holds_cells_as_the_demo_has_them(self, first_table: Result) -> None:
        options = IdentificationOptions(score="cosine")
        record = json.loads(json.dumps(to_record([first_table], options, {}, 1.0)))
        cell = record["cells"][0]
        assert cell["interval"]["top1"][1] == 1.0
        assert cell["options"]["score"] == "cosine"
        assert cell["small_sample"] is True
        assert cell["paper"] == {}, "the paper has no toys"
        assert record["options"][3]["default"] == "probability"

    def test_nothing_found_is_null(self, second_input: Table2Input, encoder: Encoder) -> None:
        options = SegmentationOptions(tau=1.0)
        empty = table_2([second_input], "colours", encoder, options)
        record = to_record([empty], options, {}, 1.0)
        assert record["cells"][0]["precision"] is None
        json.dumps(record, allow_nan=False)

    def test_prints(self, first_table: Result, second_table: Result) -> None:
        for result, options in (
            (first_table, IdentificationOptions()),
            (second_table, SegmentationOptions()),
        ):
            console = Console(record=True, width=120, file=io.StringIO())
            print_result(result, options, console)
            text = console.export_text()
            assert "worst group toy ja" in text
            assert "the paper: not said" in text
        assert comparison_table([first_table, first_table]).row_count == 2

    def test_papers_row_stands_below_ours(self, first_table: Result) -> None:
        cell = replace(first_table.cells[0], paper={"score": 0.7916})
        console = Console(record=True, width=120, file=io.StringIO())
        print_result(replace(first_table, cells=(cell,)), IdentificationOptions(), console)
        assert "79.2" in console.export_text()
