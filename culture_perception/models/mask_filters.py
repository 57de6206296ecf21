"""Which decoded masks stay: the published filters, at the resolution of the image."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from culture_perception.masks import Box
from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal, PackedMask, outermost
from culture_perception.models.point_prompts import Points
from culture_perception.models.sam_small import CanvasSam
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
        self._full: Final = FullSize(sam, cuts, crop)
        self._found: Final[list[MaskProposal]] = []

    def add(self, decoded: DecodedMasks) -> None:
        """Take the masks of a batch of prompts."""
        for index, window in enumerate(self._full.windows(decoded.small)):
            cells = self._full.cells(decoded.small[index], window)
            iou = float(decoded.predicted_iou[index])
            proposal = self._full.proposal(cells, window, iou, decoded.points[index])
            if proposal is not None:
                self._found.append(proposal)

    def proposals(self) -> list[MaskProposal]:
        """What passed of all batches, in the order of the prompts."""
        return self._found


class FullSize:
    """Brings masks of a crop to the resolution of the image, and filters them as published."""

    def __init__(self, sam: Sam, cuts: Cuts, crop: Crop) -> None:
        self._cuts: Final = cuts
        self._crop: Final = crop
        # What the decoder gives: see SharedDecoder.
        precision = torch.promote_types(next(sam.mask_decoder.parameters()).dtype, torch.float32)
        self._upsampler: Final = Upsampler(crop.image, precision, isinstance(sam, CanvasSam))

    def windows(self, small: Tensor) -> list[Box]:
        """Where masks of logits (M, h, w) can have pixels at any cut: half-open, in the crop."""
        cuts = self._cuts
        return self._upsampler.windows(small, min(cuts.low, cuts.mask, cuts.high))

    def cells(self, small: Tensor, window: Box) -> Tensor:
        """What `proposal` needs of logits (h, w), as a view."""
        return self._upsampler.cells(small, window)

    def proposal(
        self, cells: Tensor, window: Box, predicted_iou: float, point: Points
    ) -> MaskProposal | None:
        """The mask, if it passes: stable, and not cut off by the crop.

        Args:
            cells: of `cells`.
            window: of `windows`.
            predicted_iou: the model's estimate.
            point: (2,) the prompt, in pixels of the crop.
        """
        logits = self._upsampler.upsample(cells, window).cpu().numpy()
        stability = stability_score(logits, self._cuts.high, self._cuts.low)
        if not self._cuts.is_stable(stability):
            return None
        mask = PackedMask.of(logits > self._cuts.mask, window[0], window[1])
        found = _proposal(self._crop, mask, predicted_iou, stability, point)
        return found if _is_inside(self._crop, found.corners) else None


def stability_score(logits: NDArray[np.floating[Any]], high: float, low: float) -> float:
    """IoU of the masks that two cuts make of logits; nan where both are empty."""
    inner, outer = (np.float32(np.count_nonzero(logits > cut)) for cut in (high, low))
    return float(inner / outer) if outer else float("nan")


def _is_inside(crop: Crop, corners: Box) -> bool:
    """Whether a box (in the whole image) does not end where the crop does but the image goes on."""
    height, width = crop.whole_hw
    whole: Box = (0, 0, width, height)
    if crop.box == whole:
        return True
    left, top = crop.box[:2]
    in_crop = torch.tensor([_moved(corners, -left, -top)])
    return not bool(is_box_near_crop_edge(in_crop, list(crop.box), list(whole))[0])


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
