"""Where to prompt: at the object centres that a small Sam sees, and on a grid."""

import math
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from culture_perception.masks import IntArray
from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.small_image_encoder import CENTRE, MAP_STRIDE
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import build_all_layer_point_grids  # noqa: E402
from segment_anything.utils.transforms import ResizeLongestSide  # noqa: E402

Points = NDArray[np.float64]
"""(N, 2) points (x, y), as shares (0 to 1) of the image's width and height, or in its pixels."""

NO_POINTS: Final = np.zeros((0, 2))


class Prompter:
    """Chooses points and embeds them."""

    def __init__(self, sam: Sam, options: MaskGeneratorOptions) -> None:
        """Take a `Sam`, and where to prompt it; `centre_prompts` needs a small one."""
        self._sam: Final[Any] = sam
        self._options: Final = options
        self._transform: Final = ResizeLongestSide(sam.image_encoder.img_size)
        layers = options.crop_n_layers
        self._grids: list[Points] = [NO_POINTS] * (layers + 1)
        if options.points_per_side:
            self._grids = build_all_layer_point_grids(
                options.points_per_side, layers, options.crop_n_points_downscale_factor
            )
        if options.mode == "fast" and options.skip_covered_points:
            # Coarse points come first: their masks cover finer ones.
            self._grids = [grid[coarse_to_fine(len(grid))] for grid in self._grids]

    def points(self, image: EmbeddedImage, layer: int) -> Points:
        """Points to prompt at in a crop of a layer, in its pixels: centres, then the grid."""
        points = self._grids[layer]
        if self._options.centre_prompts:
            points = np.concatenate([self._centres(image), points])
        return points * np.array(image.image_hw[::-1], np.float64)

    def embedded(self, points: Points, image: EmbeddedImage) -> Tensor:
        """Points (N, 2) in pixels of the crop as the decoder's prompts (N, 2, C)."""
        moved = self._transform.apply_coords(points, image.bordered_hw)
        coordinates = torch.as_tensor(moved, device=self._sam.device)[:, None]
        labels = torch.ones(coordinates.shape[:2], dtype=torch.int, device=self._sam.device)
        prompts: Tensor
        prompts, _ = self._sam.prompt_encoder(points=(coordinates, labels), boxes=None, masks=None)
        return prompts

    def _centres(self, image: EmbeddedImage) -> Points:
        maps = self._sam.image_encoder.dense_maps(image.embedding)
        options = self._options
        return centre_points(
            maps[0, CENTRE], image.filled_hw, options.centre_threshold, options.max_centres
        )


def coarse_to_fine(count: int) -> IntArray:
    """Order of the points of a square grid: every eighth of every eighth row, every fourth, ...

    Args:
        count: of the points, a square number; they are numbered row by row.

    Returns:
        (count,) indices of the points.
    """
    per_side = math.isqrt(count)
    along = np.arange(per_side)
    step = np.ones((per_side, per_side), np.intp)
    for stride in (2, 4, 8):
        chosen = along % stride == stride // 2
        step[np.ix_(chosen, chosen)] = stride
    order: IntArray = np.argsort(-step.ravel(), kind="stable")
    return order


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
        The points inside the image, as shares of it; (0, 2) if there is none.
    """
    heat = centre_logits.float().sigmoid()
    largest = functional.max_pool2d(heat[None, None], 3, 1, 1)[0, 0]
    is_peak = (heat == largest) & (heat > threshold)
    rows, columns = torch.nonzero(is_peak, as_tuple=True)
    order = heat[rows, columns].argsort(descending=True)[:limit]
    pixels = torch.stack([columns[order], rows[order]], -1) * MAP_STRIDE + MAP_STRIDE // 2
    shares: Points = pixels.cpu().numpy() / np.array(filled_hw[::-1])
    return shares[(shares < 1.0).all(axis=1)]
