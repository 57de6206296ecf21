"""Images on the canvas of a Sam: what border they get, however thin they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from culture_perception.models.image_embedding import ImageEmbedder, with_border
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import build_small_sam
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything import modeling  # noqa: E402
from segment_anything.utils.transforms import ResizeLongestSide  # noqa: E402

SMALL = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)
EVERYTHING: dict[str, Any] = {
    "points_per_side": 4,
    "pred_iou_thresh": 0.0,
    "stability_score_thresh": 0.0,
    "box_nms_thresh": 1.0,
}


@pytest.mark.parametrize(
    ("image_hw", "canvas_hw", "bordered_hw"),
    [
        ((96, 128), (96, 128), (96, 128)),
        ((60, 100), (96, 128), (60, 100)),  # wider than the canvas: no border
        ((96, 96), (96, 128), (96, 128)),
        ((96, 96), None, (96, 96)),  # the canvas is a square
        ((1, 255), None, (1, 255)),  # 128 columns and half a row, which is rounded to one
        ((1, 257), None, (2, 257)),
        ((3, 5000), None, (20, 5000)),  # 39 rows become one: half of them are needed
        ((3, 5000), (96, 128), (20, 5000)),
        ((5000, 1), None, (5000, 20)),
        ((1, 1), (96, 128), (1, 2)),
    ],
)
def test_the_border_is_as_wide_as_needed(
    image_hw: tuple[int, int], canvas_hw: tuple[int, int] | None, bordered_hw: tuple[int, int]
) -> None:
    image = np.full((*image_hw, 3), 7, np.uint8)
    bordered = with_border(image, canvas_hw, 128)
    assert bordered.shape == (*bordered_hw, 3)
    assert (bordered == 7).all()  # the image, and a border of its mean colour
    assert 0 not in ResizeLongestSide.get_preprocess_shape(*bordered_hw, 128)


def test_what_segment_anything_can_resize_is_left_as_it_is() -> None:
    sizes = [(short, long) for short in (1, 2, 5, 20) for long in range(200, 6000, 37)]
    for size_hw in sizes:
        can = 0 not in ResizeLongestSide.get_preprocess_shape(*size_hw, 128)
        bordered = with_border(np.zeros((*size_hw, 3), np.uint8), None, 128)
        assert (bordered.shape[:2] == size_hw) is can
        shown = ResizeLongestSide.get_preprocess_shape(*bordered.shape[:2], 128)
        assert shown == (shown[0] if can else 1, 128)


def published() -> Any:
    return modeling.Sam(
        modeling.ImageEncoderViT(
            img_size=64, embed_dim=16, depth=1, num_heads=2, out_chans=16, global_attn_indexes=(0,)
        ),
        modeling.PromptEncoder(
            embed_dim=16, image_embedding_size=(4, 4), input_image_size=(64, 64), mask_in_chans=4
        ),
        modeling.MaskDecoder(
            transformer_dim=16,
            transformer=modeling.TwoWayTransformer(
                depth=1, embedding_dim=16, num_heads=2, mlp_dim=16
            ),
        ),
    ).eval()


@pytest.mark.parametrize("mode", ["exact", "fast"])
@pytest.mark.parametrize("kind", ["small", "published"])
@pytest.mark.parametrize("shape_hw", [(1, 2000), (1, 5000), (3, 5000), (5000, 1), (1, 1)])
def test_thin_images_have_masks_of_their_size(
    kind: str, mode: str, shape_hw: tuple[int, int]
) -> None:
    torch.manual_seed(0)
    sam = build_small_sam(SMALL).eval() if kind == "small" else published()
    torch.nn.init.constant_(sam.mask_decoder.iou_prediction_head.layers[-1].bias, 0.7)
    options = MaskGeneratorOptions().changed({**EVERYTHING, "mode": mode})
    image = np.random.default_rng(0).integers(0, 256, (*shape_hw, 3), dtype=np.uint8)

    segments = SamSegmenter(sam, kind, options, Runtime(device="cpu")).segment(image)

    assert {segment.mask.shape for segment in segments} <= {shape_hw}
    if kind == "published":  # the small one's random heads say nothing on some of them
        assert segments


def test_the_part_of_the_canvas_that_a_thin_image_fills_is_without_its_border() -> None:
    embedded = ImageEmbedder(build_small_sam(SMALL).eval()).embed(np.zeros((3, 5000, 3), np.uint8))
    assert (embedded.bordered_hw, embedded.input_hw) == ((20, 5000), (1, 128))
    assert embedded.filled_hw == pytest.approx((3 / 20, 128))
