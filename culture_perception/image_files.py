"""Pictures as JPEG and PNG files, in messages and in folders.

Pillow decodes: it is as fast as OpenCV, and names what is wrong with a file where OpenCV gives half
a picture.
"""

from __future__ import annotations

import io
import struct
from typing import Final

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from culture_perception.image_encodings import ImageError
from culture_perception.packed_image import AnyArray

_CODECS: Final = ("JPEG", "PNG")
_BROKEN: Final = (
    OSError,
    SyntaxError,  # Pillow's word for a chunk that can not be
    ValueError,
    struct.error,
    EOFError,
    MemoryError,
    PillowImage.DecompressionBombError,
)
"""What Pillow raises for damaged files."""


def decode_file(data: bytes, what: str) -> AnyArray:
    """Pixels of a whole JPEG or PNG file: (H, W, 3) uint8 RGB, or (H, W) grey, uint8 or uint16.

    An alpha channel is dropped; Exif's orientation is not applied, as a camera's calibration
    holds for the picture as it was taken.

    Args:
        data: the file.
        what: it is, for the error.

    Raises:
        ImageError: it is of another kind, damaged or cut off.
    """
    try:
        with PillowImage.open(io.BytesIO(data), formats=_CODECS) as picture:
            if picture.mode.startswith("I"):  # one channel of 16 bits
                return np.asarray(picture).astype(np.uint16)
            grey = picture.mode in ("1", "L")
            return np.asarray(picture.convert("L" if grey else "RGB"))
    except UnidentifiedImageError:
        kinds = " nor ".join(_CODECS)
        raise ImageError(f"{len(data)} bytes are no {what}: neither {kinds}") from None
    except _BROKEN as error:
        raise ImageError(f"{len(data)} bytes are no whole {what}: {error}") from error
