"""Which grid points need not be asked, because their answer is known."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.models.image_embedding import EmbeddedImage
from culture_perception.models.mask_filters import Cuts, DecodedMasks
from culture_perception.models.point_prompts import Points
from culture_perception.models.small_masks import SmallMasks

LARGEST_SHARE: Final = 0.1
"""Of the image. A larger mask may be the background, with objects on it that it does not leave
out."""
SURE: Final = 0.75
"""How far from the threshold of the predicted IoU to 1. On grids of 16 and 32 points a side, scenes
of the table and close-ups of it, half-way saved up to a fifth of the points and left a mean IoU of
.88 to .99 with the masks of all points; this saves little there, but keeps .99 and more."""


class PointCover:
    """What of an image is covered by masks that other points in them would give again.

    A prompt gives up to three masks, one within the other. A second point in the smallest of them
    lies in the same part of the same whole, and gives the same three; a point that lies only in a
    larger one may belong to another part. So only the smallest covers, if it passed all filters,
    is sure, and is not large.
    """

    def __init__(self, image: EmbeddedImage, cuts: Cuts, pred_iou_thresh: float) -> None:
        self._image = image
        self._cuts = cuts
        self._least_iou = pred_iou_thresh + SURE * (1.0 - pred_iou_thresh)
        self._covered: NDArray[np.bool_] | None = None

    def add(self, decoded: DecodedMasks) -> None:
        """Take the masks of a batch of prompts."""
        masks = SmallMasks.of(decoded.small, self._image)
        if self._covered is None:
            self._covered = np.zeros(masks.logits.shape[1:], np.bool_)
        areas = masks.areas(self._cuts.mask)
        stability = masks.stability(self._cuts.high, self._cuts.low)
        iou = decoded.predicted_iou.cpu().numpy()
        for index in _smallest_by_point(decoded.points, areas):
            sure = iou[index] >= self._least_iou and self._cuts.is_stable(float(stability[index]))
            if sure and areas[index] <= LARGEST_SHARE:
                self._covered |= masks.logits[index] > self._cuts.mask

    def uncovered(self, points: Points) -> Points:
        """Those of points (N, 2), in pixels, that still have to be asked."""
        if self._covered is None or not len(points):
            return points
        size = np.array(self._image.image_hw[::-1], np.float64)
        cells = np.array(self._covered.shape[::-1])
        columns, rows = np.minimum(points / size * cells, cells - 1).astype(np.intp).T
        asked: Points = points[~self._covered[rows, columns]]
        return asked


def _smallest_by_point(points: Points, areas: NDArray[np.floating]) -> list[int]:
    """Index of the smallest mask of each point."""
    smallest: dict[tuple[float, ...], int] = {}
    for index, point in enumerate(map(tuple, points.tolist())):
        if point not in smallest or areas[index] < areas[smallest[point]]:
            smallest[point] = index
    return list(smallest.values())
