"""Adapters as files: what is written is read, and what is wrong is said in one line."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from culture_perception.models.adapter_card import (
    METADATA_KEY,
    AdapterCalibration,
    AdapterCard,
    AdapterError,
    Figure,
    card_from_json,
    is_adapter,
    read_card,
    with_scale,
)
from culture_perception.models.adapter_files import (
    Adapter,
    load_adapter,
    save_adapter,
    with_calibration,
)
from culture_perception.models.lora_options import LoraOptions
from culture_perception.protocols import Calibration
from culture_perception.verification import Verifier

CARD = AdapterCard(
    name="japan",
    base_name="embedded",
    base_hash="0123456789ab",
    label_sets=("konbini", "depāto"),
    languages=("en", "ja"),
    options=LoraOptions(rank=2, alpha=3.0, towers=("text",), kinds=("q", "mlp"), dropout=0.25),
    scale=0.5,
    data="200 crops of siblings, seed 3",
    figures=(Figure("konbini ja plain top-1", 0.26, 0.81),),
    licence="Apache-2.0",
    calibration=AdapterCalibration(21.5, 0.3, 0.1, 0.4),
)
OWN = {"logit_scale": 9.0, "min_probability": 0.0, "min_similarity": -1.0, "min_match": 0.0}
FACTORS = {
    "text.a.weight:all.up": torch.tensor([[1.0, 2.0]]),
    "text.a.weight:all.down": torch.tensor([[0.1, 0.2], [0.3, 0.4]]),
    "text.b.weight:all.rows": torch.tensor([3, 5]),
}
VERIFIER = Verifier(
    np.full((8, 3), 0.5, np.float32),
    np.zeros(3, np.float32),
    np.array([1.0, -2.0, 0.25], np.float32),
    0.75,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "japan.safetensors"
    save_adapter(Adapter(CARD, FACTORS, VERIFIER), made)
    return made


def test_what_is_written_is_read(path: Path) -> None:
    assert is_adapter(path)
    assert read_card(path) == CARD
    found = load_adapter(path)
    assert found.card == CARD
    assert found.factors.keys() == FACTORS.keys()
    assert all(one.equal(FACTORS[name]) for name, one in found.factors.items())
    assert found.strength == 0.75  # 3 / 2 * 0.5
    own = found.calibration
    assert own is not None and own.verifier is not None
    assert (own.logit_scale, own.min_probability, own.min_similarity, own.min_match) == (
        21.5,
        0.3,
        0.1,
        0.4,
    )
    assert own.verifier.hidden.dtype == np.float32
    assert np.array_equal(own.verifier.output, VERIFIER.output)
    assert own.verifier.output_bias == 0.75


def test_without_a_calibration_the_bases_own_is_to_be_used(tmp_path: Path) -> None:
    save_adapter(Adapter(replace(CARD, calibration=None), FACTORS), tmp_path / "a.safetensors")
    assert load_adapter(tmp_path / "a.safetensors").calibration is None


def test_a_measured_calibration_goes_onto_the_card() -> None:
    made = with_calibration(Adapter(CARD, FACTORS), Calibration(9.0, 0.2, -1.0, VERIFIER, 0.6))
    assert made.card.calibration == AdapterCalibration(9.0, 0.2, -1.0, 0.6)
    assert made.calibration == Calibration(9.0, 0.2, -1.0, VERIFIER, 0.6)


def test_the_name_tells_what_is_done_to_embeddings() -> None:
    name = Adapter(CARD, FACTORS).name
    assert name.startswith("japan-") and len(name) == len("japan-") + 12
    assert Adapter(replace(CARD, licence="MIT"), FACTORS).name == name
    others = (
        Adapter(with_scale(CARD, 0.25), FACTORS),
        Adapter(replace(CARD, options=replace(CARD.options, alpha=1.0)), FACTORS),
        Adapter(CARD, {**FACTORS, "text.a.weight:all.up": torch.zeros(1, 2)}),
    )
    assert len({name, *(one.name for one in others)}) == 4


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_factors_may_be_of_half_precision(tmp_path: Path, dtype: torch.dtype) -> None:
    half = {name: one.to(dtype) for name, one in FACTORS.items() if one.is_floating_point()}
    save_adapter(Adapter(CARD, half), tmp_path / "a.safetensors")
    found = load_adapter(tmp_path / "a.safetensors")
    assert {one.dtype for one in found.factors.values()} == {dtype}
    assert found.name == Adapter(CARD, half).name != Adapter(CARD, FACTORS).name


def test_figures_are_of_one_scale() -> None:
    assert with_scale(CARD, 1.0).figures == ()
    assert with_scale(CARD, 1.0).scale == 1.0


@pytest.mark.parametrize(
    ("label_set", "languages", "fits"),
    [
        ("konbini", ["ja"], True),
        ("konbini", ["en", "ja"], True),
        ("konbini", ["en", "fr"], False),
        ("ycb", ["en"], False),
    ],
)
def test_what_a_card_is_for(label_set: str, languages: list[str], fits: bool) -> None:
    assert CARD.fits(label_set, languages) == fits


def with_card(path: Path, text: str) -> Path:
    save_file({"a:all.up": torch.zeros(1, 1)}, path, metadata={METADATA_KEY: text})
    return path


def test_missing_and_damaged_files_are_named(path: Path, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"nowhere: no such adapter; give the path"):
        load_adapter(tmp_path / "nowhere")
    whole = path.read_bytes()
    for cut in (0, 5, 100, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(AdapterError, match=r"japan.safetensors: damaged .*take a whole copy"):
            load_adapter(path)


def test_other_weights_are_no_adapter(tmp_path: Path) -> None:
    other = tmp_path / "encoder.safetensors"
    save_file({"a": torch.zeros(1)}, other)
    assert not is_adapter(other)
    with pytest.raises(AdapterError, match="weights without an adapter's card"):
        load_adapter(other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "its format is 2, this release reads 1: install the release"),
        ({"name": 3}, "3 is no text"),
        ({"label_sets": "konbini"}, "'konbini' is no list"),
        ({"label_sets": []}, "needs a name, a base's name and hash, label sets"),
        ({"scale": "1"}, "'1' is no number"),
        ({"scale": 2.0}, "scale 2.0 is out of range"),
        ({"options": {"rank": 0}}, "card is damaged"),
        ({"options": {**asdict(CARD.options), "kinds": ["w"]}}, "kinds w"),
        ({"figures": [{"what": "a"}]}, "'before'"),
        ({"calibration": {"logit_scale": 1}}, "'min_probability'"),
        ({"calibration": {**OWN, "logit_scale": 0.0}}, "a logit scale above 0"),
        ({"calibration": {**OWN, "min_match": float("nan")}}, "give numbers"),
    ],
)
def test_a_wrong_card_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    record = {**json.loads(CARD.to_json()), **change}
    with pytest.raises(AdapterError, match=message) as raised:
        load_adapter(with_card(tmp_path / "a.safetensors", json.dumps(record)))
    assert str(raised.value).startswith(str(tmp_path))


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '"a"'])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(AdapterError, match="its card is damaged"):
        card_from_json(text)


def test_keys_of_later_releases_are_passed_over() -> None:
    assert card_from_json(json.dumps({**json.loads(CARD.to_json()), "colour": "red"})) == CARD


def test_what_makes_no_adapter_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="train it first"):
        save_adapter(Adapter(CARD, {}), tmp_path / "a.safetensors")
    bare = replace(CARD, calibration=None)
    with pytest.raises(AdapterError, match="verifier needs a calibration"):
        save_adapter(Adapter(bare, FACTORS, VERIFIER), tmp_path / "a.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_card_without_factors_and_half_a_verifier_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    card = {METADATA_KEY: CARD.to_json()}
    save_file({"verifier/hidden": torch.zeros(8, 3)}, file, metadata=card)
    with pytest.raises(AdapterError, match="a card without factors"):
        load_adapter(file)
    save_file({**FACTORS, "verifier/hidden": torch.zeros(8, 3)}, file, metadata=card)
    with pytest.raises(AdapterError, match="verifier is damaged"):
        load_adapter(file)
