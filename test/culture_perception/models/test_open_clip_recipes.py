"""Weights from files: whose they are by their names, and how they are then run."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from culture_perception.models.checkpoints import load_weights
from culture_perception.models.errors import CheckpointError
from culture_perception.models.open_clip_recipes import (
    Recipe,
    recipe_of_file,
    recipe_of_tag,
    recognised_tag,
)
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

import open_clip  # noqa: E402

EXACT = Runtime(device="cpu", threads=1, precision="float32")
HALF = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}


@pytest.mark.parametrize(
    ("architecture", "path", "tag"),
    [
        ("ViT-B-32", "ViT-B-32.pt", "openai"),  # as OpenAI calls its file
        ("ViT-B-32", "vit_b_32-laion2b_e16-af8dbd0c.pth", "laion2b_e16"),
        ("ViT-B-32", "b32_400m.pt", "metaclip_400m"),
        ("ViT-L-14", "CLIP-ViT-L-14-laion2B-s32B-b82K/w.bin", "laion2b_s32b_b82k"),
        (
            "ViT-L-14",
            "models--laion--CLIP-ViT-L-14-laion2B-s32B-b82K/snapshots/abc/w.safetensors",
            "laion2b_s32b_b82k",
        ),
        ("ViT-L-14", "ViT-L-14-laion2B-s32B-b82K.safetensors", "laion2b_s32b_b82k"),
        ("ViT-B-32", "commonpool_m_clip_s128m_b4k.pt", "commonpool_m_clip_s128m_b4k"),
        ("ViT-B-32", "my_openai_finetune.pt", "openai"),
        ("ViT-B-32", "laion2b_s32b_b82k.pt", ""),  # of another architecture
        ("ViT-B-32", "weights.pt", ""),
        ("ViT-S-32-alt", "openai.pt", ""),  # has no tags
    ],
)
def test_a_file_is_recognised_by_its_name(architecture: str, path: str, tag: str) -> None:
    assert recognised_tag(architecture, Path("/models") / path) == tag


def test_a_tags_recipe_is_open_clips() -> None:
    openai = recipe_of_tag("ViT-B-32", "openai")
    assert openai.quick_gelu
    assert openai.preparation["mean"] == open_clip.OPENAI_DATASET_MEAN
    half = recipe_of_tag("ViT-L-14", "laion2b_s32b_b82k")
    assert not half.quick_gelu
    assert HALF.items() <= half.preparation.items()


def test_an_unknown_file_is_guessed_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        guess = recipe_of_file("ViT-B-32", Path("weights.pt"))
    assert guess == Recipe(False, recipe_of_tag("ViT-B-32", "openai").preparation)
    assert "ViT-B-32-quickgelu" in caplog.text


def test_where_all_tags_agree_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        guess = recipe_of_file("ViT-B-16-SigLIP", Path("weights.pt"))
        assert recipe_of_file("ViT-S-32-alt", Path("weights.pt")) == Recipe(False, {})
    assert guess.preparation == recipe_of_tag("ViT-B-16-SigLIP", "webli").preparation
    assert caplog.text == ""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A small architecture with two of ViT-B-32's tags, whose activations differ."""
    size = {"width": 32, "layers": 2}
    config = {
        "embed_dim": 32,
        "vision_cfg": {**size, "image_size": 32, "patch_size": 16, "head_width": 16},
        "text_cfg": {**size, "heads": 2},
    }
    (tmp_path / "small-recipes.json").write_text(json.dumps(config))
    paths, known = list(open_clip.factory._MODEL_CONFIG_PATHS), open_clip.factory._MODEL_CONFIGS
    before = dict(known)
    open_clip.add_model_config(tmp_path / "small-recipes.json")
    published = open_clip.pretrained._PRETRAINED
    tags = {tag: published["ViT-B-32"][tag] for tag in ("openai", "laion2b_e16")}
    monkeypatch.setitem(published, "small-recipes", tags)
    yield "small-recipes"
    open_clip.factory._MODEL_CONFIG_PATHS[:] = paths
    open_clip.factory._MODEL_CONFIGS = before


@pytest.mark.parametrize(
    ("name", "quick"), [("my_openai", True), ("laion2b_e16", False), ("weights", False)]
)
def test_a_file_runs_as_open_clip_runs_the_tag(
    small: str, tmp_path: Path, name: str, quick: bool
) -> None:
    torch.manual_seed(0)
    theirs: Any = open_clip.create_model(small, load_weights=False, force_quick_gelu=quick).eval()
    other: Any = open_clip.create_model(small, load_weights=False, force_quick_gelu=not quick)
    other.load_state_dict(theirs.state_dict())  # both activations have the same weights
    path = tmp_path / f"{name}.safetensors"
    state = {key: value.contiguous() for key, value in theirs.state_dict().items()}
    save_file(state, path)
    texts = ["blue can", "red box of tea"]
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(small)(texts)
        words = theirs.encode_text(tokens, normalize=True).numpy()
        wrong = other.eval().encode_text(tokens, normalize=True).numpy()

    rows = load_encoder(small, str(path), EXACT).encode_texts(texts)

    assert np.allclose(rows, words, atol=1e-6)
    assert not np.allclose(rows, wrong, atol=1e-4)


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_a_program_of_torchscript_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "ViT-B-32.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)
    for load in (lambda: load_encoder("ViT-B-32", str(path), EXACT), lambda: load_weights(path)):
        with pytest.raises(CheckpointError, match=r"a program of TorchScript .*tag openai") as e:
            load()
        assert "weights_only" not in str(e.value)
