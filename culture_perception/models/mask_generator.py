"""Automatic masks of a `Sam`: segment-anything's algorithm without its repeated work.

With the same weights and parameters, the exact mode finds the masks, order and scores of
`segment_anything.SamAutomaticMaskGenerator`. What it saves: see `shared_decoder` (work repeated
for each prompt), `upsampling` (pixels where no mask can be), `mask_proposals` (full-size copies).
The fast mode approximates: see `MaskGeneratorOptions`.
"""

from typing import Final

import torch

from culture_perception.masks import Box, Uint8Array
from culture_perception.models.crop_search import CropSearch
from culture_perception.models.image_embedding import ImageEmbedder
from culture_perception.models.mask_filters import Crop
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import (
    MaskProposal,
    crop_area_score,
    suppressed,
    without_small_regions,
)
from culture_perception.models.stages import Stages
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import generate_crop_boxes  # noqa: E402


class MaskGenerator:
    """Finds masks from many point prompts.

    Attributes:
        stages: what the steps of the last image took.
    """

    def __init__(self, sam: Sam, options: MaskGeneratorOptions) -> None:
        """Take a `Sam` in evaluation mode, its encoder and decoder in any precision.

        `centre_prompts` needs a small one.
        """
        self.stages = Stages(sam.device)
        self._device: Final[torch.device] = sam.device
        self._options: Final = options
        self._embedder: Final = ImageEmbedder(sam)
        self._search: Final = CropSearch(sam, options)

    @torch.inference_mode()
    def generate(self, image_rgb: Uint8Array) -> list[MaskProposal]:
        """Masks of an image (H, W, 3) uint8 of at least one pixel; empty if there is none.

        Masks come with the highest predicted IoU first; of several crops, those of smaller ones
        come first.
        """
        options = self._options
        self.stages = Stages(self._device)
        shape_hw = (image_rgb.shape[0], image_rgb.shape[1])
        boxes, layers = generate_crop_boxes(
            shape_hw, options.crop_n_layers, options.crop_overlap_ratio
        )
        found: list[MaskProposal] = []
        for (x0, y0, x1, y1), layer in zip(boxes, layers, strict=True):
            if x0 < x1 and y0 < y1:  # an image of few rows has crops without a pixel
                found += self._found_in(image_rgb, (x0, y0, x1, y1), layer)
        if len(boxes) > 1:
            found = suppressed(found, crop_area_score, options.crop_nms_thresh)
        if options.min_mask_region_area > 0:
            thresh = max(options.box_nms_thresh, options.crop_nms_thresh)
            with self.stages.timed("regions"):
                area = options.min_mask_region_area
                found = without_small_regions(found, area, shape_hw, thresh)
        return found

    def _found_in(self, image_rgb: Uint8Array, box: Box, layer: int) -> list[MaskProposal]:
        """Masks of a crop without duplicates, highest predicted IoU first."""
        x0, y0, x1, y1 = box
        with self.stages.timed("encode"):
            embedded = self._embedder.embed(image_rgb[y0:y1, x0:x1])
        crop = Crop(embedded, box, (image_rgb.shape[0], image_rgb.shape[1]), layer)
        found = self._search.proposals(crop, self.stages)
        with self.stages.timed("suppress"):
            return suppressed(found, lambda item: item.predicted_iou, self._options.box_nms_thresh)
