"""Small logits to the size of the image, only where a mask can be.

segment-anything resizes logits twice, both times bilinearly: to the canvas, and from the part of
it that the image fills to the image. Each is linear and separable, and so is their chain: a matrix
for the rows and one for the columns. Their product with the logits can be taken for any window.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from culture_perception.masks import Box, IntArray
from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.small_image_encoder import MAP_STRIDE


class Upsampler:
    """Upsamples the logits of one image."""

    def __init__(self, image: EmbeddedImage, small: Tensor, direct: bool) -> None:
        """Prepare for an image.

        Args:
            image: how the image lies on the canvas.
            small: (M, h, w) logits, whose size, precision and device are taken.
            direct: leave out the step by the canvas where that is possible, as a small Sam does.
        """
        direct = direct and not any(side % MAP_STRIDE for side in image.input_hw)
        self._rows: Final = _Axis(image, 0, small, direct)
        self._columns: Final = _Axis(image, 1, small, direct)

    def windows(self, small: Tensor, least: float) -> list[Box]:
        """Where logits can exceed `least`: half-open boxes in pixels, all zero for nowhere.

        Every upsampled logit is a weighted mean of small ones, so that it exceeds `least` only
        beside a small one that does.
        """
        above = small > least
        rows = self._rows.reach(above.any(2))
        columns = self._columns.reach(above.any(1))
        spans = np.concatenate([columns[:, :1], rows[:, :1], columns[:, 1:], rows[:, 1:]], 1)
        spans[(spans[:, 0] >= spans[:, 2]) | (spans[:, 1] >= spans[:, 3])] = 0
        return [(x0, y0, x1, y1) for x0, y0, x1, y1 in spans.tolist()]

    def upsample(self, small: Tensor, window: Box) -> Tensor:
        """Logits (h, w) at the image's resolution: (y1 - y0, x1 - x0) of a window."""
        x0, y0, x1, y1 = window
        rows, used_rows = self._rows.part(y0, y1)
        columns, used_columns = self._columns.part(x0, x1)
        return rows @ small[used_rows, used_columns] @ columns.T


class _Axis:
    """The rows or the columns: pixels as weighted means of cells."""

    def __init__(self, image: EmbeddedImage, axis: int, small: Tensor, direct: bool) -> None:
        cells = small.shape[1 + axis]
        unit = torch.eye(cells, dtype=small.dtype)[None]
        if direct:
            used = unit[..., : image.input_hw[axis] // MAP_STRIDE]
        else:
            used = _resized(unit, image.canvas_hw[axis])[..., : image.input_hw[axis]]
        shown = _resized(used, image.bordered_hw[axis])[..., : image.image_hw[axis]]
        self._weights: Final = shown[0].T.contiguous().to(small.device)
        touched = shown[0].T.numpy() > 0.0  # (pixels, cells)
        self._first_cell: Final[IntArray] = touched.argmax(1)
        self._cell_end: Final[IntArray] = cells - touched[:, ::-1].argmax(1)
        beyond = np.arange(cells)
        # The first pixel that touches a cell or a later one, and the end of those before.
        self._first_pixel: Final = np.searchsorted(self._cell_end, beyond, side="right")
        self._pixel_end: Final = np.searchsorted(self._first_cell, beyond, side="right")

    def reach(self, above: Tensor) -> NDArray[np.int64]:
        """Pixels (M, 2), half-open, that touch cells (M, cells) bool; (0, 0) where none is set."""
        flags = above.cpu().numpy()
        first = flags.argmax(1)
        last = flags.shape[1] - 1 - flags[:, ::-1].argmax(1)
        spans = np.stack([self._first_pixel[first], self._pixel_end[last]], 1)
        spans[~flags.any(1)] = 0
        return spans.astype(np.int64)

    def part(self, start: int, end: int) -> tuple[Tensor, slice]:
        """Weights of pixels `start` to `end`, and the cells they weigh."""
        used = slice(int(self._first_cell[start]), int(self._cell_end[end - 1]))
        return self._weights[start:end, used], used


def _resized(unit: Tensor, size: int) -> Tensor:
    return functional.interpolate(unit, size, mode="linear", align_corners=False)
