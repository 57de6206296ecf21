"""Where to prompt: at the object centres that a small Sam sees, and on a grid."""

from collections.abc import Sequence
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from culture_perception.models.canvas_predictor import CanvasPredictor
from culture_perception.models.small_image_encoder import CENTRE, MAP_STRIDE

Points = NDArray[np.float64]
"""(N, 2) points (x, y), as shares (0 to 1) of the image's width and height."""


def grid_points(per_side: int) -> Points:
    """The centres of a `per_side` x `per_side` grid, x fastest; (0, 2) for 0."""
    if per_side == 0:
        return np.zeros((0, 2))
    along = (np.arange(per_side) + 0.5) / per_side
    x, y = np.meshgrid(along, along)
    return np.stack([x, y], axis=-1).reshape(-1, 2)


def centre_points(
    centre_logits: Tensor, filled_hw: tuple[float, float], threshold: float, limit: int
) -> Points:
    """Local maxima of a map of object centres, best first.

    Args:
        centre_logits: (h, w) logits at stride 4 of the canvas.
        filled_hw: the part of the canvas that the image fills, in pixels.
        threshold: least probability, 0 to 1.
        limit: the most points.

    Returns:
        The points inside the image; (0, 2) if there is none.
    """
    heat = centre_logits.float().sigmoid()
    largest = functional.max_pool2d(heat[None, None], 3, 1, 1)[0, 0]
    is_peak = (heat == largest) & (heat > threshold)
    rows, columns = torch.nonzero(is_peak, as_tuple=True)
    order = heat[rows, columns].argsort(descending=True)[:limit]
    pixels = torch.stack([columns[order], rows[order]], -1) * MAP_STRIDE + MAP_STRIDE // 2
    shares: Points = pixels.cpu().numpy() / np.array(filled_hw[::-1])
    return shares[(shares < 1.0).all(axis=1)]


class CentrePrompts(Sequence[Points]):
    """`point_grids` of an automatic mask generator, drawn from the image it has just encoded.

    The generator looks a layer's grid up after its predictor has encoded the (crop of the) image;
    the embedding is there then, and the centres cost one 1x1 convolution.
    """

    def __init__(
        self, predictor: CanvasPredictor, threshold: float, limit: int, grids: Sequence[Points]
    ) -> None:
        """Take the predictor that the generator uses, and the grid of each crop layer."""
        self._predictor = predictor
        self._threshold = threshold
        self._limit = limit
        self._grids = grids

    def __len__(self) -> int:
        return len(self._grids)

    @overload
    def __getitem__(self, index: int) -> Points: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Points]: ...

    def __getitem__(self, index: int | slice) -> Points | Sequence[Points]:
        if isinstance(index, slice):
            return [self[layer] for layer in range(*index.indices(len(self)))]
        points = np.concatenate([self._centres(), self._grids[index]])
        # The generator cannot take an image without prompts: an empty table gets one.
        return points if len(points) else np.array([[0.5, 0.5]])

    def _centres(self) -> Points:
        predictor = self._predictor
        maps = predictor.model.image_encoder.dense_maps(predictor.features)
        return centre_points(maps[0, CENTRE], predictor.filled_hw, self._threshold, self._limit)
