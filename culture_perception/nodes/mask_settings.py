"""The mask generator's options as parameters of perception, under segment-anything's names."""

from typing import Any, Final

from culture_perception.nodes.parameters import Setting, Value

# ROS parameters have no "none": these values, which no option can have, say "the model's own".
OWN_NUMBER: Final = -1
OWN_MODE: Final = "own"


def _share(name: str, description: str) -> Setting:
    text = f"{description}; -1: the model's own"
    return Setting(name, float(OWN_NUMBER), text, configuring=True, minimum=OWN_NUMBER, maximum=1.0)


def _count(name: str, description: str, maximum: int) -> Setting:
    text = f"{description}; -1: the model's own"
    return Setting(name, OWN_NUMBER, text, configuring=True, minimum=OWN_NUMBER, maximum=maximum)


MASK_SETTINGS: Final = (
    Setting(
        "mode",
        OWN_MODE,
        "exact: segment-anything's masks; fast: nearly these; own: as the model has it",
        configuring=True,
        choices=(OWN_MODE, "exact", "fast"),
    ),
    _count("points_per_side", "points along each side of the grid of prompts", 1000),
    _count("points_per_batch", "prompts decoded at once; more need more memory", 100_000),
    _share("pred_iou_thresh", "masks above this predicted IoU are kept"),
    _share("stability_score_thresh", "masks of at least this stability are kept"),
    Setting(
        "stability_score_offset",
        float(OWN_NUMBER),
        "logits by which the cut moves for the stability; -1: the model's own",
        configuring=True,
        minimum=OWN_NUMBER,
        maximum=100.0,
    ),
    _share("box_nms_thresh", "of two masks whose boxes overlap more (IoU), the better one stays"),
    _count("crop_n_layers", "layers of image crops that are searched again", 4),
    _share("crop_nms_thresh", "as box_nms_thresh, between crops"),
    _share("crop_overlap_ratio", "overlap of the crops, share of the image's shorter side"),
    _count("crop_n_points_downscale_factor", "the grid's thinning from layer to layer", 1000),
    _count("min_mask_region_area", "smaller holes and islands are removed, pixels", 2**31 - 1),
)


def mask_options_of(values: Any) -> dict[str, Value]:
    """The options that are not left to the model, by name."""
    chosen = {setting.name: values[setting.name] for setting in MASK_SETTINGS}
    return {name: value for name, value in chosen.items() if value not in (OWN_NUMBER, OWN_MODE)}
