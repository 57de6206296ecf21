"""Options of the mask generator: what cannot be is refused before anything is searched."""

from __future__ import annotations

from typing import Any

import pytest

from culture_perception.models.mask_options import MaskGeneratorOptions


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mode": "quick"}, "mode 'quick': give exact or fast"),
        ({"points_per_side": -1}, "points_per_side -1: give 1 or more, or 0 with centre"),
        ({"points_per_side": 0}, "points_per_side 0: give 1 or more, or 0 with centre_prompts"),
        ({"points_per_side": -1, "centre_prompts": True}, "points_per_side -1: give 1 or more"),
        ({"points_per_batch": 0}, "points_per_batch 0: give 1 or more"),
        ({"pred_iou_thresh": 1.5}, "pred_iou_thresh 1.5: give 0 to 1"),
        ({"pred_iou_thresh": float("nan")}, "pred_iou_thresh nan: give 0 to 1"),
        ({"stability_score_offset": -0.5}, "stability_score_offset -0.5: give 0 or more"),
        ({"crop_n_layers": -1}, "crop_n_layers -1: give 0 or more"),
        ({"crop_n_points_downscale_factor": 0}, "crop_n_points_downscale_factor 0: give 1 or more"),
        ({"crop_nms_thresh": -0.1}, "crop_nms_thresh -0.1: give 0 to 1"),
        ({"crop_overlap_ratio": 2.0}, "crop_overlap_ratio 2.0: give 0 to 1"),
        ({"min_mask_region_area": -1}, "min_mask_region_area -1: give 0 or more"),
        ({"centre_threshold": 2.0}, "centre_threshold 2.0: give 0 to 1"),
        ({"max_centres": -1}, "max_centres -1: give 0 or more"),
        ({"mask_nms_thresh": -1.0}, "mask_nms_thresh -1.0: give 0 to 1"),
        ({"min_area": -1}, "min_area -1: give 0 or more"),
        ({"max_area_share": -1.0}, "max_area_share -1.0: give 0 to 1"),
        (
            {"points_per_side": 2, "crop_n_layers": 1, "crop_n_points_downscale_factor": 8},
            "points_per_side 2: no point is left in crop layer 1, .*give 8 or more",
        ),
        (
            {"points_per_side": 8, "crop_n_layers": 2, "crop_n_points_downscale_factor": 3},
            "no point is left in crop layer 2, .*give 9 or more",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MaskGeneratorOptions().changed(values)


@pytest.mark.parametrize(
    "values",
    [
        {"points_per_side": 8, "crop_n_layers": 1, "crop_n_points_downscale_factor": 8},
        {"points_per_side": 0, "centre_prompts": True, "crop_n_layers": 1},
        {"max_area_share": 0.0, "min_area": 0, "mask_nms_thresh": 0.0, "crop_overlap_ratio": 0.0},
    ],
)
def test_the_limits_themselves_are_allowed(values: dict[str, Any]) -> None:
    changed = MaskGeneratorOptions().changed(values).to_json()
    assert {name: changed[name] for name in values} == values
