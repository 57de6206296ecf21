"""A device without room for a model when it is loaded: the CPU, in the precision asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from culture_perception.models import runtime
from culture_perception.models.clip import ClipEncoder
from culture_perception.models.clip_small import (
    PREPROCESSING,
    build_small_clip,
    small_clip_config,
)
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Precision, Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import CanvasSam, build_small_sam
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from open_clip.transform import PreprocessCfg  # noqa: E402

SMALL = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)
EVERYTHING = MaskGeneratorOptions(
    points_per_side=4, pred_iou_thresh=0.0, stability_score_thresh=0.0, box_nms_thresh=1.0
)
NOTICE = "out of memory on meta: computing on the CPU, which is slower (CUDA out of memory)"


class FullDevice(Runtime):
    """As a GPU that is there, and has no room for anything."""

    def torch_device(self) -> torch.device:
        return torch.device("cpu" if self.device == "cpu" else "meta")

    def dtype(self, reduced: bool = False) -> torch.dtype:
        if self.device != "cpu" and self.precision == "auto" and reduced:
            return torch.float16
        return super().dtype(reduced)


@pytest.fixture(autouse=True)
def _no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    apply = nn.Module.to

    def to(self: nn.Module, *args: Any, **options: Any) -> nn.Module:
        if torch.device("meta") in args:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return apply(self, *args, **options)

    monkeypatch.setattr(nn.Module, "to", to)
    # As of a CPU for which "auto" is not float32.
    monkeypatch.setattr(runtime, "cpu_has_bfloat16", lambda: True)


def encoder(precision: Precision, kind: type[Runtime]) -> ClipEncoder:
    torch.manual_seed(0)
    model = build_small_clip(small_clip_config(515, image_size=32))
    preprocess = PreprocessCfg(**{"size": (32, 32), **PREPROCESSING})

    def tokens(texts: list[str]) -> torch.Tensor:
        return torch.ones((len(texts), 77), dtype=torch.int64)

    return ClipEncoder(model, tokens, preprocess, "small", runtime=kind(precision=precision))


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        ("float32", torch.float32),
        ("bfloat16", torch.bfloat16),
        ("auto", torch.bfloat16),
        ("float16", torch.float32),  # which CPUs do not have
    ],
)
def test_an_encoder_is_on_the_cpu_in_the_precision_asked_for(
    precision: Precision, expected: torch.dtype
) -> None:
    moved = encoder(precision, FullDevice)
    assert moved.notice == NOTICE
    assert {value.dtype for value in moved.model.visual.parameters()} == {expected}
    assert {value.device.type for value in moved.model.parameters()} == {"cpu"}
    crops = list(np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8))
    rows = moved.encode_images(crops)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    if expected == torch.float32 == Runtime(device="cpu").dtype():
        at_home = encoder("float32", Runtime)
        assert np.allclose(rows, at_home.encode_images(crops), atol=1e-6)


def test_an_encoder_that_found_room_gives_no_notice() -> None:
    assert load_encoder(runtime=Runtime(device="cpu", threads=1)).notice == ""


@pytest.fixture
def sam() -> CanvasSam:
    torch.manual_seed(0)
    model = build_small_sam(SMALL)
    torch.nn.init.constant_(model.mask_decoder.iou_prediction_head.layers[-1].bias, 0.7)
    model.eval()
    return model


@pytest.mark.parametrize(
    ("precision", "mode", "expected"),
    [
        ("auto", "exact", torch.float32),
        ("auto", "fast", torch.bfloat16),
        ("float32", "fast", torch.float32),
        ("float16", "fast", torch.float32),
        ("bfloat16", "exact", torch.bfloat16),
    ],
)
def test_a_segmenter_is_on_the_cpu_and_works(
    sam: CanvasSam, precision: Precision, mode: str, expected: torch.dtype
) -> None:
    segmenter = SamSegmenter(
        sam, "small", EVERYTHING.changed({"mode": mode}), FullDevice(precision=precision)
    )
    assert segmenter.notice == NOTICE
    assert next(segmenter._sam.mask_decoder.parameters()).dtype == expected
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    assert segmenter.segment(image)
    # The caller's own stays as it is, whatever is made of it.
    assert next(sam.mask_decoder.parameters()).dtype == torch.float32


def test_less_precision_is_taken_before_the_device_is(
    sam: CanvasSam, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the device would hold the weights in both precisions at once."""
    moved: list[torch.dtype] = []
    to = nn.Module.to

    def seen(self: nn.Module, *args: Any, **options: Any) -> nn.Module:
        if isinstance(self, CanvasSam):
            moved.append(next(self.mask_decoder.parameters()).dtype)
        return to(self, *args, **options)

    monkeypatch.setattr(nn.Module, "to", seen)
    SamSegmenter(sam, "small", EVERYTHING, Runtime(device="cpu", precision="bfloat16"))
    assert moved == [torch.bfloat16]
