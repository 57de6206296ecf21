"""Which decoded masks stay: published filters, at the resolution of the image or of the decoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from culture_perception.masks import Box
from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import (
    MaskProposal,
    PackedMask,
    outermost,
    unsuppressed,
)
from culture_perception.models.point_prompts import Points
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.small_masks import SmallMasks
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.upsampling import Upsampler

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import is_box_near_crop_edge  # noqa: E402


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
class DecodedMasks:
    """Masks whose predicted IoU passed.

    Attributes:
        small: (M, h, w) logits at a quarter of the canvas.
        predicted_iou: (M,).
        points: (M, 2) the prompts, in pixels of the crop.
    """

    small: Tensor
    predicted_iou: Tensor
    points: Points


@dataclass(frozen=True)
class Cuts:
    """Where logits are cut: into the mask, and above and below for its stability.

    Attributes:
        mask: logits above it are the mask.
        high: the cut of the smaller mask.
        low: the cut of the larger one.
        least_stability: what the IoU of these two must reach; 0 lets all pass.
    """

    mask: float
    high: float
    low: float
    least_stability: float

    @classmethod
    def of(cls, sam: Sam, options: MaskGeneratorOptions) -> "Cuts":
        """The cuts of a model."""
        middle, offset = sam.mask_threshold, options.stability_score_offset
        return cls(middle, middle + offset, middle - offset, options.stability_score_thresh)

    def is_stable(self, stability: float) -> bool:
        """Whether a stability score passes; nan does so only where all do."""
        return self.least_stability <= 0.0 or stability >= np.float32(self.least_stability)


class Filters(Protocol):
    """Takes the masks of a crop batch by batch, and gives those that stay."""

    def add(self, decoded: DecodedMasks) -> None:
        """Take the masks of a batch of prompts."""

    def proposals(self) -> list[MaskProposal]:
        """What passed of all batches."""


class FullSizeFilters:
    """The published filters: stability and box at the resolution of the image."""

    def __init__(self, sam: Sam, cuts: Cuts, crop: Crop) -> None:
        self._direct: Final = isinstance(sam, CanvasSam)
        self._cuts: Final = cuts
        self._crop: Final = crop
        self._found: Final[list[MaskProposal]] = []

    def add(self, decoded: DecodedMasks) -> None:
        """Take the masks of a batch of prompts."""
        if not len(decoded.small):
            return
        cuts = self._cuts
        upsampler = Upsampler(self._crop.image, decoded.small, self._direct)
        windows = upsampler.windows(decoded.small, min(cuts.low, cuts.mask, cuts.high))
        found: list[MaskProposal] = []
        for index, window in enumerate(windows):
            logits = upsampler.upsample(decoded.small[index], window).cpu().numpy()
            stability = stability_score(logits, cuts.high, cuts.low)
            if cuts.is_stable(stability):
                mask = PackedMask.of(logits > cuts.mask, window[0], window[1])
                iou = float(decoded.predicted_iou[index])
                found.append(_proposal(self._crop, mask, iou, stability, decoded.points[index]))
        inside = _inside(self._crop, [item.corners for item in found])
        self._found.extend(found[index] for index in inside)

    def proposals(self) -> list[MaskProposal]:
        """What passed of all batches, in the order of the prompts."""
        return self._found


class LowResolutionFilters:
    """An approximation: everything is judged on the decoder's own logits, duplicates included.

    Only what stays is upsampled. A box is then up to a cell wrong, the stability that of a coarser
    mask; and a mask may lose to one that a later batch removes.
    """

    def __init__(self, sam: Sam, cuts: Cuts, crop: Crop, box_nms_thresh: float) -> None:
        self._direct: Final = isinstance(sam, CanvasSam)
        self._cuts: Final = cuts
        self._crop: Final = crop
        self._thresh: Final = box_nms_thresh
        self._kept: list[_Candidate] = []

    def add(self, decoded: DecodedMasks) -> None:
        """Take the masks of a batch of prompts."""
        if not len(decoded.small):
            return
        masks = SmallMasks.of(decoded.small, self._crop.image)
        stability = masks.stability(self._cuts.high, self._cuts.low).tolist()
        corners = masks.corners(self._cuts.mask)
        predicted = decoded.predicted_iou.tolist()
        new = [
            _Candidate(decoded.small[i], corners[i], predicted[i], stability[i], decoded.points[i])
            for i in range(len(corners))
            if self._cuts.is_stable(stability[i])
        ]
        left, top = self._crop.box[:2]
        inside = _inside(self._crop, [_moved(item.corners, left, top) for item in new])
        all_kept = self._kept + [new[index] for index in inside]
        best = unsuppressed(
            [item.corners for item in all_kept],
            [item.predicted_iou for item in all_kept],
            self._thresh,
        )
        self._kept = [all_kept[index] for index in best]

    def proposals(self) -> list[MaskProposal]:
        """What passed of all batches, best first."""
        if not self._kept:
            return []
        small = torch.stack([item.small for item in self._kept])
        upsampler = Upsampler(self._crop.image, small, self._direct)
        found = []
        for item, window in zip(self._kept, upsampler.windows(small, self._cuts.mask), strict=True):
            logits = upsampler.upsample(item.small, window).cpu().numpy()
            mask = PackedMask.of(logits > self._cuts.mask, window[0], window[1])
            found.append(
                _proposal(self._crop, mask, item.predicted_iou, item.stability, item.point)
            )
        return found


@dataclass(frozen=True)
class _Candidate:
    """A mask at the decoder's resolution; corners in pixels of the crop."""

    small: Tensor
    corners: Box
    predicted_iou: float
    stability: float
    point: Points


def stability_score(logits: NDArray[np.floating[Any]], high: float, low: float) -> float:
    """IoU of the masks that two cuts make of logits; nan where both are empty."""
    inner, outer = (np.float32(np.count_nonzero(logits > cut)) for cut in (high, low))
    return float(inner / outer) if outer else float("nan")


def _inside(crop: Crop, corners: Sequence[Box]) -> list[int]:
    """Which boxes (in the whole image) do not end where the crop does but the image goes on."""
    height, width = crop.whole_hw
    boxes = torch.tensor(corners, dtype=torch.int64).view(-1, 4)
    left, top = crop.box[:2]
    in_crop = boxes - torch.tensor([left, top, left, top])
    near = is_box_near_crop_edge(in_crop, list(crop.box), [0, 0, width, height])
    indices: list[int] = torch.nonzero(~near)[:, 0].tolist()
    return indices


def _proposal(
    crop: Crop, mask: PackedMask, predicted_iou: float, stability: float, point: Points
) -> MaskProposal:
    """A proposal in the whole image, of a mask and its point in the crop."""
    left, top = crop.box[:2]
    x, y = point.tolist()
    return MaskProposal(
        mask.moved(left, top),
        _moved(outermost(mask.box), left, top),
        predicted_iou,
        stability,
        (left + x, top + y),
        crop.box,
    )


def _moved(corners: Box, right: int, down: int) -> Box:
    x0, y0, x1, y1 = corners
    return x0 + right, y0 + down, x1 + right, y1 + down
