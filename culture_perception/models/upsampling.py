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

    def __init__(self, image: EmbeddedImage, precision: torch.dtype, direct: bool) -> None:
        """Prepare for an image.

        Args:
            image: how the image lies on the canvas; logits are at a quarter of the canvas, on the
                embedding's device.
            precision: of the logits.
            direct: leave out the step by the canvas where that is possible, as a small Sam does.
        """
        direct = direct and not any(side % MAP_STRIDE for side in image.input_hw)
        self._rows: Final = _Axis(image, 0, precision, direct)
        self._columns: Final = _Axis(image, 1, precision, direct)

    def windows(self, small: Tensor, least: float) -> list[Box]:
        """Where logits can exceed `least`: half-open boxes in pixels, all zero for nowhere.

        Every upsampled logit is a weighted mean of small ones, so that it exceeds `least` only
        beside a small one that does.
        """
        rows = self._rows.reach(small.amax(2) > least)
        columns = self._columns.reach(small.amax(1) > least)
        spans = np.concatenate([columns[:, :1], rows[:, :1], columns[:, 1:], rows[:, 1:]], 1)
        spans[(spans[:, 0] >= spans[:, 2]) | (spans[:, 1] >= spans[:, 3])] = 0
        return [(x0, y0, x1, y1) for x0, y0, x1, y1 in spans.tolist()]

    def cells(self, small: Tensor, window: Box) -> Tensor:
        """The part of small logits (h, w) that a window is made of, as a view."""
        x0, y0, x1, y1 = window
        return small[self._rows.used(y0, y1), self._columns.used(x0, x1)]

    def upsample(self, cells: Tensor, window: Box) -> Tensor:
        """A window's logits (y1 - y0, x1 - x0) at the image's resolution, of its cells."""
        x0, y0, x1, y1 = window
        return self._rows.weights(y0, y1) @ cells @ self._columns.weights(x0, x1).T


class _Axis:
    """The rows or the columns: pixels as weighted means of cells."""

    def __init__(
        self, image: EmbeddedImage, axis: int, precision: torch.dtype, direct: bool
    ) -> None:
        cells = image.canvas_hw[axis] // MAP_STRIDE
        unit = torch.eye(cells, dtype=precision)[None]
        if direct:
            used = unit[..., : image.input_hw[axis] // MAP_STRIDE]
        else:
            used = _resized(unit, image.canvas_hw[axis])[..., : image.input_hw[axis]]
        shown = _resized(used, image.bordered_hw[axis])[..., : image.image_hw[axis]]
        self._weights: Final = shown[0].T.contiguous().to(image.embedding.device)
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

    def used(self, start: int, end: int) -> slice:
        """The cells that pixels `start` to `end` are made of."""
        return slice(int(self._first_cell[start]), int(self._cell_end[end - 1]))

    def weights(self, start: int, end: int) -> Tensor:
        """What pixels `start` to `end` are made of: (pixels, used cells)."""
        return self._weights[start:end, self.used(start, end)]


def _resized(unit: Tensor, size: int) -> Tensor:
    return functional.interpolate(unit, size, mode="linear", align_corners=False)
