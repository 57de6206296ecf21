"""The mask generator's fast mode: what it leaves out, and what that may cost."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch

from culture_perception.masks import Uint8Array, pairwise_iou
from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.low_resolution_filters import UncertainBox
from culture_perception.models.mask_filters import Cuts, DecodedMasks
from culture_perception.models.mask_generator import MaskGenerator
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.point_cover import PointCover
from culture_perception.models.point_prompts import coarse_to_fine
from culture_perception.models.sam_small import CanvasSam, set_canvas
from culture_perception.models.segmenter_files import load_small_sam, read_description
from culture_perception.models.small_masks import SmallMasks
from culture_perception.resources import share_path

OPTIONS = MaskGeneratorOptions(
    points_per_side=8,
    pred_iou_thresh=0.6,
    stability_score_thresh=0.8,
    stability_score_offset=0.05,
)
CUTS = Cuts(mask=0.0, high=0.5, low=-0.5, least_stability=0.5)


def image_of(image_hw: tuple[int, int]) -> EmbeddedImage:
    """An image on a canvas of 32 x 32 pixels, whose upper half it fills."""
    return EmbeddedImage(torch.zeros(1), image_hw, image_hw, (16, 32), (32, 32))


def small_logits(*boxes: tuple[int, int, int, int]) -> torch.Tensor:
    """Logits of 1 inside boxes of cells, -1 outside."""
    logits = torch.full((len(boxes), 8, 8), -1.0)
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        logits[index, y0:y1, x0:x1] = 1.0
    return logits


def decoded(small: torch.Tensor, iou: list[float], points: list[list[float]]) -> DecodedMasks:
    return DecodedMasks(small, torch.tensor(iou), np.array(points, np.float64))


def embedded_sam() -> CanvasSam:
    path = share_path("models", "segmenter.safetensors")
    return set_canvas(load_small_sam(path, read_description(path.with_suffix(".json"))), 256)


def scene() -> Uint8Array:
    image = np.full((240, 320, 3), (150, 140, 130), np.uint8)
    cv2.rectangle(image, (110, 100), (155, 150), (200, 40, 40), -1)
    cv2.rectangle(image, (190, 120), (235, 170), (40, 60, 190), -1)
    return image


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"skip_covered_points": False},
        {"low_resolution_filters": False},
        {"crop_n_layers": 1},
    ],
    ids=lambda changes: "-".join(changes) or "both",
)
def test_it_finds_nearly_what_the_exact_mode_finds(changes: dict[str, object]) -> None:
    image, options = scene(), OPTIONS.changed(changes)

    exact = MaskGenerator(embedded_sam(), options).generate(image)
    fast = MaskGenerator(embedded_sam(), options.changed({"mode": "fast"})).generate(image)

    sure = [item.mask((240, 320)) for item in exact if item.predicted_iou > 0.85]
    assert sure
    overlaps = pairwise_iou(sure, [item.mask((240, 320)) for item in fast])
    assert (overlaps.max(axis=1) > 0.7).all()


def test_without_its_approximations_it_is_exact() -> None:
    changes = {"mode": "fast", "low_resolution_filters": False, "skip_covered_points": False}

    exact = MaskGenerator(embedded_sam(), OPTIONS).generate(scene())
    fast = MaskGenerator(embedded_sam(), OPTIONS.changed(changes)).generate(scene())

    assert len(fast) == len(exact) > 1
    for ours, theirs in zip(fast, exact, strict=True):
        assert np.array_equal(ours.mask((240, 320)), theirs.mask((240, 320)))


@pytest.mark.parametrize(
    "changes",
    [{}, {"crop_n_layers": 1}, {"box_nms_thresh": 0.3}, {"points_per_side": 12}],
    ids=lambda changes: "-".join(changes) or "as is",
)
def test_what_the_small_filters_leave_is_as_in_exact_mode(changes: dict[str, object]) -> None:
    exact = OPTIONS.changed({"stability_score_thresh": 0.9, **changes})
    fast = exact.changed({"mode": "fast", "skip_covered_points": False})

    expected = MaskGenerator(embedded_sam(), exact).generate(scene())
    found = MaskGenerator(embedded_sam(), fast).generate(scene())

    assert len(found) == len(expected) > 1
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours.mask((240, 320)), theirs.mask((240, 320)))
        assert (ours.corners, ours.predicted_iou) == (theirs.corners, theirs.predicted_iou)
        assert ours.stability == theirs.stability


@pytest.mark.parametrize(
    ("corners", "margin", "least", "reason"),
    [
        ((0, 0, 10, 10), (0, 0), [1.0, 0.5, 0.0], "an exact box has an exact IoU"),
        ((0, 0, 10, 10), (1, 0), [80 / 120, 40 / 120, 0.0], "8 to 12 wide"),
        ((0, 0, 10, 10), (1, 1), [64 / 144, 32 / 144, 0.0], "in both directions"),
        ((4, 4, 6, 6), (2, 2), [0.0, 0.0, 0.0], "it may have no area at all"),
        ((5, 5, 5, 5), (0, 0), [0.0, 0.0, 0.0], "it has none"),
    ],
)
def test_boxes_that_are_not_certain_overlap_by_at_least(
    corners: tuple[int, ...], margin: tuple[int, int], least: list[float], reason: str
) -> None:
    box = UncertainBox(np.array(corners, np.float64), np.array(margin, np.float64))
    others = np.array([(0, 0, 10, 10), (0, 0, 10, 5), (50, 50, 60, 60)], np.float64)

    assert box.least_iou(others).tolist() == pytest.approx(least), reason
    assert box.least_iou(np.zeros((0, 4))).shape == (0,)


def test_small_masks_are_measured_where_the_image_is() -> None:
    # Cells are 8 pixels high and wide; rows 4 to 7 lie below the image.
    masks = SmallMasks.of(
        small_logits((1, 1, 3, 4), (0, 0, 8, 8), (0, 5, 8, 8)), image_of((32, 64))
    )

    assert masks.corners(0.0) == [(8, 8, 23, 31), (0, 0, 63, 31), (0, 0, 0, 0)]
    assert masks.areas(0.0).tolist() == [6 / 32, 1.0, 0.0]
    assert masks.stability(0.5, -0.5)[:2].tolist() == [1.0, 1.0]
    assert masks.stability(1.5, -1.5)[0] == 0.0


@pytest.mark.parametrize(
    ("masks", "iou", "left", "reason"),
    [
        (small_logits((0, 0, 1, 1)), [0.95], [1, 2], "the point inside goes"),
        (small_logits((0, 0, 1, 1)), [0.85], [0, 1, 2], "not sure enough"),
        (small_logits((0, 0, 4, 4)), [0.95], [0, 1, 2], "half of the image is too large"),
        (small_logits((0, 0, 3, 1), (0, 0, 1, 1)), [0.95, 0.95], [1, 2], "the smaller one counts"),
    ],
)
def test_points_whose_answer_is_known_are_left_out(
    masks: torch.Tensor, iou: list[float], left: list[int], reason: str
) -> None:
    points = np.array([[4.0, 4.0], [12.0, 4.0], [60.0, 30.0]])
    cover = PointCover(image_of((32, 64)), CUTS, pred_iou_thresh=0.6)

    assert cover.uncovered(points).tolist() == points.tolist()
    cover.add(decoded(masks, iou, [[2.0, 2.0]] * len(iou)))

    assert cover.uncovered(points).tolist() == points[left].tolist(), reason


@pytest.mark.parametrize("per_side", [1, 2, 5, 32])
def test_every_point_is_asked_once_coarse_ones_first(per_side: int) -> None:
    order = coarse_to_fine(per_side**2)

    assert sorted(order.tolist()) == list(range(per_side**2))
    if per_side == 32:
        first = [divmod(int(index), 32) for index in order[:16]]
        assert {row % 8 for row, _ in first} == {column % 8 for _, column in first} == {4}
        assert all(before < after for before, after in pairwise(first))


def test_modes_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="mode 'quick': give exact or fast"):
        OPTIONS.changed({"mode": "quick"})
