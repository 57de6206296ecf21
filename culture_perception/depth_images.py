"""Depth as drivers send it (REP-118): float metres or whole millimetres, to metres and back."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.images import AnyArray, ImageError, ImageMessage, image_to_array
from culture_perception.masks import Float32Array

MILLIMETRES: Final = ("16UC1", "mono16")
METRES: Final = "32FC1"


def to_depth_m(message: ImageMessage) -> Float32Array:
    """A depth message as float32 (H, W), metres, NaN where nothing was measured.

    Raises:
        ImageError: it is neither 32FC1 (metres) nor 16UC1 (millimetres), or damaged.
    """
    if message.encoding != METRES and message.encoding not in MILLIMETRES:
        raise ImageError(
            f"an image in {message.encoding!r} is no depth; publish 32FC1 (metres) or "
            "16UC1 (millimetres)"
        )
    return depth_to_metres(image_to_array(message))


def depth_to_metres(pixels: AnyArray) -> Float32Array:
    """Depth in metres, NaN where nothing was measured.

    Args:
        pixels: (H, W); float32: metres, of which values that are not finite or not positive mean
            nothing measured; uint16: millimetres, 0 means nothing measured.

    Returns:
        float32 (H, W), a new array.

    Raises:
        ImageError: the array is of another type or shape.
    """
    if pixels.ndim != 2 or pixels.dtype not in (np.uint16, np.float32):
        raise ImageError(
            f"an array of {pixels.dtype} {pixels.shape} is no depth; pass (H, W) float32 in "
            "metres or uint16 in millimetres"
        )
    depth_m = pixels.astype(np.float32)
    if pixels.dtype == np.uint16:
        depth_m *= np.float32(0.001)
    depth_m[~(np.isfinite(depth_m) & (depth_m > 0))] = np.nan
    return depth_m


def metres_to_millimetres(depth_m: Float32Array) -> NDArray[np.uint16]:
    """Depth in whole millimetres, rounded; 0 where nothing was measured or 65.535 m do not reach.

    Args:
        depth_m: (H, W) metres, NaN where nothing was measured.
    """
    millimetres = np.rint(np.nan_to_num(depth_m, nan=0.0, posinf=0.0, neginf=0.0) * 1000.0)
    fits = (millimetres > 0) & (millimetres <= np.iinfo(np.uint16).max)
    return np.where(fits, millimetres, 0).astype(np.uint16)
