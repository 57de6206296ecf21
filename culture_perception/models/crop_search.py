"""Masks of one crop: prompted, decoded, filtered, then brought to the size of the image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from culture_perception.masks import Box
from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal, PackedMask, outermost
from culture_perception.models.point_prompts import Points, Prompter
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.shared_decoder import SharedDecoder, SharedImage
from culture_perception.models.stages import Stages
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.upsampling import Upsampler

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import is_box_near_crop_edge  # noqa: E402

PROMPTS_AT_ONCE_ON_CPU: Final = 16
"""More would only need more memory: the cells of a few prompts already exceed a core's cache."""


@dataclass(frozen=True)
class Crop:
    """An encoded crop of an image.

    Attributes:
        image: the crop, encoded.
        box: where it lies, half-open, in pixels of the whole image.
        whole_hw: size of the whole image.
        layer: which layer of crops it belongs to; 0 for the whole image.
    """

    image: EmbeddedImage
    box: Box
    whole_hw: tuple[int, int]
    layer: int


@dataclass(frozen=True)
class Decoded:
    """Masks whose predicted IoU passed.

    Attributes:
        small: (M, h, w) logits at a quarter of the canvas.
        predicted_iou: (M,).
        points: (M, 2) the prompts, in pixels of the crop.
    """

    small: Tensor
    predicted_iou: Tensor
    points: Points


class CropSearch:
    """Finds the masks of a crop, as they come: duplicates are for the caller."""

    def __init__(self, sam: Sam, options: MaskGeneratorOptions) -> None:
        """Take a `Sam` in evaluation mode; `centre_prompts` needs a small one."""
        self._sam: Final[Any] = sam
        self._options: Final = options
        self._decoder: Final = SharedDecoder(sam.mask_decoder)
        self._prompter: Final = Prompter(sam, options)
        most = options.points_per_batch
        on_gpu = sam.device.type != "cpu"
        self._batch: Final = most if on_gpu else min(most, PROMPTS_AT_ONCE_ON_CPU)

    def proposals(self, crop: Crop, stages: Stages) -> list[MaskProposal]:
        """Masks that pass the filters, in the order of their prompts."""
        with stages.timed("prompt"):
            points = self._prompter.points(crop.image, crop.layer)
            shared = self._decoder.share(
                crop.image.embedding,
                self._sam.prompt_encoder.get_dense_pe(),
                self._sam.prompt_encoder.no_mask_embed.weight,
            )
        found: list[MaskProposal] = []
        for start in range(0, len(points), self._batch):
            batch = points[start : start + self._batch]
            decoded = self._decoded(batch, shared, crop, stages)
            with stages.timed("filter"):
                found += self._at_full_size(decoded, crop)
        return found

    def _decoded(self, points: Points, shared: SharedImage, crop: Crop, stages: Stages) -> Decoded:
        with stages.timed("decode"):
            prompts = self._prompter.embedded(points, crop.image)
            decoded = self._decoder.decode(shared, prompts)
            wanted = self._passing(decoded.predicted_iou)
        with stages.timed("upscale"):
            small = self._decoder.masks(decoded, wanted)
        which = wanted.nonzero()[:, 0].cpu().numpy()
        return Decoded(small, decoded.predicted_iou[wanted], points[which])

    def _passing(self, predicted_iou: Tensor) -> Tensor:
        thresh = self._options.pred_iou_thresh
        # As published: 0 lets even negative predictions pass.
        return predicted_iou > thresh if thresh > 0.0 else torch.ones_like(predicted_iou).bool()

    def _at_full_size(self, decoded: Decoded, crop: Crop) -> list[MaskProposal]:
        """Proposals whose stability and box pass at the resolution of the image."""
        if not len(decoded.small):
            return []
        upsampler = Upsampler(crop.image, decoded.small, isinstance(self._sam, CanvasSam))
        found: list[tuple[int, PackedMask, float]] = []
        for index, window in enumerate(upsampler.windows(decoded.small, min(self._cuts))):
            logits = upsampler.upsample(decoded.small[index], window).cpu().numpy()
            stability = stability_score(logits, self._cuts)
            if self._is_stable(stability):
                mask = PackedMask.of(logits > self._sam.mask_threshold, window[0], window[1])
                found.append((index, mask, stability))
        inside = _inside(crop, [mask for _, mask, _ in found])
        return [_proposal(decoded, crop, *found[index]) for index in inside]

    @property
    def _cuts(self) -> tuple[float, float]:
        middle, offset = self._sam.mask_threshold, self._options.stability_score_offset
        return middle + offset, middle - offset

    def _is_stable(self, stability: float) -> bool:
        thresh = self._options.stability_score_thresh
        return thresh <= 0.0 or stability >= np.float32(thresh)


def stability_score(logits: NDArray[np.floating[Any]], cuts: tuple[float, float]) -> float:
    """IoU of the masks that two cuts, high and low, make of logits; nan where both are empty."""
    high, low = (np.float32(np.count_nonzero(logits > cut)) for cut in cuts)
    return float(high / low) if low else float("nan")


def _inside(crop: Crop, masks: Sequence[PackedMask]) -> list[int]:
    """Which masks (in the crop) do not end where the crop does but the image goes on."""
    corners = torch.tensor([outermost(mask.box) for mask in masks], dtype=torch.int64)
    height, width = crop.whole_hw
    near = is_box_near_crop_edge(corners.view(-1, 4), list(crop.box), [0, 0, width, height])
    indices: list[int] = torch.nonzero(~near)[:, 0].tolist()
    return indices


def _proposal(
    decoded: Decoded, crop: Crop, index: int, mask: PackedMask, stability: float
) -> MaskProposal:
    left, top = crop.box[:2]
    x0, y0, x1, y1 = outermost(mask.box)
    x, y = decoded.points[index].tolist()
    return MaskProposal(
        mask.moved(left, top),
        (left + x0, top + y0, left + x1, top + y1),
        float(decoded.predicted_iou[index]),
        stability,
        (left + x, top + y),
        crop.box,
    )
