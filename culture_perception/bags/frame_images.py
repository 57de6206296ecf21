"""Pixels of recorded images, raw or compressed."""

from __future__ import annotations

from typing import Any

from culture_perception.compressed_images import compressed_to_rgb
from culture_perception.images import to_rgb
from culture_perception.masks import Uint8Array


def read_image(message: Any) -> Uint8Array:
    """A sensor_msgs/Image or CompressedImage as uint8 (H, W, 3) RGB.

    Raises:
        ImageError: it is damaged or holds no colours.
    """
    if not hasattr(message, "format"):
        return to_rgb(message)
    return compressed_to_rgb(message)
