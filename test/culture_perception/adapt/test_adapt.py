"""`culture-perception adapt` on five made-up products with Finnish names, with the real encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from culture_perception.adapt.cells import culture_of, try_cells
from culture_perception.adapt.command import request_of
from culture_perception.adapt.folder_source import read_folder
from culture_perception.adapt.pictures import split
from culture_perception.adapt.running import make_adapter
from culture_perception.cli import build_parser, main
from culture_perception.labels import load_label_set
from culture_perception.models import registry
from culture_perception.models.adapter_card import read_card
from culture_perception.models.adapter_files import load_adapter
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.zero_shot import embed_labels, similarity

ensure_torchvision()

import open_clip  # noqa: E402

EXACT = Runtime(device="cpu", threads=1, precision="float32")


class Made(NamedTuple):
    code: int
    out: Path
    record: dict[str, Any]


def run(shop: Path, out: Path, *options: str) -> Made:
    json_file = out.with_suffix(".json")
    code = main(
        [
            "adapt",
            *("--labels", str(shop / "kauppa.yaml"), "--languages", "fi"),
            *("--images", str(shop / "pictures"), "--keep-scenes", "0", "--threads", "1"),
            *("--out", str(out), "--json", str(json_file), *options),
        ]
    )
    record = json.loads(json_file.read_text(encoding="utf-8")) if json_file.exists() else {}
    return Made(code, out, record)


@pytest.fixture(scope="module")
def good(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    options = "--steps 24 --every 12 --batch 12 --learning-rate 0.003 --licence CC0-1.0"
    return run(shop, tmp_path_factory.mktemp("good") / "kauppa.safetensors", *options.split())


def cells(made: Made) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["language"], one["style"]): one for one in made.record["cells"]}


def test_the_gate_lets_an_adapter_pass_that_helps_and_does_not_hurt(good: Made) -> None:
    assert good.code == 0
    assert good.record["passed"] and not good.record["faults"]
    by_cell = cells(good)
    assert set(by_cell) == {(tag, style) for tag in ("en", "fi") for style in ("plain", "brand")}
    assert {cell for cell, one in by_cell.items() if one["target"]} == {
        ("fi", "plain"),
        ("fi", "brand"),
    }
    for one in by_cell.values():
        assert one["n"] == 15
        assert one["change"] == pytest.approx(one["after"] - one["before"])
        assert one["change_interval"][0] <= one["change"] <= one["change_interval"][1]
    assert by_cell["fi", "brand"]["change_interval"][0] > 0


def test_pictures_that_it_never_saw_are_named_better(
    good: Made, shop: Path, new_pictures: Path
) -> None:
    labels = load_label_set(shop / "kauppa.yaml")
    encoder = registry.load_encoder(runtime=EXACT, adapters=str(good.out))
    pictures = read_folder(new_pictures, labels, encoder.crop_size)

    def top1(language: str) -> float:
        found = []
        images = encoder.encode_images(list(pictures.seen))
        for style in ("plain", "brand"):
            active = labels.select(language, style)
            best = similarity(images, embed_labels(encoder, active).embeddings).argmax(axis=1)
            found.append(np.array(active.concept_ids)[best] == pictures.concepts)
        return float(np.mean(found))

    before = top1("fi")
    encoder.adapt_to("kauppa", ["fi"])
    assert encoder.active is not None
    assert len(pictures) == 40
    assert top1("fi") >= before + 0.25


def test_a_file_that_is_read_again_gives_the_same_figures(good: Made, shop: Path) -> None:
    labels = load_label_set(shop / "kauppa.yaml")
    encoder = registry.load_encoder(runtime=EXACT, adapters=str(good.out))
    held = split(read_folder(shop / "pictures", labels, encoder.crop_size), seed=0).test
    encoder.adapt_to("kauppa", ["fi"])
    again = try_cells(encoder, [culture_of(labels, held)])
    for (language, style), one in cells(good).items():
        tried = again["kauppa", language, style]
        assert one["after"] == pytest.approx(tried.right.mean())


def test_any_model_of_open_clip_can_be_adapted(shop: Path, tmp_path: Path) -> None:
    """A small vision transformer with random weights, mixed precision, a few shots."""
    size = {"width": 32, "layers": 1}
    vision = {**size, "image_size": 32, "patch_size": 16, "head_width": 16}
    architecture = {"embed_dim": 32, "vision_cfg": vision, "text_cfg": {**size, "heads": 2}}
    model = open_clip.CLIP(**architecture)
    weights = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(weights, tmp_path / "open_clip_model.safetensors")
    config = {"model_cfg": architecture, "preprocess_cfg": {}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    name = f"local-dir:{tmp_path}"
    arguments = build_parser().parse_args(
        [
            *("adapt", "--labels", str(shop / "kauppa.yaml"), "--images", str(shop / "pictures")),
            *("--encoder", name, "--keep", "ycb", str(shop / "kept"), "--keep-scenes", "0"),
            *("--hold-out", "kauppa.lehti"),
            *("--shots", "4", "--steps", "6", "--every", "3", "--batch", "8", "--threads", "1"),
            *("--precision", "bfloat16", "--loss", "contrastive", "--dropout", "0.1"),
            *("--out", str(tmp_path / "a.safetensors")),
        ]
    )
    request = request_of(arguments)
    outcome = make_adapter(request)
    assert outcome.counts == (16, 12, 12)
    assert "kauppa.lehti" not in request.target.pictures.concepts
    assert [one.cell[1:] for one in outcome.held_out] == [
        (tag, style) for tag in ("en", "fi") for style in ("plain", "brand")
    ]
    assert {one.count for one in outcome.held_out} == {15}
    assert {one.cell[0] for one in outcome.verdict.cells} == {"kauppa", "ycb"}
    card = outcome.adapter.card
    assert (card.base_name, card.languages) == (name, ("en", "fi"))

    bare = registry.load_encoder(name, runtime=EXACT)
    again = registry.load_encoder(name, runtime=EXACT, adapters=str(request.out))
    again.adapt_to("kauppa", ["en", "fi"])
    live, crops, texts = request.base.encoder, list(request.target.pictures.seen[:4]), ["kuva", "a"]
    assert np.allclose(again.encode_images(crops), live.encode_images(crops), atol=1e-5)
    assert np.allclose(again.encode_texts(texts), live.encode_texts(texts), atol=1e-5)
    assert not np.allclose(again.encode_images(crops), bare.encode_images(crops), atol=1e-4)
    assert not np.allclose(again.encode_texts(texts), bare.encode_texts(texts), atol=1e-4)


def test_the_card_says_what_was_done(good: Made) -> None:
    card = read_card(good.out)
    assert (card.name, card.label_sets, card.languages) == ("kauppa", ("kauppa",), ("fi",))
    assert card.base_hash == registry.load_encoder(runtime=EXACT).fingerprint
    assert card.licence == "CC0-1.0"
    assert 0 < card.scale <= 1
    assert card.calibration is not None
    figures = {one.what: (one.before, one.after) for one in card.figures}
    for (language, style), one in cells(good).items():
        key = f"kauppa/{language}/{style} top-1"
        assert figures[key] == (one["before"], one["after"])
    assert good.record["card"]["scale"] == card.scale


def test_a_run_that_forgets_does_not_pass_unless_told(
    shop: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bad.safetensors"
    options = "--steps 3 --every 3 --batch 8 --learning-rate 0.3 --replay 0 --scale 1".split()
    bad = run(shop, out, *options)
    assert bad.code == 1
    said = capfd.readouterr().out
    assert "the gate: kauppa/en/plain fell from" in said
    assert "no scale of it would pass" in said
    assert not bad.record["passed"]
    assert out.is_file()

    allowed = run(shop, out, *options, "--resume", "--allow-forgetting")
    assert allowed.code == 0
    assert not allowed.record["passed"]
    assert allowed.record["cells"] == bad.record["cells"]


def test_a_run_goes_on_from_another_adapter(
    shop: Path, tmp_path: Path, good: Made, capfd: pytest.CaptureFixture[str]
) -> None:
    options = "--steps 1 --every 1 --batch 8 --learning-rate 1e-6 --scale 1".split()
    more = run(shop, tmp_path / "more.safetensors", *options, "--start", str(good.out))
    assert f"; from {good.out.name}; " in read_card(more.out).data
    started, own = load_adapter(good.out).factors, load_adapter(more.out).factors
    assert started.keys() == own.keys()
    assert all(torch.allclose(started[name], own[name], atol=1e-4) for name in own)
    other = [*options, "--rank", "2", "--start", str(good.out)]
    assert run(shop, tmp_path / "other.safetensors", *other).code == 1
    assert "give the same rank, alpha, towers, kinds and dropout" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rehearsal", "0.2"], "--rehearsal 0.2 needs --siblings"),
        (["--rehearsal", "1"], "rehearsal 1.0 is not a share from 0 to below 1"),
        (["--start", "nowhere.safetensors"], "nowhere.safetensors"),
        (["--languages", "ko"], "kauppa has no texts in ko; it has en, fi"),
        (["--images", "nowhere"], "nowhere: no such folder"),
        (["--render", "3"], "the simulator has no products of kauppa, only of ycb, konbini"),
        (["--kinds", "conv", "--towers", "text"], "the text tower has no layer of the kinds conv"),
        (["--hold-out", "milk"], "milk can not be held out of kauppa; hold out some of"),
        (["--dropout", "1"], "dropout 1.0 (0 to below 1) is out of range"),
        (["--encoder-pretrained", "openai"], "encoder embedded has its own weights"),
    ],
)
def test_mistakes_are_one_line(
    options: list[str], message: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shop, tmp_path / "a.safetensors", *options).code == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
