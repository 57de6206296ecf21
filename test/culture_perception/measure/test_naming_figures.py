"""Naming by ground-truth masks and end to end, of models whose every answer is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.concepts import ActiveLabels
from culture_perception.labels import load_label_set
from culture_perception.measure.figures import Figure
from culture_perception.measure.naming_figures import (
    ALSO_TRUE,
    curve,
    end_to_end_figures,
    naming_figures,
    rejection_figures,
)
from culture_perception.measure.outcomes import Cell, Crops, embed_truth, run_segmenter
from culture_perception.measure.scene_sets import load_set
from culture_perception.resources import share_path
from culture_perception.zero_shot import TextBank, embed_labels

YCB = load_label_set(share_path("config", "labels", "ycb.yaml"))
PLAIN = YCB.select("en", "plain")
NUMBERS = {label.label: number for number, label in enumerate(PLAIN.labels, start=1)}
COLOURS = {label.concept_id: 10 * NUMBERS[label.label] for label in PLAIN.labels}
CELL: Cell = ("ycb", "en", "plain")
SHOWN = [["ycb.sponge", "ycb.sugar_box", "ycb.rubiks_cube"], ["ycb.sponge"]]


@pytest.fixture
def folder(tmp_path: Path, write_scene_set: Callable[..., Path]) -> Path:
    return write_scene_set(tmp_path / "ycb", SHOWN, COLOURS)


def _bank(encoder: Any, labels: ActiveLabels = PLAIN) -> dict[Cell, TextBank]:
    return {CELL: embed_labels(encoder, labels)}


def _by_part(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.key.rpartition(".")[2]: figure for figure in figures}


def test_crops_are_those_of_the_objects(folder: Path, red_encoder: Callable[..., Any]) -> None:
    crops = embed_truth(red_encoder(NUMBERS), load_set(folder).scenes)
    assert crops.concept_ids == (*SHOWN[0], *SHOWN[1])
    assert crops.scenes.tolist() == [0, 0, 0, 1]
    assert (10 * crops.embeddings.argmax(axis=1)).tolist() == [
        COLOURS[c] for c in crops.concept_ids
    ]


def test_hidden_objects_do_not_count(
    tmp_path: Path, write_scene_set: Callable[..., Path], red_encoder: Callable[..., Any]
) -> None:
    hidden = load_set(write_scene_set(tmp_path / "ycb", SHOWN, COLOURS, visibility=0.4))
    crops = embed_truth(red_encoder(NUMBERS), hidden.scenes)
    assert len(crops.concept_ids) == len(crops.embeddings) == 0


@pytest.mark.parametrize(("sponge", "top1"), [("ycb.sponge", 1.0), ("ycb.large_marker", 0.5)])
def test_top1(
    tmp_path: Path,
    sponge: str,
    top1: float,
    write_scene_set: Callable[..., Path],
    red_encoder: Callable[..., Any],
) -> None:
    """The sponge in the colour of another product is named after that."""
    colours = {**COLOURS, "ycb.sponge": COLOURS[sponge]}
    scenes = load_set(write_scene_set(tmp_path / "ycb", SHOWN, colours)).scenes
    encoder = red_encoder(NUMBERS)
    found = _by_part(
        naming_figures(
            "ycb", "YCB", embed_truth(encoder, scenes), _bank(encoder), encoder.calibration
        )
    )
    assert found["top1"].value == top1
    assert found["top1"].n == 4
    assert found["top1"].is_met is (top1 == 1.0)
    assert found["calibration_error"].value == pytest.approx(1 - top1, abs=1e-6)


def test_rejection_leaves_out_what_a_label_is_true_of(red_encoder: Callable[..., Any]) -> None:
    encoder = red_encoder(NUMBERS, certainty=0.6, min_similarity=0.5)
    own = _as_crops(encoder, ["ycb.sponge", "ycb.sugar_box"], [COLOURS["ycb.sponge"]] * 2)
    unlike, alike = 250, COLOURS["ycb.sponge"]
    strangers = _as_crops(
        encoder, ["konbini.oi_ocha", "konbini.megurhythm", "konbini.pocky"], [unlike, alike, alike]
    )
    found = _by_part(
        rejection_figures("ycb", "x", own, strangers, _bank(encoder)[CELL], encoder.calibration)
    )
    assert (found["false"].value, found["false"].n) == (0.0, 1), "the other one is named wrongly"
    assert (found["unknown"].value, found["unknown"].n) == (0.5, 2), "Pocky is a box of cookies"


def _as_crops(encoder: Any, concepts: list[str], reds: list[int]) -> Crops:
    pictures = [np.full((16, 16, 3), (red, 0, 0), np.uint8) for red in reds]
    return Crops(
        encoder.encode_images(pictures), tuple(concepts), np.arange(len(reds), dtype=np.int64)
    )


def test_the_products_left_out_exist() -> None:
    known = {
        concept.concept_id
        for name in ("ycb", "konbini")
        for concept in load_label_set(share_path("config", "labels", f"{name}.yaml")).concepts
    }
    assert {concept for concepts in ALSO_TRUE.values() for concept in concepts} <= known


def test_end_to_end(
    folder: Path, patch_segmenter: Callable[..., Any], red_encoder: Callable[..., Any]
) -> None:
    encoder = red_encoder(NUMBERS)
    masks, counts = run_segmenter(
        patch_segmenter(), encoder, load_set(folder).scenes, _bank(encoder)
    )
    assert [one.overlaps.shape for one in masks] == [(4, 3), (2, 1)]
    assert all(one.overlaps.max(axis=0).min() == 1.0 for one in masks)
    found = _by_part(end_to_end_figures("ycb", "YCB", counts))
    assert (found["recall"].value, found["recall"].n) == (1.0, 4)
    assert found["precision"].value == pytest.approx(4 / 6), "the mask of nothing gets a name"
    assert found["f1"].value == pytest.approx(2 * 4 / (4 + 6))
    assert end_to_end_figures("ycb", "YCB", []) == []


def test_labels_that_lack_the_product_name_nothing_rightly(
    folder: Path, patch_segmenter: Callable[..., Any], red_encoder: Callable[..., Any]
) -> None:
    encoder = red_encoder(NUMBERS)
    without = dataclasses.replace(PLAIN, labels=PLAIN.labels[:2])
    _, counts = run_segmenter(
        patch_segmenter(spurious=False), encoder, load_set(folder).scenes, _bank(encoder, without)
    )
    found = _by_part(end_to_end_figures("ycb", "YCB", counts))
    assert found["recall"].n == 0
    assert found["precision"].value == 0.0
    assert found["f1"].value == 0.0


def test_curve_trades_right_names_for_unknown_ones() -> None:
    right = np.arange(1.0, 101.0)  # 1 to 100
    unknown = np.array([-np.inf, 2.5, 10.5, 50.0])
    found = curve("x", "X", right, (unknown, np.arange(4)))
    values = {figure.key.rpartition("_")[2]: figure.value for figure in found}
    # At 1 % the threshold lies just above the lowest right one, at 10 % above ten of them.
    assert values == {"1%": 0.25, "2%": 0.5, "5%": 0.5, "10%": 0.75, "20%": 0.75}


def test_curve_without_right_names_has_no_point() -> None:
    found = curve("x", "X", np.zeros(0), (np.array([0.5]), np.arange(1)))
    assert all(figure.value == 0.0 for figure in found)
