"""The published filters, with what is clear from the decoder's own logits decided on these."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from torch import Tensor

from culture_perception.masks import Box, FloatArray
from culture_perception.models.mask_filters import Crop, Cuts, DecodedMasks, FullSize
from culture_perception.models.mask_proposals import MaskProposal
from culture_perception.models.point_prompts import Points
from culture_perception.models.small_masks import SmallMasks
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402

STABILITY_MARGIN: Final = 0.05
"""A mask may be that much less stable at the decoder's resolution and is still looked at."""
MARGIN_CELLS: Final = 0.5
MARGIN_PX: Final = 1.0
"""An edge is between the last cell above the cut and the next one, then rounded to a pixel."""


class LowResolutionFilters:
    """Upsamples only masks that may stay.

    Masks that are clearly unstable, and those whose box clearly repeats that of a better mask,
    are dropped by the decoder's own logits. All others are filtered at the resolution of the
    image, as published, so that what stays has the published mask, box and stability.
    """

    def __init__(self, sam: Sam, cuts: Cuts, crop: Crop, box_nms_thresh: float) -> None:
        self._full: Final = FullSize(sam, cuts, crop)
        self._cuts: Final = cuts
        self._crop: Final = crop
        self._thresh: Final = box_nms_thresh
        self._candidates: Final[list[_Candidate]] = []

    def add(self, decoded: DecodedMasks) -> None:
        """Take the masks of a batch of prompts."""
        if not len(decoded.small):
            return
        masks = SmallMasks.of(decoded.small, self._crop.image)
        stability = masks.stability(self._cuts.high, self._cuts.low) + STABILITY_MARGIN
        corners = masks.corners(self._cuts.mask)
        predicted = decoded.predicted_iou.tolist()
        for index, window in enumerate(self._full.windows(decoded.small)):
            if self._cuts.is_stable(float(stability[index])):
                # A copy: a view would keep all logits of the batch.
                cells = self._full.cells(decoded.small[index], window).clone()
                box = UncertainBox.of(corners[index], masks.cell_hw)
                self._candidates.append(
                    _Candidate(cells, window, box, predicted[index], decoded.points[index])
                )

    def proposals(self) -> list[MaskProposal]:
        """What passed of all batches, best first."""
        found: list[MaskProposal] = []
        left, top = self._crop.box[:2]
        offset = np.array((left, top, left, top), np.float64)
        better = np.zeros((0, 4))  # boxes of what was found, in pixels of the crop
        for item in sorted(self._candidates, key=lambda item: item.predicted_iou, reverse=True):
            if (item.box.least_iou(better) > self._thresh).any():
                continue
            passed = self._full.proposal(item.cells, item.window, item.predicted_iou, item.point)
            if passed is None:
                continue
            box = UncertainBox(np.array(passed.corners) - offset)
            if not (box.least_iou(better) > self._thresh).any():
                found.append(passed)
                better = np.concatenate([better, box.corners[None]])
        return found


@dataclass(frozen=True, eq=False)
class UncertainBox:
    """A box of which each edge is known but for a margin.

    Attributes:
        corners: (4,) its outermost pixels x0, y0, x1, y1.
        margin: (2,) horizontally and vertically, pixels.
    """

    corners: FloatArray
    margin: FloatArray = field(default_factory=lambda: np.zeros(2))

    @classmethod
    def of(cls, corners: Box, cell_hw: tuple[float, float]) -> "UncertainBox":
        """The box of a mask that was seen in cells only."""
        margin = np.array(cell_hw[::-1]) * MARGIN_CELLS + MARGIN_PX
        return cls(np.array(corners, np.float64), margin)

    def least_iou(self, boxes: FloatArray) -> FloatArray:
        """What the IoU with certain boxes (N, 4) is at least: (N,), as torchvision counts it."""
        margins = np.concatenate([self.margin, -self.margin])
        smallest, largest = self.corners + margins, self.corners - margins
        union = _area(boxes) + _area(largest) - _overlap(largest, boxes)
        return np.divide(
            _overlap(smallest, boxes), union, out=np.zeros(len(boxes)), where=union > 0.0
        )


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A mask that may stay, at the decoder's resolution.

    Attributes:
        cells: its logits, as FullSize.cells gives them.
        window: where they are, in pixels of the crop.
        box: of the mask, in pixels of the crop.
        predicted_iou: the model's estimate.
        point: (2,) the prompt, in pixels of the crop.
    """

    cells: Tensor
    window: Box
    box: UncertainBox
    predicted_iou: float
    point: Points


def _area(corners: FloatArray) -> FloatArray:
    """Of boxes (..., 4); 0 where one is turned inside out."""
    sides = np.maximum(corners[..., 2:] - corners[..., :2], 0.0)
    return np.asarray(sides.prod(-1))


def _overlap(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """Area (N,) that boxes (N, 4) share with one (4,)."""
    upper_left = np.maximum(box[:2], boxes[:, :2])
    lower_right = np.minimum(box[2:], boxes[:, 2:])
    return _area(np.concatenate([upper_left, lower_right], axis=1))
