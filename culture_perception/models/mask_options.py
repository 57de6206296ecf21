"""Parameters of the automatic mask generator, published and our own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final, Literal, TypeAlias, get_args

Mode: TypeAlias = Literal["exact", "fast"]

_SHARES: Final = (
    "pred_iou_thresh",
    "stability_score_thresh",
    "box_nms_thresh",
    "crop_nms_thresh",
    "crop_overlap_ratio",
    "centre_threshold",
    "mask_nms_thresh",
    "max_area_share",
)
_LEAST: Final = {
    "points_per_batch": 1,
    "stability_score_offset": 0,
    "crop_n_layers": 0,
    "crop_n_points_downscale_factor": 1,
    "min_mask_region_area": 0,
    "max_centres": 0,
    "min_area": 0,
}


@dataclass(frozen=True)
class MaskGeneratorOptions:
    """How masks are proposed and which are kept. The defaults are segment-anything's own.

    The first group are `SamAutomaticMaskGenerator`'s arguments, under its names. Those of the
    second group are ours, and off by default.

    Attributes:
        points_per_side: points along each side of the prompt grid; 0 for no grid.
        points_per_batch: prompts decoded at once; more need more memory.
        pred_iou_thresh: keep masks whose predicted IoU is above this.
        stability_score_thresh: keep masks whose stability is at least this.
        stability_score_offset: shift of the cut, in logits, that defines the stability.
        box_nms_thresh: of two masks whose boxes overlap more (IoU), the better one stays.
        crop_n_layers: layers of image crops that are searched again.
        crop_nms_thresh: as `box_nms_thresh`, between crops.
        crop_overlap_ratio: overlap of the crops, as a share of the image.
        crop_n_points_downscale_factor: the grid's thinning from layer to layer.
        min_mask_region_area: holes and islands smaller than this (pixels) are removed.
        centre_prompts: prompt also at the object centres that a small Sam's dense head sees.
        centre_threshold: least probability of such a centre.
        max_centres: the most centres prompted.
        mask_nms_thresh: of two masks that overlap more (IoU), the better one stays; 1 for all.
        min_area: masks with fewer pixels are dropped.
        max_area_share: masks that cover more of the image are dropped.
        snap_edges: move each mask's edge to the image's, by a guided filter.
        mode: "exact" finds what `SamAutomaticMaskGenerator` finds. "fast" approximates it by the
            means below, and in bfloat16 where the runtime's precision is "auto" and that pays.
        low_resolution_filters: (fast) masks that are clearly unstable, or whose box clearly
            repeats a better one's, by the decoder's own logits, at a quarter of the canvas, are
            dropped without upsampling; what is not clear is judged as in exact mode.
        skip_covered_points: (fast) grid points are taken from coarse to fine, without those inside
            the smallest mask that an earlier point gave, if it is sure and small.
    """

    points_per_side: int = 32
    points_per_batch: int = 64
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7
    crop_n_layers: int = 0
    crop_nms_thresh: float = 0.7
    crop_overlap_ratio: float = 512 / 1500
    crop_n_points_downscale_factor: int = 1
    min_mask_region_area: int = 0

    centre_prompts: bool = False
    centre_threshold: float = 0.2
    max_centres: int = 40
    mask_nms_thresh: float = 1.0
    min_area: int = 1
    max_area_share: float = 1.0
    snap_edges: bool = False

    mode: Mode = "exact"
    low_resolution_filters: bool = True
    skip_covered_points: bool = True

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode {self.mode!r}: give exact or fast")
        for name in _SHARES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)}: give 0 to 1")
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} {getattr(self, name)}: give {least} or more")
        self._check_grid()

    def _check_grid(self) -> None:
        if self.points_per_side < (0 if self.centre_prompts else 1):
            raise ValueError(
                f"points_per_side {self.points_per_side}: give 1 or more, or 0 with centre_prompts"
            )
        thinning = self.crop_n_points_downscale_factor**self.crop_n_layers
        if 0 < self.points_per_side < thinning:
            raise ValueError(
                f"points_per_side {self.points_per_side}: no point is left in crop layer "
                f"{self.crop_n_layers}, which has {thinning} times fewer a side; give {thinning} "
                "or more, fewer crop_n_layers, or a smaller crop_n_points_downscale_factor"
            )

    def changed(self, values: Mapping[str, object]) -> "MaskGeneratorOptions":
        """A copy with some values changed, as read from JSON or given by name.

        Raises:
            ValueError: a name is unknown, or a value is of the wrong type or out of range.
        """
        known = {field.name: field.type for field in fields(self)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"unknown segmenter options {unknown}; known are {sorted(known)}")
        typed = {name: _as_type_of(getattr(self, name), name, values[name]) for name in values}
        return replace(self, **typed)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, object]:
        """All values by name."""
        return asdict(self)


def _as_type_of(example: object, name: str, value: object) -> object:
    """The value, an integer widened where a float is meant; a number is never taken as a switch."""
    if isinstance(example, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(example):
        raise ValueError(f"{name} {value!r}: give a {type(example).__name__}")
    return value
