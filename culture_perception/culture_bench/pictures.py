"""Pictures of items: whole ones as pixels, broken ones as an error that is counted."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from culture_perception.masks import Uint8Array

GREY: Final = 128
_BLANK_SIDE: Final = 224
_BROKEN: Final = (
    OSError,  # also: no such file, and what Pillow can not identify
    SyntaxError,  # Pillow's word for a chunk that can not be
    ValueError,
    struct.error,
    EOFError,
    MemoryError,
    Image.DecompressionBombError,
)


class BrokenImageError(ValueError):
    """A picture is missing or damaged."""


def read_picture(path: Path, longest_side: int = 0) -> Uint8Array:
    """Pixels of a picture, upright by its Exif: uint8 (H, W, 3) RGB.

    Args:
        path: JPEG, PNG, WebP or what else Pillow reads.
        longest_side: larger pictures are made smaller to this, pixels; 0: as they are.

    Raises:
        BrokenImageError: there is no such file, or it is damaged, cut off or no picture.
    """
    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            if longest_side:
                upright.thumbnail((longest_side, longest_side))
            return np.asarray(upright)
    except _BROKEN as error:
        reason = str(error).strip() or type(error).__name__
        raise BrokenImageError(f"broken image: {reason}") from error


def blank_picture() -> Uint8Array:
    """What a model that needs a picture is shown instead of one: grey, uint8 (224, 224, 3)."""
    return np.full((_BLANK_SIDE, _BLANK_SIDE, 3), GREY, dtype=np.uint8)
