"""Mask edges, moved to the edges of the image."""

import cv2
import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import MaskArray, Uint8Array, box_of

RADIUS_PX = 6
REGULARISATION = 4e-4
"""Variance of colours (0 to 1) below which an area counts as flat."""

_Plane = NDArray[np.float32]


def snap_to_edges(mask: MaskArray, image_rgb: Uint8Array) -> MaskArray:
    """Filter a mask (H, W) guided by the image (H, W, 3), so that its edge follows colour edges.

    A mask decoded at a quarter of the resolution is a few pixels off at the edge. The guided
    filter fits the mask as a linear function of the colours around each pixel; it works within
    the mask's box only, and an empty mask stays empty.
    """
    box = box_of(mask)
    snapped: MaskArray = np.zeros_like(mask)
    if box is None:
        return snapped
    margin = 2 * RADIUS_PX
    x0, y0 = max(box[0] - margin, 0), max(box[1] - margin, 0)
    window = np.s_[y0 : box[3] + margin, x0 : box[2] + margin]
    soft = _mean(mask[window].astype(np.float32), 1)
    colours = image_rgb[window].astype(np.float32) / 255.0
    filtered = [_guided(soft, colours[..., channel]) for channel in range(3)]
    snapped[window] = np.mean(filtered, axis=0) > 0.5
    return snapped


def _guided(plane: _Plane, guide: _Plane) -> _Plane:
    """The guided filter of one plane by one colour channel."""
    plane_mean, guide_mean = _mean(plane), _mean(guide)
    covariance = _mean(guide * plane) - guide_mean * plane_mean
    slope = covariance / (_mean(guide * guide) - guide_mean**2 + REGULARISATION)
    offset = plane_mean - slope * guide_mean
    return _mean(slope) * guide + _mean(offset)


def _mean(plane: _Plane, radius: int = RADIUS_PX) -> _Plane:
    side = 2 * radius + 1
    return np.asarray(cv2.boxFilter(plane, -1, (side, side)), np.float32)
