"""The masks that random weights are given."""

import numpy as np
import pytest
import torch

from culture_perception.bench.random_sam import CONFIDENT_SHARE, make_object_like
from culture_perception.masks import Uint8Array, pairwise_iou
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import (  # noqa: E402
    ImageEncoderViT,
    MaskDecoder,
    PromptEncoder,
    Sam,
    TwoWayTransformer,
)

CHANNELS = 128


def small_sam() -> Sam:
    """segment-anything's architecture, small."""
    torch.manual_seed(0)
    encoder = ImageEncoderViT(
        img_size=256, embed_dim=32, depth=1, num_heads=2, out_chans=CHANNELS, global_attn_indexes=()
    )
    prompts = PromptEncoder(CHANNELS, (16, 16), (256, 256), mask_in_chans=16)
    transformer = TwoWayTransformer(depth=2, embedding_dim=CHANNELS, num_heads=8, mlp_dim=64)
    decoder = MaskDecoder(transformer_dim=CHANNELS, transformer=transformer)
    return Sam(encoder, prompts, decoder).eval()


@pytest.fixture(scope="module")
def image() -> Uint8Array:
    """Coarse noise."""
    coarse = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    return coarse.repeat(16, axis=0).repeat(16, axis=1)


def test_masks_lie_around_their_prompts(image: Uint8Array) -> None:
    sam = small_sam()
    pass_share = make_object_like(sam, image)
    assert 0.05 < pass_share <= CONFIDENT_SHARE
    segments = SamSegmenter(
        sam, "random", MaskGeneratorOptions(points_per_side=8), Runtime("cpu")
    ).segment(image)
    masks = [segment.mask for segment in segments]
    assert len(masks) > 10
    areas = np.array([mask.mean() for mask in masks])
    assert 0.01 < np.median(areas) < 0.3
    # They are where the prompts are: over the picture, and no two the same.
    assert np.logical_or.reduce(masks).mean() > 0.5
    assert np.triu(pairwise_iou(masks, masks), 1).max() < 1.0


def test_the_same_seed_gives_the_same_weights(image: Uint8Array) -> None:
    weights = []
    for sam in (small_sam(), small_sam()):
        torch.manual_seed(1)
        make_object_like(sam, image)
        weights.append(sam.state_dict())
    assert all(torch.equal(weights[0][key], value) for key, value in weights[1].items())
