"""Figures and calibration of an encoder whose every answer is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culture_perception.protocols import Rivals
from culture_perception.training.encoder_data import CropSet, DataError
from culture_perception.training.encoder_export import write_calibration, write_config
from culture_perception.training.encoder_report import (
    Figure,
    calibrate_encoder,
    evaluate_encoder,
    main,
)
from culture_perception.training.encoder_trials import LABELS_A_SET, exclusive_sets
from culture_perception.training.rivals import load_rivals
from culture_perception.training.truth import is_true

CONTENTS = 20
MakeCrops = Callable[..., CropSet]
MakeEncoder = Callable[..., Any]


def _figures(encoder: Any, crops: CropSet) -> dict[str, Figure]:
    return {figure.test.partition(":")[0]: figure for figure in evaluate_encoder(encoder, crops)}


def test_sets_exclude_each_other(content_crops: MakeCrops) -> None:
    crops = content_crops()
    sets = exclusive_sets(crops, dict(enumerate(crops.labels)), np.random.default_rng(0))
    for products in sets:
        specs = np.array([crops.labels[product].spec for product in products])
        truth = is_true(crops.grammar, specs, crops.attributes[products])
        assert np.array_equal(truth, np.eye(LABELS_A_SET, dtype=bool))


def test_too_few_products_make_no_set(
    content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    crops = content_crops(LABELS_A_SET - 1)
    assert exclusive_sets(crops, dict(enumerate(crops.labels)), np.random.default_rng(0)) == []
    assert evaluate_encoder(one_hot_encoder(), crops) == []
    with pytest.raises(DataError, match="14 products make no set of 15"):
        calibrate_encoder(one_hot_encoder(), crops)


def test_perfect_encoder(content_crops: MakeCrops, one_hot_encoder: MakeEncoder) -> None:
    figures = _figures(one_hot_encoder(), content_crops())
    assert figures["plain"].top1 == 1.0
    assert figures["plain"].crops == 2 * CONTENTS
    assert figures["plain"].trials == 2 * LABELS_A_SET * 100
    assert figures["plain"].calibration_error == pytest.approx(0, abs=1e-6)
    assert figures["type_and_content"].top1 == 1.0
    assert "brand" not in figures, "no product has one"


def test_labels_cut_to_what_all_share(
    content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    figures = _figures(one_hot_encoder(), content_crops())
    assert figures["colours_whole"].top1 == pytest.approx(1 / LABELS_A_SET), "15 equal labels"
    assert "colours" not in figures, "no two labels differ in their colours"


def test_always_wrong_encoder(content_crops: MakeCrops, one_hot_encoder: MakeEncoder) -> None:
    plain = _figures(one_hot_encoder(), content_crops(shown_as=1))["plain"]
    assert plain.top1 < 0.1
    # Where the content that is seen is in the set it is named for sure, and wrongly.
    assert plain.calibration_error > 0.5


def test_calibration_rejects_strangers_only(
    content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    calibration, figures = calibrate_encoder(one_hot_encoder(certainty=0.6), content_crops())
    assert figures["top1"] == 1.0
    assert figures["false_rejection"] == 0.0
    assert figures["unknown_rejection"] == 1.0
    assert 0 < calibration.min_similarity <= 0.6 + 1e-6
    assert figures["validation_crops"] == 2 * CONTENTS


def test_rivals_are_written_as_texts_and_only_where_they_pay(
    tmp_path: Path, content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    encoder, crops = one_hot_encoder(certainty=0.6), content_crops()
    rivals = ["jar of c3", "jar of c4"]
    calibration, figures = calibrate_encoder(encoder, crops, rivals)
    assert figures["unknown_rejection"] == 1.0
    assert calibration.rivals is None, "the cosine alone rejects every stranger"
    given = replace(calibration, rivals=Rivals(encoder.encode_texts(rivals), 0.5))
    write_config(tmp_path / "encoder.json", {})
    write_calibration(tmp_path, given, figures, rivals)
    record = json.loads((tmp_path / "encoder.json").read_text())["calibration"]
    assert (record["rivals"], record["rival_share"]) == (rivals, 0.5)


def test_rivals_are_the_labels_of_a_data_set(data_set: Path, tmp_path: Path) -> None:
    texts = load_rivals(data_set)
    assert len(texts) == len(set(texts)) == 12
    assert "red box of tea" in texts
    assert load_rivals(data_set, 5) == load_rivals(data_set, 5)
    assert len(load_rivals(data_set, 5)) == 5
    with pytest.raises(DataError, match="has no shard"):
        load_rivals(tmp_path)


def test_calibration_is_written_beside_the_rest(
    tmp_path: Path, content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    calibration, figures = calibrate_encoder(one_hot_encoder(certainty=0.6), content_crops())
    write_config(tmp_path / "encoder.json", {"model_cfg": {"embed_dim": 8}})
    write_calibration(tmp_path, calibration, figures)
    record = json.loads((tmp_path / "encoder.json").read_text())
    assert record["model_cfg"] == {"embed_dim": 8}
    assert record["calibration"]["logit_scale"] == calibration.logit_scale
    assert record["calibration"]["validation_crops"] == 40


def test_command_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--held", str(tmp_path)]) == 1
    assert "encoder.json: no such file" in capsys.readouterr().err
