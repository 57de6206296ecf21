"""What a mask generator finds: masks, kept small until they are known to stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from culture_perception.masks import Box, BoxedMask, MaskArray, Uint8Array, box_of, paste
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.utils.amg import remove_small_regions  # noqa: E402
from torchvision.ops.boxes import batched_nms  # noqa: E402


@dataclass(frozen=True)
class PackedMask:
    """A mask inside its box, eight pixels to a byte.

    Attributes:
        box: half-open (x0, y0, x1, y1) in pixels of the image; all zero for an empty mask.
        bits: its pixels, row by row.
    """

    box: Box
    bits: Uint8Array

    @classmethod
    def of(cls, mask: MaskArray, left: int = 0, top: int = 0) -> "PackedMask":
        """Pack a mask (h, w) whose upper left pixel lies at (left, top) of the image."""
        x0, y0, x1, y1 = box = box_of(mask) or (0, 0, 0, 0)
        return cls(box, np.packbits(mask[y0:y1, x0:x1])).moved(left, top)

    def moved(self, right: int, down: int) -> "PackedMask":
        """The mask further to the right and down, pixels; an empty one is nowhere."""
        x0, y0, x1, y1 = self.box
        if not self.bits.size:
            return self
        return PackedMask((x0 + right, y0 + down, x1 + right, y1 + down), self.bits)

    @property
    def area(self) -> int:
        """Set pixels."""
        return int(np.unpackbits(self.bits).sum(dtype=np.int64))

    def boxed(self) -> BoxedMask:
        """The mask inside its box."""
        x0, y0, x1, y1 = self.box
        flat = np.unpackbits(self.bits, count=(y1 - y0) * (x1 - x0)).view(np.bool_)
        return BoxedMask(self.box, flat.reshape(y1 - y0, x1 - x0))


@dataclass(frozen=True)
class MaskProposal:
    """A mask that passed the filters.

    Attributes:
        packed: the mask.
        corners: its box as segment-anything gives it: the outermost pixels (x0, y0, x1, y1).
        predicted_iou: the model's estimate; not bound to 0 to 1.
        stability: stability score, 0 to 1; nan for a mask without pixels at any cut.
        point_xy: the prompt in pixels.
        crop_box: the crop that was searched, half-open, in pixels.
    """

    packed: PackedMask
    corners: Box
    predicted_iou: float
    stability: float
    point_xy: tuple[float, float]
    crop_box: Box

    def mask(self, shape_hw: tuple[int, int]) -> MaskArray:
        """The mask at the size of the image."""
        return paste(self.packed.boxed(), shape_hw)


def suppressed(
    proposals: Sequence[MaskProposal], score: Callable[[MaskProposal], float], iou_thresh: float
) -> list[MaskProposal]:
    """Proposals without those whose box overlaps that of a better one too much, best first.

    Ties are broken as torchvision does, since segment-anything leaves that to it.
    """
    corners = [item.corners for item in proposals]
    kept = unsuppressed(corners, [score(item) for item in proposals], iou_thresh)
    return [proposals[index] for index in kept]


def unsuppressed(corners: Sequence[Box], scores: Sequence[float], iou_thresh: float) -> list[int]:
    """Indices of boxes that overlap no better one by more than `iou_thresh`, best first."""
    if not corners:
        return []
    boxes = torch.tensor(corners, dtype=torch.float32)
    ranks = torch.tensor(scores, dtype=torch.float32)
    kept: list[int] = batched_nms(
        boxes, ranks, torch.zeros(len(boxes)), iou_threshold=iou_thresh
    ).tolist()
    return kept


def crop_area_score(proposal: MaskProposal) -> float:
    """Prefers masks from smaller crops."""
    x0, y0, x1, y1 = proposal.crop_box
    return 1.0 / ((x1 - x0) * (y1 - y0))


def without_small_regions(
    proposals: Sequence[MaskProposal], min_area: int, shape_hw: tuple[int, int], iou_thresh: float
) -> list[MaskProposal]:
    """Fill holes and remove islands below `min_area` pixels; duplicates go, unchanged masks stay.

    Of masks that are then duplicates, those that needed no change are preferred.
    """
    cleaned = [_cleaned(item, min_area, shape_hw) for item in proposals]
    unchanged = {id(item) for item in proposals}
    return suppressed(cleaned, lambda item: float(id(item) in unchanged), iou_thresh)


def _cleaned(proposal: MaskProposal, min_area: int, shape_hw: tuple[int, int]) -> MaskProposal:
    """The same proposal if nothing changes."""
    mask, filled = remove_small_regions(proposal.mask(shape_hw), min_area, mode="holes")
    mask, cut = remove_small_regions(mask, min_area, mode="islands")
    if not filled and not cut:
        return proposal
    packed = PackedMask.of(mask)
    return replace(proposal, packed=packed, corners=outermost(packed.box))


def outermost(box: Box) -> Box:
    """The outermost pixels of a half-open box; all zero for an empty one."""
    x0, y0, x1, y1 = box
    return (x0, y0, x1 - 1, y1 - 1) if x1 > x0 else (0, 0, 0, 0)
