"""Which adapters an encoder gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from culture_perception.adapting import adapters_of
from culture_perception.models import adapter_choice, lora, shipped_adapters
from culture_perception.models.adapter_card import AdapterCard, AdapterError
from culture_perception.models.adapter_choice import with_adapters
from culture_perception.models.adapter_encoder import AdaptedEncoder
from culture_perception.models.adapter_files import Adapter, load_adapter, save_adapter
from culture_perception.models.clip import ClipEncoder, load_embedded_encoder
from culture_perception.models.lora_options import LoraOptions
from culture_perception.models.shipped_adapters import adapter_path, shipped_files


@pytest.fixture(scope="module")
def base() -> ClipEncoder:
    return load_embedded_encoder()


@pytest.fixture
def folder(base: ClipEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files that pass for the shipped ones, the second of which is of another base."""
    model = load_embedded_encoder().model
    lora.inject(model, LoraOptions(rank=1, towers=("text",)))
    factors = {name: torch.ones_like(one) for name, one in lora.delta(model).items()}
    card = AdapterCard("a", "embedded", base.fingerprint, ("konbini",), ("ja",), LoraOptions(1))
    save_adapter(Adapter(card, factors), tmp_path / "a b.safetensors")
    other = replace(card, name="b", base_hash="0" * 12)
    save_adapter(Adapter(other, factors), tmp_path / "b.safetensors")
    files = sorted(tmp_path.glob("*.safetensors"))
    for module in (adapter_choice, shipped_adapters):
        monkeypatch.setattr(module, "shipped_files", lambda: files)
    return tmp_path


@pytest.mark.parametrize("listed", ["", " ", "none", " none ", " , "])
def test_none_is_the_base_itself(base: ClipEncoder, folder: Path, listed: str) -> None:
    assert with_adapters(base, listed) is base


def test_shipped_are_those_for_this_base(base: ClipEncoder, folder: Path) -> None:
    encoder = with_adapters(base, "shipped")
    assert isinstance(encoder, AdaptedEncoder)
    assert [one.card.name for one in encoder.adapters] == ["a"]


def test_an_encoder_for_which_none_is_shipped_stays_as_it_is(
    base: ClipEncoder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter_choice, "shipped_files", lambda: [folder / "b.safetensors"])
    assert with_adapters(base, "shipped") is base


def test_files_are_listed_with_commas_between(base: ClipEncoder, folder: Path) -> None:
    first = folder / "a b.safetensors"
    encoder = with_adapters(base, f" {first}, {first},")
    assert isinstance(encoder, AdaptedEncoder)
    assert len(encoder.adapters) == 2


def test_a_shipped_one_is_named_without_its_path(base: ClipEncoder, folder: Path) -> None:
    assert adapter_path("a b") == folder / "a b.safetensors"
    assert adapter_path("c.safetensors") == Path("c.safetensors")
    encoder = with_adapters(base, f"a b,{folder / 'a b.safetensors'}")
    first, second = adapters_of(encoder)
    assert first == second
    assert first.startswith("a-")
    assert adapters_of(base) == []
    with pytest.raises(AdapterError, match="was made for embedded with weights 000000000000"):
        with_adapters(base, "b")  # asked for by name, so it is not left out


def test_a_file_that_is_named_must_fit(base: ClipEncoder, folder: Path) -> None:
    with pytest.raises(AdapterError, match="was made for embedded with weights 000000000000"):
        with_adapters(base, str(folder / "b.safetensors"))
    with pytest.raises(AdapterError, match="no such adapter"):
        with_adapters(base, str(folder / "none.safetensors"))


def test_each_shipped_file_is_whole_and_for_the_shipped_encoder(base: ClipEncoder) -> None:
    files = shipped_files()
    assert [path.name for path in files] == ["japan.safetensors"]
    for path in files:
        card = load_adapter(path).card
        assert card.base_hash == base.fingerprint
        assert card.licence
        assert card.data
        assert card.figures
        assert path.stat().st_size < 3_000_000
