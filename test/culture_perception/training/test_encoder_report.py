"""Figures and calibration of an encoder whose every answer is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.protocols import Calibration
from culture_perception.training.encoder_data import Captions, CropSet, DataError, Label
from culture_perception.training.encoder_export import write_calibration, write_config
from culture_perception.training.encoder_report import (
    calibrate_encoder,
    evaluate_encoder,
    main,
)
from culture_perception.training.encoder_trials import LABELS_A_SET, exclusive_sets
from culture_perception.training.truth import Grammar, is_true

CONTENTS = 20
_ANY = np.ones((1, 1), dtype=bool)
_EACH = np.concatenate([np.ones((1, CONTENTS), dtype=bool), np.eye(CONTENTS, dtype=bool)])
GRAMMAR = Grammar(
    slots=("colour1", "colour2", "type", "content", "size", "brand"),
    words=(
        ("", "red"),
        ("", "red"),
        ("", "box"),
        ("", *(f"c{i}" for i in range(20))),
        ("",),
        ("",),
    ),
    tables=(np.ones((2, 1), bool), np.ones((2, 1), bool), np.ones((2, 1), bool), _EACH, _ANY, _ANY),
)


class OneHotEncoder:
    """Reads a crop's content from its middle pixel and a text's from its last word.

    A crop of content `c` is as similar to "c<c>" as `certainty`, and to all else not at all.
    """

    name = "one-hot"
    crop_size = 32
    notice = ""

    def __init__(self, certainty: float = 1.0, logit_scale: float = 100.0) -> None:
        self.certainty = certainty
        self.calibration = Calibration(logit_scale)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        rows = np.zeros((len(crops), CONTENTS + 1), dtype=np.float32)
        for row, crop in zip(rows, crops, strict=True):
            row[round(int(crop[16, 16, 0]) / 10)] = self.certainty
            row[CONTENTS] = np.sqrt(1 - self.certainty**2)
        return rows

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        rows = np.zeros((len(texts), CONTENTS + 1), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            last = text.split()[-1]
            row[int(last[1:]) if last.startswith("c") else CONTENTS] = 1
        return rows


def _crops(contents: int = CONTENTS, shown_as: int = 0) -> CropSet:
    """Two crops of each content; each shows the content `shown_as` places further on."""
    products = np.repeat(np.arange(contents), 2)
    images = np.zeros((len(products), 96, 96, 3), dtype=np.uint8)
    images[:] = ((products + shown_as) % contents * 10)[:, None, None, None]
    masks = np.zeros((len(products), 96, 96), dtype=bool)
    masks[:, 14:82, 14:82] = True
    attributes = np.zeros((contents, 6), dtype=np.int64)
    attributes[:, 3] = np.arange(contents)
    none = np.zeros((contents, 0, 6), dtype=np.int64)
    return CropSet(
        grammar=GRAMMAR,
        images=images,
        masks=masks,
        products=products,
        attributes=attributes,
        captions=Captions(((),) * contents, none, ((),) * contents, none),
        labels=tuple(Label(f"red box of c{i}", (1, 0, 1, i + 1, 0, 0)) for i in range(contents)),
        brand_labels=(None,) * contents,
    )


def test_sets_exclude_each_other() -> None:
    crops = _crops()
    sets = exclusive_sets(crops, dict(enumerate(crops.labels)), np.random.default_rng(0))
    for products in sets:
        specs = np.array([crops.labels[product].spec for product in products])
        truth = is_true(GRAMMAR, specs, crops.attributes[products])
        assert np.array_equal(truth, np.eye(LABELS_A_SET, dtype=bool))


def test_too_few_products_make_no_set() -> None:
    crops = _crops(LABELS_A_SET - 1)
    assert exclusive_sets(crops, dict(enumerate(crops.labels)), np.random.default_rng(0)) == []
    assert evaluate_encoder(OneHotEncoder(), crops) == []
    with pytest.raises(DataError, match="14 products make no set of 15"):
        calibrate_encoder(OneHotEncoder(), crops)


def test_perfect_encoder() -> None:
    figures = {figure.test: figure for figure in evaluate_encoder(OneHotEncoder(), _crops())}
    assert figures["plain"].top1 == 1.0
    assert figures["plain"].crops == 2 * CONTENTS
    assert figures["plain"].trials == 2 * LABELS_A_SET * 100
    assert figures["plain"].calibration_error == pytest.approx(0, abs=1e-6)
    assert figures["type and content, no colour"].top1 == 1.0
    assert "brand" not in figures, "no product has one"


def test_labels_cut_to_what_all_share_are_chance() -> None:
    figures = {figure.test: figure for figure in evaluate_encoder(OneHotEncoder(), _crops())}
    assert figures["colours alone"].top1 == pytest.approx(1 / LABELS_A_SET)


def test_always_wrong_encoder() -> None:
    (plain, *_) = evaluate_encoder(OneHotEncoder(), _crops(shown_as=1))
    assert plain.top1 < 0.1
    # Where the content that is seen is in the set it is named for sure, and wrongly.
    assert plain.calibration_error > 0.5


def test_calibration_rejects_strangers_only() -> None:
    calibration, figures = calibrate_encoder(OneHotEncoder(certainty=0.6), _crops())
    assert figures["top1"] == 1.0
    assert figures["false_rejection"] == 0.0
    assert figures["unknown_rejection"] == 1.0
    assert 0 < calibration.min_similarity <= 0.6 + 1e-6
    assert figures["validation_crops"] == 2 * CONTENTS


def test_calibration_is_written_beside_the_rest(tmp_path: Path) -> None:
    calibration, figures = calibrate_encoder(OneHotEncoder(certainty=0.6), _crops())
    write_config(tmp_path / "encoder.json", {"model_cfg": {"embed_dim": 8}})
    write_calibration(tmp_path, calibration, figures)
    record = json.loads((tmp_path / "encoder.json").read_text())
    assert record["model_cfg"] == {"embed_dim": 8}
    assert record["calibration"]["logit_scale"] == calibration.logit_scale
    assert record["calibration"]["validation_crops"] == 40


def test_command_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--held", str(tmp_path)]) == 1
    assert "encoder.json: no such file" in capsys.readouterr().err
