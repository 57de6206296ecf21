"""segment-anything's `Sam` and automatic mask generator as this project's segmenter.

One adapter serves every size: the published models and the embedded small one differ in the
`Sam` they are given and in their options.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from culture_perception.masks import Uint8Array, pairwise_iou
from culture_perception.models.edges import snap_to_edges
from culture_perception.models.mask_generator import MaskGenerator
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.memory_fallback import MemoryFallback
from culture_perception.models.runtime import DEFAULT_RUNTIME, Runtime
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Segment

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402

SMALLEST_BATCH: Final = 8  # prompts; below it the image's own share of the memory decides


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
        runtime: Runtime = DEFAULT_RUNTIME,
    ) -> None:
        """Take a `Sam` of any size.

        Args:
            sam: the model; it is put into evaluation mode and moved to the device.
            name: identifies the model and its weights.
            options: parameters; `centre_prompts` needs a small Sam.
            runtime: device, threads, precision and backend.

        Raises:
            ValueError: `centre_prompts` with a model that has no dense head, or the runtime is not
                there.
        """
        if options.centre_prompts and not isinstance(sam, CanvasSam):
            raise ValueError(f"{name} has no dense head: set centre_prompts to false")
        runtime.apply_threads()
        self.name: Final = name
        self.options: Final = options
        device = runtime.torch_device()
        self._sam: Final = sam.to(device).eval()
        self._batch = options.points_per_batch
        self._generator = MaskGenerator(self._sam, options)
        self._memory: Final = MemoryFallback(
            device, options.points_per_batch, self._move_to_cpu, SMALLEST_BATCH
        )

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why; empty: nothing."""
        return self._memory.notice

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
        pixels = np.ascontiguousarray(image_rgb)
        records = self._memory.call(lambda: self._generated(pixels))
        segments = [_segment(record) for record in records]
        fitting = [segment for segment in segments if self._has_fitting_area(segment)]
        unique = without_duplicates(fitting, self.options.mask_nms_thresh)
        unique.sort(key=lambda segment: segment.predicted_iou, reverse=True)
        return [_snapped(item, image_rgb) for item in unique] if self.options.snap_edges else unique

    def _generated(self, image_rgb: Uint8Array) -> list[dict[str, Any]]:
        """The generator's records, with as many prompts at once as the memory holds."""
        if self._batch != self._memory.batch:
            self._batch = self._memory.batch
            fitting = replace(self.options, points_per_batch=self._batch)
            self._generator = MaskGenerator(self._sam, fitting)
        return list(self._generator.generate(image_rgb))

    def _move_to_cpu(self) -> None:
        """Called where a GPU cannot hold the model and a few prompts."""
        self._sam.to("cpu")

    def _has_fitting_area(self, segment: Segment) -> bool:
        largest = self.options.max_area_share * segment.mask.size
        return max(self.options.min_area, 1) <= segment.area <= largest


def without_duplicates(segments: list[Segment], iou_thresh: float) -> list[Segment]:
    """Segments without those that overlap a better one by more than `iou_thresh`, best first.

    Better is the higher product of predicted IoU and stability: each alone ranks worse. Box
    suppression, which the generator does, cannot tell a mask from its neighbour's of the same
    box, nor see that two boxes of one slanted object differ.
    """
    segments = sorted(segments, key=lambda item: item.predicted_iou * item.stability, reverse=True)
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


def _segment(record: Mapping[str, Any]) -> Segment:
    """A segment of the generator's record; the predicted IoU is not bound to 0 to 1 by itself."""
    predicted_iou = min(max(float(record["predicted_iou"]), 0.0), 1.0)
    return Segment(record["segmentation"], predicted_iou, float(record["stability_score"]))


def _snapped(segment: Segment, image_rgb: Uint8Array) -> Segment:
    """The segment with its edge moved; as it was where nothing of it would remain."""
    mask = snap_to_edges(segment.mask, image_rgb)
    return replace(segment, mask=mask) if mask.any() else segment
