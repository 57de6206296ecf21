"""Masks of one crop: prompted, decoded and filtered, batch by batch."""

from typing import Any, Final

import torch
from torch import Tensor

from culture_perception.models.low_resolution_filters import LowResolutionFilters
from culture_perception.models.mask_filters import (
    Crop,
    Cuts,
    DecodedMasks,
    Filters,
    FullSizeFilters,
)
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal
from culture_perception.models.point_cover import PointCover
from culture_perception.models.point_prompts import Points, Prompter
from culture_perception.models.shared_decoder import SharedDecoder, SharedImage
from culture_perception.models.stages import Stages
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402

PROMPTS_AT_ONCE_ON_CPU: Final = 16
"""More would only need more memory: the cells of a few prompts already exceed a core's cache."""


class CropSearch:
    """Finds the masks of a crop, as they come: duplicates are for the caller."""

    def __init__(self, sam: Sam, options: MaskGeneratorOptions) -> None:
        """Take a `Sam` in evaluation mode; `centre_prompts` needs a small one."""
        self._sam: Final[Any] = sam
        self._options: Final = options
        self._cuts: Final = Cuts.of(sam, options)
        self._decoder: Final = SharedDecoder(sam.mask_decoder)
        self._prompter: Final = Prompter(sam, options)
        self._is_fast: Final = options.mode == "fast"
        most = options.points_per_batch
        on_gpu = sam.device.type != "cpu"
        self._batch: Final = most if on_gpu else min(most, PROMPTS_AT_ONCE_ON_CPU)

    def proposals(self, crop: Crop, stages: Stages) -> list[MaskProposal]:
        """Masks that pass the filters."""
        with stages.timed("prompt"):
            points = self._prompter.points(crop.image, crop.layer)
            shared = self._decoder.share(
                crop.image.embedding,
                self._sam.prompt_encoder.get_dense_pe(),
                self._sam.prompt_encoder.no_mask_embed.weight,
            )
        filters = self._filters(crop)
        cover = PointCover(crop.image, self._cuts, self._options.pred_iou_thresh)
        while len(points):
            batch, points = points[: self._batch], points[self._batch :]
            decoded = self._decoded(batch, shared, crop, stages)
            with stages.timed("filter"):
                filters.add(decoded)
                if self._is_fast and self._options.skip_covered_points and len(points):
                    cover.add(decoded)
                    points = cover.uncovered(points)
        with stages.timed("filter"):
            return filters.proposals()

    def _filters(self, crop: Crop) -> Filters:
        if self._is_fast and self._options.low_resolution_filters:
            thresh = self._options.box_nms_thresh
            return LowResolutionFilters(self._sam, self._cuts, crop, thresh)
        return FullSizeFilters(self._sam, self._cuts, crop)

    def _decoded(
        self, points: Points, shared: SharedImage, crop: Crop, stages: Stages
    ) -> DecodedMasks:
        with stages.timed("decode"):
            prompts = self._prompter.embedded(points, crop.image)
            decoded = self._decoder.decode(shared, prompts)
            wanted = self._passing(decoded.predicted_iou)
        with stages.timed("upscale"):
            small = self._decoder.masks(decoded, wanted)
        which = wanted.nonzero()[:, 0].cpu().numpy()
        return DecodedMasks(small, decoded.predicted_iou[wanted], points[which])

    def _passing(self, predicted_iou: Tensor) -> Tensor:
        thresh = self._options.pred_iou_thresh
        # As published: 0 lets even negative predictions pass.
        return predicted_iou > thresh if thresh > 0.0 else torch.ones_like(predicted_iou).bool()
