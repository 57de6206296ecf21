"""The mask generator's exact mode against segment-anything's own, on the same weights.

Both are in double precision here: in single precision, two right ways to add up the same numbers
differ by 1e-7, and a pixel or two a mask with them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from culture_perception.masks import Uint8Array, pairwise_iou
from culture_perception.models.mask_generator import MaskGenerator
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import CanvasSam, build_small_sam, set_canvas
from culture_perception.models.segmenter_files import load_small_sam, read_description
from culture_perception.models.shared_decoder import SharedDecoder
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Segment
from culture_perception.resources import share_path

ensure_torchvision()

from segment_anything import SamAutomaticMaskGenerator  # noqa: E402
from segment_anything.modeling import (  # noqa: E402
    ImageEncoderViT,
    MaskDecoder,
    PromptEncoder,
    Sam,
    TwoWayTransformer,
)
from segment_anything.modeling.prompt_encoder import PositionEmbeddingRandom  # noqa: E402

TINY = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)
PUBLISHED = (
    "points_per_side",
    "points_per_batch",
    "pred_iou_thresh",
    "stability_score_thresh",
    "stability_score_offset",
    "box_nms_thresh",
    "crop_n_layers",
    "crop_nms_thresh",
    "crop_overlap_ratio",
    "crop_n_points_downscale_factor",
    "min_mask_region_area",
)
OPTIONS = MaskGeneratorOptions(
    points_per_side=5, points_per_batch=7, pred_iou_thresh=0.6, box_nms_thresh=0.95
)


class DoublePositions(PositionEmbeddingRandom):  # type: ignore[misc]
    """Without it the published prompt encoder cannot be in double precision."""

    def _pe_encoding(self, coords: torch.Tensor) -> torch.Tensor:
        encoded: torch.Tensor = super()._pe_encoding(coords.double())
        return encoded


def sensitive(sam: Sam) -> None:
    """Let masks depend on where the prompt is: random cells hardly attend to it otherwise."""
    for layer in sam.mask_decoder.transformer.layers:
        for attention in (layer.cross_attn_image_to_token, layer.cross_attn_token_to_image):
            torch.nn.init.orthogonal_(attention.q_proj.weight, 2.0)
            attention.k_proj.weight.data.copy_(attention.q_proj.weight)
            attention.out_proj.weight.data *= 6.0
    sam.mask_decoder.transformer.final_attn_token_to_image.out_proj.weight.data *= 6.0


def in_double(sam: Sam) -> Sam:
    """A model in double precision."""
    positions = DoublePositions(sam.prompt_encoder.embed_dim // 2)
    positions.load_state_dict(sam.prompt_encoder.pe_layer.state_dict())
    sam.prompt_encoder.pe_layer = positions
    sensitive(sam)
    sam.double().eval()
    return sam


def small_sam(seed: int) -> CanvasSam:
    torch.manual_seed(seed)
    sam = build_small_sam(TINY)
    in_double(sam)
    return sam


def square_sam(seed: int) -> Sam:
    """segment-anything's own `Sam`, as `build_sam` makes it, but small."""
    torch.manual_seed(seed)
    encoder = ImageEncoderViT(
        img_size=128,
        patch_size=16,
        embed_dim=32,
        depth=2,
        num_heads=2,
        out_chans=32,
        qkv_bias=True,
        use_rel_pos=True,
        window_size=3,
        global_attn_indexes=[1],
    )
    prompts = PromptEncoder(
        embed_dim=32, image_embedding_size=(8, 8), input_image_size=(128, 128), mask_in_chans=16
    )
    transformer = TwoWayTransformer(depth=2, embedding_dim=32, mlp_dim=64, num_heads=4)
    decoder = MaskDecoder(transformer_dim=32, transformer=transformer, iou_head_hidden_dim=32)
    return in_double(Sam(encoder, prompts, decoder))


def realistic(sam: Sam, image: Uint8Array, changes: Mapping[str, object]) -> MaskGeneratorOptions:
    """Options by which a random model finds small masks of which about half pass each filter.

    Random logits have no meaning at 0: the cut becomes one of their upper percentiles.
    """
    torch.nn.init.zeros_(sam.mask_decoder.iou_prediction_head.layers[-1].bias)
    with torch.no_grad():
        predictor = SamAutomaticMaskGenerator(sam).predictor
        predictor.set_image(image)
        points = torch.rand(16, 1, 2) * torch.tensor([128.0, 64.0])
        logits, predicted, _ = predictor.predict_torch(
            points, torch.ones(16, 1), multimask_output=True, return_logits=True
        )
        sam.mask_decoder.iou_prediction_head.layers[-1].bias += 0.6 - predicted.quantile(0.4)
    sam.mask_threshold = float(logits.quantile(0.99))
    offset = 0.1 * float(logits.std())
    return OPTIONS.changed(
        {"stability_score_offset": offset, "stability_score_thresh": 0.4, **changes}
    )


def picture(shape_hw: tuple[int, int], seed: int = 0) -> Uint8Array:
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 255, (7, 9, 3)).astype(np.uint8)
    rows = np.linspace(0, 6.999, shape_hw[0]).astype(int)
    columns = np.linspace(0, 8.999, shape_hw[1]).astype(int)
    fine: Uint8Array = coarse[rows][:, columns]
    return fine


def published(sam: Sam, options: MaskGeneratorOptions, image: Uint8Array) -> list[dict[str, Any]]:
    values: Mapping[str, Any] = {name: getattr(options, name) for name in PUBLISHED}
    records: list[dict[str, Any]] = SamAutomaticMaskGenerator(sam, **values).generate(image)
    return records


def check_equal(
    found: list[MaskProposal], expected: list[dict[str, Any]], image: Uint8Array
) -> None:
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours.mask(image.shape[:2]), theirs["segmentation"])
        assert ours.predicted_iou == pytest.approx(theirs["predicted_iou"], abs=1e-5)
        assert ours.stability == pytest.approx(theirs["stability_score"], abs=1e-5, nan_ok=True)
        assert [list(ours.point_xy)] == theirs["point_coords"]
        assert xywh(ours.corners) == theirs["bbox"]
        assert xywh(ours.crop_box) == theirs["crop_box"]


def xywh(box: tuple[int, int, int, int]) -> list[int]:
    x0, y0, x1, y1 = box
    return [x0, y0, x1 - x0, y1 - y0]


CASES: Sequence[Mapping[str, object]] = (
    {},
    {"points_per_batch": 1},
    {"crop_n_layers": 1},
    {"crop_n_layers": 2, "crop_n_points_downscale_factor": 2, "crop_nms_thresh": 0.3},
    {"min_mask_region_area": 60},
    {"crop_n_layers": 1, "min_mask_region_area": 30, "crop_overlap_ratio": 0.6},
    {"box_nms_thresh": 0.8, "stability_score_thresh": 0.6},
    {"pred_iou_thresh": 0.0, "stability_score_thresh": 0.0},
)


@pytest.mark.parametrize(("build", "seed"), [(small_sam, 2), (square_sam, 0), (square_sam, 2)])
def test_it_finds_what_the_published_one_finds(build: Any, seed: int) -> None:
    sam, image = build(seed), picture((80, 160), seed)
    found_in_all = 0

    for changes in CASES:
        options = realistic(sam, image, changes)
        expected = published(sam, options, image)
        check_equal(MaskGenerator(sam, options).generate(image), expected, image)
        found_in_all += len(expected)

    assert found_in_all > 2 * len(CASES)


@pytest.mark.parametrize(
    ("build", "shape_hw"),
    [(small_sam, (80, 160)), (square_sam, (80, 160)), (square_sam, (150, 90))],
)
def test_the_segmenter_gives_the_same_masks_order_and_scores(
    build: Any, shape_hw: tuple[int, int]
) -> None:
    sam, image = build(2), picture(shape_hw, 2)
    above_one = empty = 0

    for changes in CASES:
        options = realistic(sam, image, changes)
        with torch.no_grad():  # published heads predict more than 1, too
            sam.mask_decoder.iou_prediction_head.layers[-1].bias += 0.4
        expected = published(sam, options, image)
        segments = SamSegmenter(sam, "random", options, Runtime("cpu")).segment(image)
        with_pixels = [record for record in expected if record["area"]]
        check_segments(segments, with_pixels)
        above_one += sum(record["predicted_iou"] > 1 for record in with_pixels)
        empty += len(expected) - len(with_pixels)

    assert above_one > len(CASES)
    if build is square_sam:
        assert empty > 0


def check_segments(segments: list[Segment], expected: list[dict[str, Any]]) -> None:
    assert len(segments) == len(expected)
    for ours, theirs in zip(segments, expected, strict=True):
        assert np.array_equal(ours.mask, theirs["segmentation"])
        assert ours.predicted_iou == pytest.approx(theirs["predicted_iou"], abs=1e-5)
        assert ours.stability == pytest.approx(theirs["stability_score"], abs=1e-5)


@pytest.mark.parametrize("shape_hw", [(2, 90), (1, 40), (70, 3)])
def test_crops_without_a_pixel_are_left_out(shape_hw: tuple[int, int]) -> None:
    options = MaskGeneratorOptions(
        points_per_side=4, pred_iou_thresh=0.0, stability_score_thresh=0.0, crop_n_layers=2
    )
    for proposal in MaskGenerator(square_sam(0), options).generate(picture(shape_hw)):
        assert proposal.mask(shape_hw).shape == shape_hw


@pytest.mark.parametrize(
    "shape_hw",
    [(96, 128), (1, 1), (3, 200), (90, 7), (61, 37), (300, 300)],
    ids=["canvas", "pixel", "wide", "high", "odd", "square"],
)
def test_images_of_any_shape(shape_hw: tuple[int, int]) -> None:
    sam, image = square_sam(2), picture(shape_hw)
    options = realistic(sam, image, {"stability_score_thresh": 0.0})

    expected = published(sam, options, image)

    assert expected
    check_equal(MaskGenerator(sam, options).generate(image), expected, image)


@settings(max_examples=10)
@given(
    points=st.integers(1, 5),
    batch=st.integers(1, 9),
    pred_iou=st.floats(0.0, 0.7),
    stability=st.floats(0.0, 0.8),
    box_nms=st.floats(0.5, 1.0),
    layers=st.integers(0, 1),
    overlap=st.floats(0.1, 0.6),
    area=st.sampled_from([0, 1, 20]),
)
def test_any_options(
    points: int,
    batch: int,
    pred_iou: float,
    stability: float,
    box_nms: float,
    layers: int,
    overlap: float,
    area: int,
) -> None:
    sam, image = square_sam(2), picture((60, 90))
    options = realistic(
        sam,
        image,
        {
            "points_per_side": points,
            "points_per_batch": batch,
            "pred_iou_thresh": pred_iou,
            "stability_score_thresh": stability,
            "box_nms_thresh": box_nms,
            "crop_n_layers": layers,
            "crop_overlap_ratio": overlap,
            "min_mask_region_area": area,
        },
    )

    try:
        expected = published(sam, options, image)
    except (IndexError, RuntimeError, KeyError):
        expected = []  # the published one cannot take it that all crops are empty
    found = MaskGenerator(sam, options).generate(image)

    check_equal(found, expected, image)


def test_the_trained_model_in_its_own_precision() -> None:
    """Two ways to add up the same numbers in single precision may differ in a pixel a mask."""
    sam = embedded_sam()
    image = np.asarray(cv2.resize(scene(), (320, 240)), np.uint8)
    options = OPTIONS.changed({"stability_score_offset": 0.05, "stability_score_thresh": 0.8})

    expected = published(sam, options, image)
    found = MaskGenerator(sam, options).generate(image)

    assert len(found) == len(expected) > 3
    for ours, theirs in zip(found, expected, strict=True):
        differing = ours.mask((240, 320)) != theirs["segmentation"]
        assert np.count_nonzero(differing) <= 1
        assert ours.predicted_iou == pytest.approx(theirs["predicted_iou"], abs=1e-5)
        assert ours.stability == pytest.approx(theirs["stability_score"], abs=2e-3)
        assert [list(ours.point_xy)] == theirs["point_coords"]


def embedded_sam() -> CanvasSam:
    path = share_path("models", "segmenter.safetensors")
    return set_canvas(load_small_sam(path, read_description(path.with_suffix(".json"))), 256)


def scene() -> Uint8Array:
    """Boxes with labels on a plain table."""
    image = np.full((480, 640, 3), (150, 140, 130), np.uint8)
    for x, y, colour in (
        (220, 200, (200, 40, 40)),
        (380, 240, (40, 60, 190)),
        (60, 300, (30, 160, 60)),
    ):
        cv2.rectangle(image, (x, y), (x + 90, y + 100), colour, -1)
        cv2.rectangle(image, (x + 15, y + 20), (x + 70, y + 45), (235, 235, 225), -1)
    return image


@torch.no_grad()
def test_the_decoder_of_the_published_size() -> None:
    """ViT-B, L and H share it: 256 channels, 64 x 64 cells."""
    torch.manual_seed(0)
    prompts = PromptEncoder(256, (64, 64), (1024, 1024), 16)
    transformer = TwoWayTransformer(depth=2, embedding_dim=256, mlp_dim=2048, num_heads=8)
    decoder = MaskDecoder(transformer_dim=256, transformer=transformer).eval()
    embedding, position = torch.randn(1, 256, 64, 64), prompts.get_dense_pe()
    points = torch.tensor([[[100.0, 900.0]], [[600.0, 30.0]]]), torch.ones(2, 1)
    sparse, dense = prompts(points=points, boxes=None, masks=None)
    expected, expected_iou = decoder(embedding, position, sparse, dense, multimask_output=True)

    shared = SharedDecoder(decoder)
    decoded = shared.decode(shared.share(embedding, position, prompts.no_mask_embed.weight), sparse)
    wanted = torch.tensor([[False, True, False], [True, False, True]])

    assert torch.allclose(decoded.predicted_iou, expected_iou, atol=1e-6)
    assert torch.allclose(shared.masks(decoded, wanted), expected[wanted], atol=1e-5)
    assert shared.masks(decoded, torch.zeros_like(wanted)).shape == (0, 256, 256)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_weights_of_less_precision(dtype: torch.dtype) -> None:
    image = np.asarray(cv2.resize(scene(), (320, 240)), np.uint8)
    options = OPTIONS.changed({"stability_score_offset": 0.05, "stability_score_thresh": 0.8})
    exact = MaskGenerator(embedded_sam(), options).generate(image)
    reduced = embedded_sam()
    reduced.image_encoder.to(dtype)
    reduced.mask_decoder.to(dtype)

    found = MaskGenerator(reduced, options).generate(image)

    overlap = pairwise_iou([m.mask((240, 320)) for m in exact], [m.mask((240, 320)) for m in found])
    assert (overlap.max(axis=1) > 0.8).all()
