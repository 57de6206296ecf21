"""What the encodings of image messages mean: type, channels, which of them hold colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


class ImageError(ValueError):
    """An image message or array is not what it says it is, or is of no use here."""


@dataclass(frozen=True)
class PixelType:
    """How the pixels of an encoding lie in memory, before colours are made of them.

    Attributes:
        dtype: numpy's name of a value's type.
        channels: values a pixel.
        coloured: whether the encoding says which colours its values are.
        least_hw: height and width below which no colours can be made of it.
        even_width: whether two neighbours share their colour, so that the width must be even.
    """

    dtype: str
    channels: int = 1
    coloured: bool = True
    least_hw: int = 0
    even_width: bool = False

    @property
    def itemsize(self) -> int:
        """Bytes a value."""
        return {"uint8": 1, "uint16": 2, "float32": 4}[self.dtype]


_TILES: Final = ("rggb", "bggr", "gbrg", "grbg")
_COLOURS: Final = {"rgb": 3, "bgr": 3, "rgba": 4, "bgra": 4, "mono": 1}
_BITS: Final = {"8": "uint8", "16": "uint16"}

ENCODINGS: Final[dict[str, PixelType]] = {
    **{
        f"{order}{bits}": PixelType(dtype, channels)
        for bits, dtype in _BITS.items()
        for order, channels in _COLOURS.items()
    },
    # Of smaller mosaics OpenCV makes black images.
    **{
        f"bayer_{tile}{bits}": PixelType(dtype, least_hw=3)
        for bits, dtype in _BITS.items()
        for tile in _TILES
    },
    # The two byte orders under their names before and since ROS 2 Iron.
    **{
        name: PixelType("uint8", 2, even_width=True)
        for name in ("yuv422", "uyvy", "yuv422_yuy2", "yuyv")
    },
    "8UC1": PixelType("uint8", coloured=False),
    "8UC3": PixelType("uint8", 3, coloured=False),
    "16UC1": PixelType("uint16", coloured=False),
    "16UC3": PixelType("uint16", 3, coloured=False),
    "32FC1": PixelType("float32", coloured=False),
}
"""Every encoding that is read here, see sensor_msgs/image_encodings.hpp."""

COLOURED: Final = tuple(name for name, pixel in ENCODINGS.items() if pixel.coloured)

OLD_NAMES: Final = {"uyvy": "yuv422", "yuyv": "yuv422_yuy2"}
"""Names that cv_bridge of older distributions does not know, and what it calls them."""


def pixel_type(encoding: str) -> PixelType:
    """What an encoding means.

    Raises:
        ImageError: it is not known.
    """
    if encoding not in ENCODINGS:
        raise ImageError(f"unknown image encoding {encoding!r}; use {', '.join(ENCODINGS)}")
    return ENCODINGS[encoding]
