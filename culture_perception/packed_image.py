"""Image messages as they come: any row padding and byte order, whichever library made them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culture_perception.image_encodings import OLD_NAMES, ImageError, pixel_type

AnyArray: TypeAlias = NDArray[Any]
NATIVE_IS_BIG: Final = sys.byteorder == "big"


class ImageMessage(Protocol):
    """What sensor_msgs/msg/Image has, whichever library made it."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def encoding(self) -> str:
        """What the pixels are, for example "rgb8"."""

    @property
    def is_bigendian(self) -> int:
        """Whether values of more than one byte start with the most significant one."""

    @property
    def step(self) -> int:
        """Length of a row with its padding, bytes."""

    @property
    def data(self) -> Any:
        """Step x height bytes."""


@dataclass(frozen=True, eq=False)
class _Packed:
    """An image message without padding, in this machine's byte order."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: AnyArray


def packed(message: ImageMessage) -> ImageMessage:
    """The message without padding, in this machine's byte order, under its encoding's old name.

    Raises:
        ImageError: the encoding is not known, or data, step and size contradict each other.
    """
    pixel = pixel_type(message.encoding)
    row = message.width * pixel.channels * pixel.itemsize
    data = np.frombuffer(message.data, dtype=np.uint8)
    if message.step < row or data.size != message.step * message.height:
        raise ImageError(
            f"an image of {message.width} x {message.height} in {message.encoding} needs a step "
            f"of {row} or more and step x height bytes; it has step {message.step} and "
            f"{data.size} bytes; mend the publisher"
        )
    swapped = bool(message.is_bigendian) != NATIVE_IS_BIG and pixel.itemsize > 1
    rows = data.reshape(message.height, message.step)[:, :row]
    pixels = np.ascontiguousarray(rows).reshape(-1).view(pixel.dtype)
    return _Packed(
        height=message.height,
        width=message.width,
        encoding=OLD_NAMES.get(message.encoding, message.encoding),
        is_bigendian=int(NATIVE_IS_BIG),
        step=row,
        data=(pixels.byteswap() if swapped else pixels).view(np.uint8),
    )
