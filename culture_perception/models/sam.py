"""segment-anything's `Sam` and automatic mask generator as this project's segmenter.

One adapter serves every size: the published models and the embedded small one differ in the
`Sam` they are given and in their options.
"""

from collections.abc import Mapping
from typing import Any, Final

import cv2
import numpy as np
import torch

from culture_perception.masks import MaskArray, Uint8Array, pairwise_iou
from culture_perception.models.edges import snap_to_edges
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.point_prompts import CentrePrompts, grid_points
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Segment

ensure_torchvision()

from segment_anything import SamAutomaticMaskGenerator  # noqa: E402
from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import build_all_layer_point_grids  # noqa: E402


class SamSegmenter:
    """Automatic masks of a `Sam`, as a `Segmenter`.

    Attributes:
        name: identifies the model and its weights.
        options: the generator's parameters.
    """

    def __init__(
        self,
        sam: Sam,
        name: str,
        options: MaskGeneratorOptions,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        """Take a `Sam` of any size.

        Args:
            sam: the model; it is put into evaluation mode and moved to the device.
            name: identifies the model and its weights.
            options: parameters; `centre_prompts` needs a small Sam.
            device: a torch device, such as "cpu" or "cuda".
            threads: CPU threads of torch, for the whole process; None leaves them as they are.

        Raises:
            ValueError: `centre_prompts` with a model that has no dense head.
        """
        if options.centre_prompts and not isinstance(sam, CanvasSam):
            raise ValueError(f"{name} has no dense head: set centre_prompts to false")
        if threads is not None:
            torch.set_num_threads(threads)
        self.name: Final = name
        self.options: Final = options
        self._pads: Final = isinstance(sam, CanvasSam)
        self._generator: Final = _generator(sam.to(device).eval(), options)

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        """Segments of an image, highest predicted IoU first.

        Args:
            image_rgb: (H, W, 3) uint8 of any size; it is resized to the model's.

        Returns:
            Segments with masks (H, W); empty if nothing was found.

        Raises:
            ValueError: the image has another shape or dtype.
        """
        if image_rgb.ndim != 3 or image_rgb.shape[2] != 3 or image_rgb.dtype != np.uint8:
            raise ValueError(
                f"image of shape {image_rgb.shape} and dtype {image_rgb.dtype}: "
                "give RGB as (H, W, 3) uint8"
            )
        if image_rgb.size == 0:
            return []
        padded = _padded_to_canvas(image_rgb) if self._pads else image_rgb
        records = self._generator.generate(padded)
        segments = [self._segment(record, image_rgb) for record in records]
        kept = [segment for segment in segments if self._has_fitting_area(segment)]
        kept.sort(key=lambda segment: segment.predicted_iou, reverse=True)
        return without_duplicates(kept, self.options.mask_nms_thresh)

    def _segment(self, record: Mapping[str, Any], image_rgb: Uint8Array) -> Segment:
        height, width = image_rgb.shape[:2]
        mask: MaskArray = record["segmentation"][:height, :width]
        if self.options.snap_edges:
            mask = snap_to_edges(mask, image_rgb)
        predicted_iou = min(max(float(record["predicted_iou"]), 0.0), 1.0)
        return Segment(mask, predicted_iou, float(record["stability_score"]))

    def _has_fitting_area(self, segment: Segment) -> bool:
        largest = self.options.max_area_share * segment.mask.size
        return max(self.options.min_area, 1) <= segment.area <= largest


def without_duplicates(segments: list[Segment], iou_thresh: float) -> list[Segment]:
    """Segments, best first, without those that overlap a better one by more than `iou_thresh`.

    Box suppression, which the generator does, cannot tell a mask from its neighbour's of the same
    box, nor see that two boxes of one slanted object differ.
    """
    if iou_thresh >= 1.0 or len(segments) < 2:
        return segments
    # Every second pixel of every second row decides as well as all of them, in a quarter of the
    # time.
    masks = np.stack([segment.mask[::2, ::2] for segment in segments])
    overlap = pairwise_iou(masks, masks)
    kept: list[int] = []
    for index in range(len(segments)):
        if not kept or overlap[index, kept].max() <= iou_thresh:
            kept.append(index)
    return [segments[index] for index in kept]


def _padded_to_canvas(image_rgb: Uint8Array) -> Uint8Array:
    """The image, if taller than 4:3, with a plain border at the right that makes it 4:3."""
    height, width = image_rgb.shape[:2]
    missing = -(-height * 4 // 3) - width
    if missing <= 0:
        return np.ascontiguousarray(image_rgb)
    border = [float(value) for value in image_rgb.mean((0, 1))]
    padded = cv2.copyMakeBorder(image_rgb, 0, 0, 0, missing, cv2.BORDER_CONSTANT, value=border)
    return np.asarray(padded, np.uint8)


def _generator(sam: Sam, options: MaskGeneratorOptions) -> SamAutomaticMaskGenerator:
    grids = (
        build_all_layer_point_grids(
            options.points_per_side, options.crop_n_layers, options.crop_n_points_downscale_factor
        )
        if options.points_per_side
        else [grid_points(0)] * (options.crop_n_layers + 1)
    )
    generator = SamAutomaticMaskGenerator(
        sam,
        points_per_side=None,
        points_per_batch=options.points_per_batch,
        pred_iou_thresh=options.pred_iou_thresh,
        stability_score_thresh=options.stability_score_thresh,
        stability_score_offset=options.stability_score_offset,
        box_nms_thresh=options.box_nms_thresh,
        crop_n_layers=options.crop_n_layers,
        crop_nms_thresh=options.crop_nms_thresh,
        crop_overlap_ratio=options.crop_overlap_ratio,
        crop_n_points_downscale_factor=options.crop_n_points_downscale_factor,
        point_grids=grids,
        min_mask_region_area=options.min_mask_region_area,
    )
    if options.centre_prompts:
        generator.point_grids = CentrePrompts(
            generator.predictor, options.centre_threshold, options.max_centres, grids
        )
    return generator
