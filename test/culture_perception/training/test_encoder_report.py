"""Figures and calibration of an encoder whose every answer is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from culture_perception.models.verifier_files import VERIFIER_FILE, load_verifier
from culture_perception.training.encoder_data import CropSet, DataError
from culture_perception.training.encoder_export import write_calibration, write_config
from culture_perception.training.encoder_report import (
    Figure,
    calibrate_encoder,
    evaluate_encoder,
    main,
)
from culture_perception.training.encoder_trials import LABELS_A_SET, exclusive_sets
from culture_perception.training.truth import is_true
from culture_perception.verification import Verifier

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


def test_verifier_takes_the_place_of_the_cosine(
    tmp_path: Path, content_crops: MakeCrops, one_hot_encoder: MakeEncoder
) -> None:
    encoder, crops = one_hot_encoder(certainty=0.6), content_crops()
    width = encoder.encode_texts(["jar of c3"]).shape[1]
    # Its logit is the cosine, eight times: as good a judge as the cosine itself.
    product = np.concatenate([np.ones(width), np.zeros(3 * width)])[:, None].astype(np.float32)
    verifier = Verifier(product, np.zeros(1, np.float32), np.array([8.0], np.float32), -2.0)
    calibration, figures = calibrate_encoder(encoder, crops, verifier)
    assert figures["unknown_rejection"] == 1.0
    assert figures["false_rejection"] == 0.0
    assert calibration.min_similarity == -1.0
    assert calibration.min_match == pytest.approx(expit(8 * 0.6 - 2), abs=1e-3)
    write_config(tmp_path / "encoder.json", {})
    write_calibration(tmp_path, calibration, figures)
    record = json.loads((tmp_path / "encoder.json").read_text())["calibration"]
    assert record["min_match"] == calibration.min_match
    assert load_verifier(tmp_path / VERIFIER_FILE).output_bias == -2.0
    write_calibration(tmp_path, replace(calibration, verifier=None), figures)
    assert not (tmp_path / VERIFIER_FILE).exists(), "no file of an earlier calibration is left"


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
