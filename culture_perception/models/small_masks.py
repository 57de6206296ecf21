"""Masks at the resolution that the decoder gives them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from culture_perception.masks import Box
from culture_perception.models.image_embedding import EmbeddedImage


@dataclass(frozen=True)
class SmallMasks:
    """Logits of masks on the cells that the image fills.

    Attributes:
        logits: (M, h, w).
        cell_hw: height and width of a cell in pixels of the image.
        image_hw: size of the image in pixels.
    """

    logits: Tensor
    cell_hw: tuple[float, float]
    image_hw: tuple[int, int]

    @classmethod
    def of(cls, small: Tensor, image: EmbeddedImage) -> "SmallMasks":
        """The part (M, h, w) that the image fills of logits on the whole canvas."""
        filled = image.filled_hw
        used = [filled[i] * small.shape[1 + i] / image.canvas_hw[i] for i in range(2)]
        rows, columns = (max(round(cells), 1) for cells in used)
        height, width = image.image_hw
        return cls(small[:, :rows, :columns], (height / used[0], width / used[1]), image.image_hw)

    def areas(self, cut: float) -> Tensor:
        """Cells (M,) above a cut, as a share of the image."""
        return (self.logits > cut).float().mean((1, 2))

    def stability(self, high: float, low: float) -> Tensor:
        """IoU (M,) of the masks that two cuts make; nan where both are empty."""
        inner, outer = ((self.logits > cut).sum((1, 2)) for cut in (high, low))
        return inner / outer

    def corners(self, cut: float) -> list[Box]:
        """Outermost pixels (x0, y0, x1, y1) of each mask; all zero for an empty one."""
        mask = self.logits > cut
        top, bottom = _span(mask.any(2), self.cell_hw[0], self.image_hw[0])
        left, right = _span(mask.any(1), self.cell_hw[1], self.image_hw[1])
        corners = torch.stack([left, top, right, bottom], 1)
        corners[~mask.flatten(1).any(1)] = 0
        return [(x0, y0, x1, y1) for x0, y0, x1, y1 in corners.tolist()]


def _span(occupied: Tensor, cell: float, size: int) -> tuple[Tensor, Tensor]:
    """First and last pixel (M,) of cells (M, n) that are occupied."""
    flags = occupied.int()
    first = flags.argmax(1)
    end = flags.shape[1] - flags.flip(1).argmax(1)
    start = (first * cell).round().long()
    last = (end * cell).round().long().clamp(max=size) - 1
    return start, torch.maximum(last, start)
