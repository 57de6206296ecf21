"""Pixels of recorded images, raw or compressed."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from culture_perception.images import ImageError, to_rgb
from culture_perception.masks import Uint8Array


def read_image(message: Any) -> Uint8Array:
    """A sensor_msgs/Image or CompressedImage as uint8 (H, W, 3) RGB.

    Raises:
        ImageError: it is damaged or holds no colours.
    """
    if not hasattr(message, "format"):
        return to_rgb(message)
    data = np.frombuffer(message.data, dtype=np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if pixels is None:
        raise ImageError(f"{data.size} bytes are no image in {message.format!r}")
    return np.ascontiguousarray(pixels[:, :, ::-1])
