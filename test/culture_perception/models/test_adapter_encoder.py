"""The embedded encoder with adapters of random factors: switching, refusing, staying exact."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from culture_perception.models import lora
from culture_perception.models.adapter_card import AdapterCalibration, AdapterCard, AdapterError
from culture_perception.models.adapter_encoder import AdaptedEncoder
from culture_perception.models.adapter_files import Adapter, save_adapter
from culture_perception.models.clip import ClipEncoder
from culture_perception.models.fingerprint import weights_fingerprint
from culture_perception.models.lora_options import KINDS, LoraOptions
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.verification import Verifier

EXACT = Runtime(device="cpu", threads=1, precision="float32")
TEXTS = ("red box of chocolate", "赤い箱のチョコレート")
BOTH = LoraOptions(rank=8, kinds=KINDS)
TEXT_ALONE = LoraOptions(rank=8, towers=("text",), kinds=("q", "v", "mlp"))
CROPS = tuple(np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), dtype=np.uint8))


def random_adapter(
    base: ClipEncoder, name: str, seed: int = 0, options: LoraOptions = BOTH, **card: Any
) -> Adapter:
    """For the label set of its own name, in English and Japanese."""
    torch.manual_seed(seed)
    lora.inject(base.model, options)
    with torch.no_grad():
        for factor in lora.trainable(base.model):
            factor.normal_(std=0.05)
    factors = lora.delta(base.model)
    lora.remove(base.model)
    own = AdapterCard(name, "embedded", base.fingerprint, (name,), ("en", "ja"), options)
    return Adapter(replace(own, **card), factors)


@pytest.fixture(scope="module")
def base() -> ClipEncoder:
    return load_encoder(runtime=EXACT)


@pytest.fixture(scope="module")
def encoder(base: ClipEncoder) -> AdaptedEncoder:
    calibrated = AdapterCalibration(9.0, 0.25)
    adapters = (
        random_adapter(base, "konbini", calibration=calibrated),
        random_adapter(base, "depato", 1, TEXT_ALONE),
        random_adapter(base, "konbini", 2),
    )
    return AdaptedEncoder(base, adapters)


def embeddings(encoder: AdaptedEncoder | ClipEncoder) -> tuple[Any, Any]:
    return encoder.encode_images(CROPS), encoder.encode_texts(TEXTS)


def test_the_label_set_and_its_languages_choose(encoder: AdaptedEncoder, base: ClipEncoder) -> None:
    first, second, third = encoder.adapters
    for label_set, languages, expected in (
        ("konbini", ["ja"], first),
        ("konbini", ["en", "ja"], first),
        ("konbini", ["th"], None),
        ("depato", ["en"], second),
        ("ycb", ["en"], None),
    ):
        encoder.adapt_to(label_set, languages)
        assert encoder.active is expected
        name = base.name if expected is None else f"{base.name}+{expected.name}"
        assert encoder.name == name
    assert len({first.name, second.name, third.name}) == 3


def test_switching_gives_each_its_own_and_the_base_bit_for_bit(
    encoder: AdaptedEncoder, base: ClipEncoder
) -> None:
    encoder.adapt_to("", [])
    bare, print_before = embeddings(encoder), weights_fingerprint(base.model)
    assert print_before == base.fingerprint
    addresses = [one.data_ptr() for one in base.model.parameters()]
    first: dict[str, Any] = {}
    for label_set in ("konbini", "depato", "konbini", "depato", "", "konbini", ""):
        encoder.adapt_to(label_set, ["ja"])
        found = embeddings(encoder)
        expected = first.setdefault(label_set, bare if label_set == "" else found)
        assert all(map(np.array_equal, found, expected))
    assert weights_fingerprint(base.model) == print_before
    assert [one.data_ptr() for one in base.model.parameters()] == addresses
    assert not np.allclose(first["konbini"][0], bare[0], atol=1e-2)
    assert not np.allclose(first["konbini"][1], bare[1], atol=1e-2)
    assert np.array_equal(first["depato"][0], bare[0])  # of the text tower alone
    assert not np.allclose(first["depato"][1], bare[1], atol=1e-2)


def test_an_adapter_in_use_equals_a_merged_one(encoder: AdaptedEncoder) -> None:
    encoder.adapt_to("konbini", ["ja"])
    merged = load_encoder(runtime=EXACT)
    adapter = encoder.adapters[0]
    lora.inject(merged.model, adapter.card.options)
    lora.load_delta(merged.model, adapter.factors)
    lora.merge(merged.model)
    for found, expected in zip(embeddings(encoder), embeddings(merged), strict=True):
        assert np.allclose(found, expected, atol=1e-5)


def test_the_calibration_is_that_of_what_is_in_use(
    encoder: AdaptedEncoder, base: ClipEncoder
) -> None:
    encoder.adapt_to("konbini", ["ja"])
    assert (encoder.calibration.logit_scale, encoder.calibration.min_probability) == (9.0, 0.25)
    assert encoder.calibration.verifier is None
    encoder.adapt_to("depato", ["ja"])  # its card has none
    assert encoder.calibration is base.calibration
    encoder.adapt_to("ycb", ["en"])
    assert encoder.calibration is base.calibration


def test_the_rest_is_the_bases(encoder: AdaptedEncoder, base: ClipEncoder) -> None:
    assert (encoder.crop_size, encoder.notice, encoder.embedding_width) == (96, "", 128)
    assert encoder.model is base.model
    assert encoder.encode_images([]).shape == encoder.encode_texts([]).shape == (0, 128)


def test_a_switch_takes_milliseconds(encoder: AdaptedEncoder) -> None:
    took_s = []
    for label_set in ("konbini", "ycb") * 10:
        started = time.perf_counter()
        encoder.adapt_to(label_set, ["ja"])
        took_s.append(time.perf_counter() - started)
    assert min(took_s[::2]) < 0.5
    assert min(took_s[1::2]) < 0.1


def test_the_scale_of_a_card_counts(base: ClipEncoder) -> None:
    whole = random_adapter(base, "a")
    bare = embeddings(base)[1]
    distances = []
    for scale in (0.0, 0.5, 1.0):
        weaker = Adapter(replace(whole.card, scale=scale), whole.factors)
        encoder = AdaptedEncoder(base, [weaker])
        encoder.adapt_to("a", ["en"])
        distances.append(float(np.abs(embeddings(encoder)[1] - bare).max()))
        encoder.adapt_to("", [])
    assert distances[0] == 0.0
    assert distances[0] < distances[1] < distances[2]


def test_bfloat16_stays_near_and_comes_back_exactly(base: ClipEncoder) -> None:
    adapter = random_adapter(base, "a")
    exact = AdaptedEncoder(base, [adapter])
    reduced = AdaptedEncoder(load_encoder(runtime=replace(EXACT, precision="bfloat16")), [adapter])
    bare = embeddings(reduced)
    for encoder in (exact, reduced):
        encoder.adapt_to("a", ["en"])
    cosines = (embeddings(reduced)[0] * embeddings(exact)[0]).sum(axis=1)
    assert cosines.min() > 0.99
    assert reduced.name == exact.name
    for encoder in (exact, reduced):
        encoder.adapt_to("", [])
    assert all(map(np.array_equal, embeddings(reduced), bare))


def test_a_model_that_was_moved_meanwhile_is_followed() -> None:
    """As where a GPU has no memory left: then its tower is of another precision, too."""
    own = load_encoder(runtime=EXACT)
    encoder = AdaptedEncoder(own, [random_adapter(own, "a")])
    encoder.adapt_to("a", ["en"])
    own.model.double()
    encoder.adapt_to("", [])
    assert {one.dtype for one in own.model.parameters()} == {torch.float64}
    assert weights_fingerprint(own.model.float()) == own.fingerprint


def test_openvino_takes_adapters_of_the_text_tower_alone(base: ClipEncoder) -> None:
    pytest.importorskip("openvino")
    both, text = random_adapter(base, "a"), random_adapter(base, "b", options=TEXT_ALONE)
    on_openvino = load_encoder(runtime=replace(EXACT, backend="openvino"))
    with pytest.raises(AdapterError, match=r"adapter a changes the image tower, which .*openvino"):
        AdaptedEncoder(on_openvino, [text, both])
    encoder, exact = AdaptedEncoder(on_openvino, [text]), AdaptedEncoder(base, [text])
    for one in (encoder, exact):
        one.adapt_to("b", ["ja"])
    assert encoder.name == exact.name
    assert np.allclose(encoder.encode_texts(TEXTS), exact.encode_texts(TEXTS), atol=1e-5)
    exact.adapt_to("", [])


def test_an_adapter_of_another_base_is_refused_with_both_hashes(base: ClipEncoder) -> None:
    other = random_adapter(base, "a", base_name="ViT-B-32", base_hash="0123456789ab")
    with pytest.raises(AdapterError) as raised:
        AdaptedEncoder(base, [other])
    assert str(raised.value) == (
        "adapter a was made for ViT-B-32 with weights 0123456789ab, the encoder is "
        f"{base.name} with weights {base.fingerprint}: choose the encoder that it was made for, "
        "or make an adapter for this one"
    )


def test_a_verifier_of_other_embeddings_is_refused(base: ClipEncoder) -> None:
    zeros = np.zeros(2, np.float32)
    own = random_adapter(base, "a", calibration=AdapterCalibration(9.0))
    for length, fits in ((128, True), (64, False)):
        verifier = Verifier(np.zeros((4 * length, 2), np.float32), zeros, zeros, 0.0)
        adapter = Adapter(own.card, own.factors, verifier)
        if fits:
            encoder = AdaptedEncoder(base, [adapter])
            encoder.adapt_to("a", ["en"])
            assert encoder.calibration.verifier is verifier
            encoder.adapt_to("", [])
        else:
            with pytest.raises(AdapterError, match="length 64, those of the encoder have 128"):
                AdaptedEncoder(base, [adapter])


def test_half_precision_on_file_is_enough(base: ClipEncoder) -> None:
    whole = random_adapter(base, "a")
    half = Adapter(whole.card, {name: one.half() for name, one in whole.factors.items()})
    found = []
    for adapter in (whole, half):
        encoder = AdaptedEncoder(base, [adapter])
        encoder.adapt_to("a", ["en"])
        found.append(embeddings(encoder)[0])
        encoder.adapt_to("", [])
    assert (found[0] * found[1]).sum(axis=1).min() > 0.9999


NAME = "text.transformer.resblocks.0.attn.in_proj_weight:q"


def without(factors: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: one for key, one in factors.items() if key != name}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: {**f, "text.nowhere:all.up": f[f"{NAME}.up"]}, "it has no text.nowhere"),
        (lambda f: {**f, f"{NAME[:-1]}all.up": f[f"{NAME}.up"]}, "weight has no block all"),
        (lambda f: {**f, "text.logit_scale": f[f"{NAME}.up"]}, "damaged .*no factor's name"),
        (lambda f: without(f, f"{NAME}.down"), "in_proj_weight:q lacks down"),
        (lambda f: {**f, f"{NAME}.up": torch.zeros(3, 8)}, r"\(3, 8\) .* must be \(96, 96\)"),
        (lambda f: {**f, f"{NAME}.down": torch.zeros(2, 96)}, r"\(96, 8\) and \(2, 96\)"),
        (lambda f: {**f, f"{NAME}.up": f[f"{NAME}.up"] / 0}, "factors that are no numbers"),
        (lambda f: {**f, f"{NAME}.rows": torch.tensor([2, 1])}, "rows that do not rise"),
        (lambda f: {**f, f"{NAME}.rows": torch.tensor([999])}, "rows that do not rise"),
    ],
)
def test_factors_that_do_not_fit_are_named(
    base: ClipEncoder, spoil: Callable[[Any], Any], message: str
) -> None:
    good = random_adapter(base, "a")
    with pytest.raises(AdapterError, match=message):
        AdaptedEncoder(base, [Adapter(good.card, spoil(dict(good.factors)))])


def test_files_are_loaded_by_the_registry(base: ClipEncoder, tmp_path: Path) -> None:
    adapter = random_adapter(base, "a", options=LoraOptions(rank=8))
    save_adapter(adapter, tmp_path / "a.safetensors")
    encoder = load_encoder(runtime=EXACT, adapters=str(tmp_path / "a.safetensors"))
    assert isinstance(encoder, AdaptedEncoder)
    assert encoder.name == base.name
    encoder.adapt_to("a", ["en"])
    assert encoder.name == f"{base.name}+{adapter.name}"
    with pytest.raises(AdapterError, match="nowhere: no such adapter"):
        load_encoder(runtime=EXACT, adapters=str(tmp_path / "nowhere"))
