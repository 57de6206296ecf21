"""Files of encoders that are damaged: each is one message that names the file and the cure."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from culture_perception.models.bpe import write_bpe
from culture_perception.models.checkpoints import CheckpointError
from culture_perception.models.clip_small import (
    PREPROCESSING,
    build_small_clip,
    small_clip_config,
)
from culture_perception.models.encoder_files import BPE_FILE, CONFIG_FILE, WEIGHTS_FILE
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402

EXACT = Runtime(device="cpu", threads=1, precision="float32")
Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained embedded encoder's files."""
    path = tmp_path_factory.mktemp("embedded")
    write_bpe([("a", "b")], path / BPE_FILE)
    config = small_clip_config(512 + 1 + 2, image_size=32)
    weights = build_small_clip(config).state_dict()
    save_file({name: value.contiguous() for name, value in weights.items()}, path / WEIGHTS_FILE)
    record = {
        "model_cfg": config,
        "preprocess_cfg": {"size": [32, 32], **PREPROCESSING},
        "calibration": {"logit_scale": 21.5, "min_probability": 0.3, "min_similarity": 0.1},
    }
    (path / CONFIG_FILE).write_text(json.dumps(record))
    return path


def change(path: Path, *keys: str, value: object = None) -> None:
    """Sets the value at these keys of a JSON file, or removes it for None."""
    record: dict[str, Any] = json.loads(path.read_text())
    inner = record
    for key in keys[:-1]:
        inner = inner[key]
    if value is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    path.write_text(json.dumps(record))


def halve(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def of_description(*keys: str, value: object = None) -> Damage:
    return lambda folder: change(folder / CONFIG_FILE, *keys, value=value)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / CONFIG_FILE).write_text("{}"), "lacks model_cfg, preprocess_cfg"),
        (lambda folder: (folder / CONFIG_FILE).write_text("[]"), "lacks model_cfg, preprocess_cfg"),
        (lambda folder: (folder / CONFIG_FILE).write_text("{"), "not JSON"),
        (of_description("model_cfg", value=3), "lacks model_cfg"),
        (of_description("model_cfg", "vision_cfg"), "model_cfg or preprocess_cfg"),
        (of_description("model_cfg", "vision_cfg", value="x"), "model_cfg or preprocess_cfg"),
        (of_description("model_cfg", "text_cfg", "width", value="x"), "model_cfg or preprocess"),
        (of_description("preprocess_cfg", "colour", value=1), "model_cfg or preprocess_cfg"),
        (of_description("preprocess_cfg", "mean", value="x"), "model_cfg or preprocess_cfg"),
        (of_description("calibration", value=[]), "logit_scale"),
        (of_description("calibration", "min_similarity"), "min_similarity"),
        (of_description("calibration", "logit_scale", value="x"), "logit_scale"),
        (lambda folder: halve(folder / WEIGHTS_FILE), "encoder.safetensors: damaged"),
        (lambda folder: halve(folder / BPE_FILE), "encoder_bpe.txt.gz: damaged"),
        (lambda folder: (folder / BPE_FILE).write_bytes(b"??"), "encoder_bpe.txt.gz: damaged"),
        (
            lambda folder: write_bpe([("a", "b"), ("c", "d")], folder / BPE_FILE),
            "encoder_bpe.txt.gz: damaged .516 tokens where the encoder has 515",
        ),
    ],
)
def test_an_embedded_encoder_that_is_damaged_is_named(
    embedded: Path, tmp_path: Path, damage: Damage, message: str
) -> None:
    shutil.copytree(embedded, tmp_path, dirs_exist_ok=True)
    damage(tmp_path)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_encoder(str(tmp_path), runtime=EXACT)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_undamaged_one_loads(embedded: Path) -> None:
    assert load_encoder(str(embedded), runtime=EXACT).name.startswith("embedded-")


@pytest.fixture(scope="module")
def open_clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of open_clip: a small architecture with random weights."""
    path = tmp_path_factory.mktemp("open_clip")
    size = {"width": 32, "layers": 1}
    vision = {**size, "image_size": 32, "patch_size": 16, "head_width": 16}
    architecture = {"embed_dim": 32, "vision_cfg": vision, "text_cfg": {**size, "heads": 2}}
    model = open_clip.CLIP(**architecture)
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(state, path / "open_clip_model.safetensors")
    config = {"model_cfg": architecture, "preprocess_cfg": {}}
    (path / "open_clip_config.json").write_text(json.dumps(config))
    return path


def of_config(*keys: str, value: object = None) -> Damage:
    return lambda folder: change(folder / "open_clip_config.json", *keys, value=value)


def pickled(content: bytes) -> Damage:
    def damage(folder: Path) -> None:
        (folder / "open_clip_model.safetensors").unlink()
        (folder / "open_clip_pytorch_model.bin").write_bytes(content)

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: halve(folder / "open_clip_model.safetensors"), "weights are damaged"),
        (pickled(b"garbage"), "it holds more than weights"),
        (pickled(b""), "weights are damaged"),
        (lambda folder: (folder / "open_clip_model.safetensors").unlink(), "no weights"),
        (of_config("model_cfg", "vision_cfg"), "KeyError: 'vision_cfg'"),
        (of_config("model_cfg", "vision_cfg", value="x"), "open_clip_config.json"),
        (of_config("model_cfg", "vision_cfg", "colour", value=1), "colour"),
        (of_config("model_cfg", "vision_cfg", "width", value="x"), "open_clip_config.json"),
        (
            of_config("model_cfg", "vision_cfg", "layers", value=2),
            "weights are damaged, or of diff",
        ),
        (of_config("model_cfg", "text_cfg", value="x"), "not a configuration of open_clip"),
        (of_config("model_cfg", "text_cfg", "tokenizer_kwargs", value={"x": 1}), "open_clip_conf"),
        (of_config("preprocess_cfg", value="x"), "open_clip_config.json"),
        (of_config("preprocess_cfg", "mean", value="x"), "open_clip_config.json"),
    ],
)
def test_a_folder_of_open_clip_that_is_damaged_is_named(
    open_clips: Path, tmp_path: Path, damage: Damage, message: str
) -> None:
    shutil.copytree(open_clips, tmp_path, dirs_exist_ok=True)
    damage(tmp_path)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_encoder(f"local-dir:{tmp_path}", runtime=EXACT)
    assert str(tmp_path) in str(caught.value)
    assert "weights_only" not in str(caught.value)


def test_a_folder_of_open_clip_is_told_what_to_put_before_it(open_clips: Path) -> None:
    assert load_encoder(f"local-dir:{open_clips}", runtime=EXACT).crop_size == 32
    with pytest.raises(CheckpointError, match=r"is a folder of open_clip: give local-dir:/"):
        load_encoder(str(open_clips), runtime=EXACT)


def test_a_pickle_of_something_else_than_weights_is_named(tmp_path: Path) -> None:
    for name, content in (("a.pt", torch.zeros(2)), ("b.pt", {}), ("c.pt", {"x": "y"})):
        torch.save(content, tmp_path / name)
        with pytest.raises(CheckpointError, match="not the weights of this model, or damaged"):
            load_encoder("ViT-S-32-alt", str(tmp_path / name), EXACT)


def test_the_text_tower_does_not_run_for_frames_without_masks(embedded: Path) -> None:
    encoder = load_encoder(str(embedded), runtime=EXACT)
    calls: list[int] = []
    encoder.model.text.register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
    assert [encoder.encode_images([]).shape for _ in range(3)] == [(0, 128)] * 3
    assert len(calls) == 1  # the width is nowhere written
    fresh = load_encoder(str(embedded), runtime=EXACT)
    fresh.model.text.register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
    fresh.encode_images([np.zeros((32, 32, 3), np.uint8)])
    assert fresh.encode_images([]).shape == (0, 128)
    assert len(calls) == 1
