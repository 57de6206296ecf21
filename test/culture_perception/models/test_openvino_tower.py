"""Towers on OpenVINO against torch, on the same weights; left out where it is not installed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from culture_perception.models.clip_small import build_small_clip, small_clip_config
from culture_perception.models.openvino_tower import OpenVinoTower
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam_small import CanvasSam, build_small_sam
from culture_perception.models.small_image_encoder import SmallSamConfig

pytest.importorskip("openvino")

TINY = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)


@pytest.fixture(scope="module")
def sam() -> CanvasSam:
    torch.manual_seed(0)
    model = build_small_sam(TINY)
    model.eval()
    return model


@pytest.mark.parametrize("images", [1, 5])
def test_a_clip_tower_gives_what_torch_gives(images: int) -> None:
    torch.manual_seed(0)
    tower = build_small_clip(small_clip_config(515, image_size=32)).visual
    pictures = torch.randn(images, 3, 32, 32)
    with torch.inference_mode():
        found = OpenVinoTower(tower, (32, 32), torch.float32, 1)(pictures)
        assert torch.allclose(found, tower(pictures), atol=1e-4)


def test_a_sam_encoder_gives_what_torch_gives_and_keeps_its_names(sam: CanvasSam) -> None:
    picture = torch.randn(1, 3, *sam.canvas_hw)
    tower = OpenVinoTower(sam.image_encoder, sam.canvas_hw, torch.float32, 1)
    with torch.inference_mode():
        embedding = tower(picture)
        assert torch.allclose(embedding, sam.image_encoder(picture), atol=1e-4)
        assert tower.dense_maps(embedding).shape[1] == 5
    assert tower.img_size == sam.image_encoder.img_size
    assert not list(tower.parameters())


def test_lower_precision_stays_near(sam: CanvasSam) -> None:
    picture = torch.randn(1, 3, *sam.canvas_hw)
    tower = OpenVinoTower(sam.image_encoder, sam.canvas_hw, torch.bfloat16, 1)
    with torch.inference_mode():
        found, expected = tower(picture), sam.image_encoder(picture)
    cosine = torch.nn.functional.cosine_similarity(found, expected, dim=1)
    assert cosine.min() > 0.99


def test_the_embedded_encoder_runs_on_it() -> None:
    crops = list(np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8))
    exact = Runtime(device="cpu", precision="float32", threads=1)
    on_torch = load_encoder(runtime=exact)
    on_openvino = load_encoder(runtime=replace(exact, backend="openvino"))
    assert on_openvino.name == on_torch.name
    rows = on_openvino.encode_images(crops)
    assert np.allclose(rows, on_torch.encode_images(crops), atol=1e-4)
