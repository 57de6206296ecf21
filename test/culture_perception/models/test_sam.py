"""The small Sam and the segmenter adapter, with random weights: shapes, order, bad input."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from culture_perception.models.edges import snap_to_edges
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal, PackedMask
from culture_perception.models.point_prompts import centre_points
from culture_perception.models.refinement import without_duplicates
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import CanvasSam, build_small_sam, set_canvas
from culture_perception.models.small_image_encoder import SmallSamConfig

TINY = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)
EVERYTHING = MaskGeneratorOptions(
    points_per_side=4, pred_iou_thresh=0.0, stability_score_thresh=0.0, box_nms_thresh=1.0
)


@pytest.fixture(scope="module")
def sam() -> CanvasSam:
    torch.manual_seed(0)
    model = build_small_sam(TINY)
    # Random IoU heads may predict less than 0, which would filter every mask.
    torch.nn.init.constant_(model.mask_decoder.iou_prediction_head.layers[-1].bias, 0.7)
    model.eval()
    return model


@pytest.fixture
def image() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 255, (96, 128, 3), dtype=np.uint8)


def square(x: int, y: int, side: int, score: float = 0.5, stability: float = 1.0) -> MaskProposal:
    packed = PackedMask.of(np.ones((side, side), np.bool_), x, y)
    return MaskProposal(packed, packed.box, score, stability, (0.0, 0.0), (0, 0, 40, 40))


@pytest.mark.parametrize(
    "shape_hw",
    [(96, 128), (480, 640), (90, 160), (128, 96), (100, 100), (37, 61), (61, 37)],
    ids=["canvas", "4:3", "16:9", "portrait", "square", "odd", "odd portrait"],
)
def test_masks_have_the_shape_of_the_image(sam: CanvasSam, shape_hw: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (*shape_hw, 3), dtype=np.uint8)

    segments = SamSegmenter(sam, "tiny", EVERYTHING).segment(picture)

    assert segments
    assert {segment.mask.shape for segment in segments} == {shape_hw}
    assert all(segment.mask.dtype == np.bool_ and segment.area > 0 for segment in segments)


def test_segments_come_best_first(sam: CanvasSam, image: Any) -> None:
    scores = [s.predicted_iou for s in SamSegmenter(sam, "tiny", EVERYTHING).segment(image)]

    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"pred_iou_thresh": 1.0},
        {"pred_iou_thresh": 1.0, "crop_n_layers": 1},
        {"min_area": 10**6},
        {"max_area_share": 0.0},
    ],
)
def test_nothing_found_is_an_empty_list(
    sam: CanvasSam, image: Any, changes: dict[str, object]
) -> None:
    assert SamSegmenter(sam, "tiny", EVERYTHING.changed(changes)).segment(image) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"crop_n_layers": 1},
        {"centre_prompts": True, "points_per_side": 0},
        {"centre_prompts": True, "centre_threshold": 1.0, "points_per_side": 0},
        {"snap_edges": True, "mask_nms_thresh": 0.5},
        {"min_mask_region_area": 9},
    ],
    ids=["crops", "centres", "no centre found", "snapped", "regions"],
)
def test_options_reach_the_generator(
    sam: CanvasSam, image: Any, changes: dict[str, object]
) -> None:
    segments = SamSegmenter(sam, "tiny", EVERYTHING.changed(changes)).segment(image)

    assert all(segment.mask.shape == (96, 128) for segment in segments)


def test_an_image_without_pixels_has_no_segments(sam: CanvasSam) -> None:
    assert SamSegmenter(sam, "tiny", EVERYTHING).segment(np.zeros((0, 5, 3), np.uint8)) == []


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 3), np.float32),
    ],
    ids=["grey", "alpha", "float"],
)
def test_other_pictures_are_refused(sam: CanvasSam, bad: Any) -> None:
    with pytest.raises(ValueError, match=r"give RGB as \(H, W, 3\) uint8"):
        SamSegmenter(sam, "tiny", EVERYTHING).segment(bad)


def test_centre_prompts_need_a_dense_head(sam: CanvasSam) -> None:
    from segment_anything.modeling import Sam

    plain = Sam(sam.image_encoder, sam.prompt_encoder, sam.mask_decoder)

    with pytest.raises(ValueError, match="has no dense head"):
        SamSegmenter(plain, "plain", MaskGeneratorOptions(centre_prompts=True))


def test_weights_do_not_depend_on_the_canvas(sam: CanvasSam, image: Any) -> None:
    larger = build_small_sam(TINY)
    larger.load_state_dict(sam.state_dict())
    set_canvas(larger, 192).eval()

    assert SamSegmenter(larger, "larger", EVERYTHING).segment(image)


def test_dense_maps_have_five_channels_at_stride_4(sam: CanvasSam) -> None:
    embedding = sam.image_encoder(torch.zeros(2, 3, 96, 128))

    assert embedding.shape == (2, 32, 6, 8)
    assert sam.image_encoder.dense_maps(embedding).shape == (2, 5, 24, 32)


def test_an_image_larger_than_the_canvas_is_refused(sam: CanvasSam) -> None:
    with pytest.raises(ValueError, match="image 128x100 is larger than the canvas 128x96"):
        sam.preprocess(torch.zeros(3, 100, 128))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"image_size": 100}, "positive multiple of 64"),
        ({"image_size": 0}, "positive multiple of 64"),
        ({"widths": (8, 8, 32)}, "give four"),
        ({"widths": (8, 8, 16, 40)}, "multiple of 32"),
        ({"channels": 20}, "multiple of 16"),
    ],
)
def test_architectures_that_cannot_be_are_refused(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SmallSamConfig(**values)


def test_architecture_survives_json() -> None:
    assert SmallSamConfig.from_json({**TINY.to_json(), "widths": [8, 8, 16, 32]}) == TINY
    with pytest.raises(ValueError, match=r"unknown architecture keys \['heads'\]"):
        SmallSamConfig.from_json({"heads": 3})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"points": 3}, "unknown segmenter options"),
        ({"points_per_side": 0}, "or 0 with centre_prompts"),
        ({"points_per_side": -1}, "give 1 or more"),
        ({"points_per_batch": 0}, "give 1 or more"),
        ({"pred_iou_thresh": 1.5}, "give 0 to 1"),
        ({"min_area": "9"}, "give a int"),
        ({"snap_edges": 1}, "give a bool"),
        ({"min_area": True}, "give a int"),
    ],
)
def test_options_that_cannot_be_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MaskGeneratorOptions().changed(values)


def test_an_integer_serves_as_a_float_option() -> None:
    assert MaskGeneratorOptions().changed({"box_nms_thresh": 1}).box_nms_thresh == 1.0


@pytest.mark.parametrize(
    ("segments", "kept", "reason"),
    [
        ([], [], "nothing"),
        ([square(0, 0, 10), square(0, 0, 10)], [0], "the second repeats the first"),
        ([square(0, 0, 10), square(20, 20, 10)], [0, 1], "apart"),
        ([square(0, 0, 20), square(0, 0, 10)], [0, 1], "a part covers .25 of the whole"),
        ([square(0, 0, 20), square(2, 0, 20), square(4, 0, 20)], [0, 2], "neighbours only"),
    ],
)
def test_duplicates_of_better_masks_go(
    segments: Sequence[MaskProposal], kept: list[int], reason: str
) -> None:
    unique = without_duplicates(segments, 0.7)

    assert [[item is other for other in segments].index(True) for item in unique] == kept, reason


def test_the_better_of_two_is_the_one_of_higher_product() -> None:
    sure = square(0, 0, 20, score=0.8, stability=0.5)
    stable = square(1, 0, 20, score=0.7, stability=0.9)

    assert without_duplicates([sure, stable], 0.5) == [stable]
    assert without_duplicates([sure, stable], 1.0) == [sure, stable]


def test_what_stays_keeps_its_order() -> None:
    small, large, repeated = square(0, 0, 5), square(20, 20, 10, 0.9), square(0, 0, 5, 0.4)

    assert without_duplicates([small, large, repeated], 0.7) == [small, large]
    assert without_duplicates([repeated, large, small], 0.7) == [large, small]


def test_centres_are_local_maxima_best_first() -> None:
    logits = torch.full((6, 8), -9.0)
    logits[1, 2], logits[1, 3], logits[4, 6] = 1.0, 0.5, 2.0

    points = centre_points(logits, (24, 32), threshold=0.5, limit=9)

    # Cells (6, 4) and (2, 1) of four pixels each; (3, 1) is beside a higher one.
    assert points.tolist() == [[26 / 32, 18 / 24], [10 / 32, 6 / 24]]
    assert len(centre_points(logits, (24, 32), threshold=0.5, limit=1)) == 1
    assert centre_points(logits, (24, 32), threshold=0.95, limit=9).shape == (0, 2)


def test_centres_on_the_border_beside_the_image_are_dropped() -> None:
    logits = torch.full((6, 8), -9.0)
    logits[1, 7] = 3.0

    assert centre_points(logits, (24, 20), threshold=0.5, limit=9).shape == (0, 2)


def test_snapping_moves_an_edge_to_the_colour_edge() -> None:
    picture = np.full((60, 60, 3), 30, np.uint8)
    picture[20:40, 20:40] = 220
    shifted = np.zeros((60, 60), np.bool_)
    shifted[20:40, 22:42] = True

    snapped = snap_to_edges(shifted, picture)

    wrong_before = np.count_nonzero(shifted != (picture[..., 0] > 100))
    wrong_after = np.count_nonzero(snapped != (picture[..., 0] > 100))
    assert wrong_after < wrong_before / 2
    assert not snap_to_edges(np.zeros((60, 60), np.bool_), picture).any()


def test_the_models_can_be_imported_from_anywhere(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import culture_perception.models.sam as s; print(s.SamSegmenter.__name__)"
    root = Path(__file__).parents[3]
    environment = {"PYTHONPATH": str(root), "PATH": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "SamSegmenter", done.stderr


def test_out_of_memory_takes_fewer_prompts_at_once_and_says_so(
    image: np.ndarray[Any, np.dtype[np.uint8]], holds_at_most: Callable[[int], Any]
) -> None:
    torch.manual_seed(0)
    small = build_small_sam(TINY)
    torch.nn.init.constant_(small.mask_decoder.iou_prediction_head.layers[-1].bias, 0.7)
    segmenter = SamSegmenter(small, "tiny", EVERYTHING, Runtime(device="cpu"))
    expected = segmenter.segment(image)
    assert segmenter.notice == ""

    small.mask_decoder.iou_prediction_head.register_forward_pre_hook(holds_at_most(9))
    found = segmenter.segment(image)

    assert [item.area for item in found] == [item.area for item in expected]
    assert "batches of 8 instead of 64" in segmenter.notice
