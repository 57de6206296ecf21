"""Training must decode prompts exactly as inference does, but for the precision."""

import numpy as np
import pytest
import torch

from culture_perception.models.sam_small import CanvasSam, build_small_sam
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.training.segmenter_decoding import decode_prompts
from culture_perception.training.segmenter_targets import Batch

TINY = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)


@pytest.fixture(scope="module")
def sam() -> CanvasSam:
    torch.manual_seed(0)
    model = build_small_sam(TINY)
    model.eval()
    return model


def batch_of(corners: list[list[list[float]]], is_box: list[bool]) -> Batch:
    """One image with the given prompts; what decoding does not read is empty."""
    empty = torch.zeros(0)
    stacked = torch.tensor([corners], dtype=torch.float32)
    return Batch(empty, stacked, torch.tensor([is_box]), empty, empty, empty)


def test_a_point_and_a_box_are_decoded_as_at_inference(sam: CanvasSam) -> None:
    generator = torch.Generator().manual_seed(1)
    embedding = torch.randn(1, 32, 6, 8, generator=generator)
    point, box = [[40.5, 30.5], [40.5, 30.5]], [[10.0, 20.0], [60.0, 70.0]]

    with torch.no_grad():
        logits, predicted = decode_prompts(sam, embedding, batch_of([point, box], [False, True]))
        encode = sam.prompt_encoder
        at = torch.tensor([[[40.5, 30.5]]])
        prompts = [
            encode(points=(at, torch.ones(1, 1, dtype=torch.int)), boxes=None, masks=None),
            encode(points=None, boxes=torch.tensor([[10.0, 20.0, 60.0, 70.0]]), masks=None),
        ]
        expected = [
            sam.mask_decoder.predict_masks(embedding, encode.get_dense_pe(), sparse, dense)
            for sparse, dense in prompts
        ]

    assert logits.shape == (1, 2, 4, 24, 32)
    assert predicted.shape == (1, 2, 4)
    for index, (masks, iou) in enumerate(expected):
        scale = float(masks.abs().max())
        assert np.allclose(logits[0, index], masks[0], atol=0.05 * scale)
        assert np.allclose(predicted[0, index], iou[0], atol=0.02)
