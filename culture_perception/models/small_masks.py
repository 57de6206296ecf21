"""Masks at the resolution that the decoder gives them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from culture_perception.masks import Box, Float32Array, IntArray
from culture_perception.models.image_embedding import EmbeddedImage


@dataclass(frozen=True, eq=False)
class SmallMasks:
    """Logits of masks on the cells that the image fills.

    In numpy: torch takes ten times as long to count or to search small arrays of bool.

    Attributes:
        logits: (M, h, w) float32 or better.
        cell_hw: height and width of a cell in pixels of the image.
        image_hw: size of the image in pixels.
    """

    logits: Float32Array
    cell_hw: tuple[float, float]
    image_hw: tuple[int, int]

    @classmethod
    def of(cls, small: Tensor, image: EmbeddedImage) -> "SmallMasks":
        """The part (M, h, w) that the image fills of logits on the whole canvas."""
        filled = image.filled_hw
        used = [filled[i] * small.shape[1 + i] / image.canvas_hw[i] for i in range(2)]
        rows, columns = (max(round(cells), 1) for cells in used)
        height, width = image.image_hw
        logits = small[:, :rows, :columns].cpu().numpy()
        return cls(logits, (height / used[0], width / used[1]), image.image_hw)

    def areas(self, cut: float) -> Float32Array:
        """Cells (M,) above a cut, as a share of the image."""
        cells = self.logits.shape[1] * self.logits.shape[2]
        return np.asarray(self._counts(cut) / np.float32(cells))

    def stability(self, high: float, low: float) -> Float32Array:
        """IoU (M,) of the masks that two cuts make; nan where both are empty."""
        inner, outer = self._counts(high), self._counts(low)
        return np.divide(inner, outer, out=np.full_like(inner, np.nan), where=outer > 0)

    def corners(self, cut: float) -> list[Box]:
        """Outermost pixels (x0, y0, x1, y1) of each mask; all zero for an empty one."""
        rows, columns = self.logits.max(2) > cut, self.logits.max(1) > cut
        top, bottom = _span(rows, self.cell_hw[0], self.image_hw[0])
        left, right = _span(columns, self.cell_hw[1], self.image_hw[1])
        corners = np.stack([left, top, right, bottom], 1)
        corners[~rows.any(1)] = 0
        return [(x0, y0, x1, y1) for x0, y0, x1, y1 in corners.tolist()]

    def _counts(self, cut: float) -> Float32Array:
        counts = [np.count_nonzero(logits > cut) for logits in self.logits]
        return np.array(counts, np.float32)


def _span(occupied: NDArray[np.bool_], cell: float, size: int) -> tuple[IntArray, IntArray]:
    """First and last pixel (M,) of cells (M, n) that are occupied."""
    first = occupied.argmax(1)
    end = occupied.shape[1] - occupied[:, ::-1].argmax(1)
    start = np.rint(first * cell).astype(np.intp)
    last = np.minimum(np.rint(end * cell).astype(np.intp), size) - 1
    return start, np.maximum(last, start)
