"""Image messages to arrays and back, for nodes and bags alike.

Decoding is cv_bridge's where it is installed, else that of rosbags-image, which needs no ROS.
Neither checks the length of the data, and rosbags-image takes no padded rows: that is done here.
"""

from __future__ import annotations

import array
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import Uint8Array

if TYPE_CHECKING:
    from sensor_msgs.msg import Image

AnyArray: TypeAlias = NDArray[Any]
_Decoder: TypeAlias = "Callable[[ImageMessage, str], AnyArray]"

_PIXELS: Final[dict[str, tuple[str, int]]] = {
    "rgb8": ("uint8", 3),
    "bgr8": ("uint8", 3),
    "rgba8": ("uint8", 4),
    "bgra8": ("uint8", 4),
    "mono8": ("uint8", 1),
    "mono16": ("uint16", 1),
    "8UC1": ("uint8", 1),
    "8UC3": ("uint8", 3),
    "16UC1": ("uint16", 1),
    "32FC1": ("float32", 1),
}
_COLOURS: Final = ("rgb8", "bgr8", "rgba8", "bgra8", "mono8", "mono16")
_NATIVE_IS_BIG: Final = sys.byteorder == "big"


class ImageError(ValueError):
    """An image message or array is not what it says it is, or is of no use here."""


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


def image_to_array(message: ImageMessage) -> AnyArray:
    """The pixels of a message: (H, W) or (H, W, channels), channels as in the message.

    Types: rgb8, bgr8, rgba8, bgra8, 8UC3, mono8, 8UC1 uint8; mono16, 16UC1 uint16; 32FC1 float32.
    The array may share memory with the message: copy it before writing into it.

    Raises:
        ImageError: the encoding is another one, or data, step and size contradict each other.
    """
    return _decoder()(_packed(message), "passthrough")


def to_rgb(message: ImageMessage) -> Uint8Array:
    """A colour or grey message as uint8 (H, W, 3) RGB; 16-bit grey is scaled to 8 bits.

    Raises:
        ImageError: as image_to_array, or the message holds no colours (8UC1, 16UC1, 32FC1 …).
    """
    if message.encoding not in _COLOURS:
        raise ImageError(
            f"an image in {message.encoding!r} has no known colours; "
            f"publish one of {', '.join(_COLOURS)}"
        )
    if message.encoding == "rgb8" or 0 in (message.height, message.width):
        pixels = image_to_array(message)
        return pixels if pixels.ndim == 3 else np.zeros((*pixels.shape, 3), dtype=np.uint8)
    return np.asarray(_decoder()(_packed(message), "rgb8"), dtype=np.uint8)


def array_to_image(pixels: AnyArray, encoding: str, header: Any = None) -> Image:
    """A sensor_msgs/msg/Image of an array, rows without padding.

    Args:
        pixels: (H, W) or (H, W, channels), of the encoding's type; see image_to_array.
        encoding: what the pixels are.
        header: std_msgs/msg/Header that the image gets; None: an empty one.

    Raises:
        ImageError: type or shape do not fit the encoding.
    """
    from sensor_msgs.msg import Image

    dtype, channels = _pixel_type(encoding)
    shape = pixels.shape if channels > 1 else (*pixels.shape, 1)
    if pixels.dtype != dtype or len(shape) != 3 or shape[2] != channels:
        raise ImageError(
            f"an array of {pixels.dtype} {pixels.shape} is no {encoding} image; "
            f"pass {dtype} (H, W{f', {channels}' if channels > 1 else ''})"
        )
    message = Image() if header is None else Image(header=header)
    message.height, message.width = pixels.shape[:2]
    message.encoding = encoding
    message.is_bigendian = int(_NATIVE_IS_BIG)
    message.step = message.width * channels * np.dtype(dtype).itemsize
    # An array.array goes into the message as it is; other types are checked value by value.
    message.data = array.array("B", pixels.tobytes())
    return message


def _pixel_type(encoding: str) -> tuple[str, int]:
    if encoding not in _PIXELS:
        raise ImageError(f"unknown image encoding {encoding!r}; use {', '.join(_PIXELS)}")
    return _PIXELS[encoding]


def _packed(message: ImageMessage) -> ImageMessage:
    dtype, channels = _pixel_type(message.encoding)
    row = message.width * channels * np.dtype(dtype).itemsize
    data = np.frombuffer(message.data, dtype=np.uint8)
    if message.step < row or data.size != message.step * message.height:
        raise ImageError(
            f"an image of {message.width} x {message.height} in {message.encoding} needs a step "
            f"of {row} or more and step x height bytes; it has step {message.step} and "
            f"{data.size} bytes; mend the publisher"
        )
    swapped = bool(message.is_bigendian) != _NATIVE_IS_BIG and np.dtype(dtype).itemsize > 1
    rows = data.reshape(message.height, message.step)[:, :row]
    pixels = np.ascontiguousarray(rows).reshape(-1).view(dtype)
    return _Packed(
        height=message.height,
        width=message.width,
        encoding=message.encoding,
        is_bigendian=int(_NATIVE_IS_BIG),
        step=row,
        data=(pixels.byteswap() if swapped else pixels).view(np.uint8),
    )


@lru_cache(maxsize=1)
def _decoder() -> _Decoder:
    try:
        from cv_bridge import CvBridge
    except ImportError:
        return _decode_without_ros
    bridge = CvBridge()
    return lambda message, encoding: np.asarray(bridge.imgmsg_to_cv2(message, encoding))


def _decode_without_ros(message: Any, encoding: str) -> AnyArray:
    from rosbags.image import image_to_cvimage

    wanted = None if encoding == "passthrough" else encoding
    return np.asarray(image_to_cvimage(message, wanted))
