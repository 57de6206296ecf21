"""Image messages to arrays and back, for nodes and bags alike.

Decoding is cv_bridge's where it is installed, else that of rosbags-image, which needs no ROS.
Neither checks the length of the data, and rosbags-image takes no padded rows: that is done here.
"""

from __future__ import annotations

import array
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from culture_perception.image_encodings import (
    COLOURED,
    ImageError,
    PixelType,
    pixel_type,
)
from culture_perception.masks import Uint8Array
from culture_perception.packed_image import NATIVE_IS_BIG, AnyArray, ImageMessage, packed

if TYPE_CHECKING:
    from sensor_msgs.msg import Image

_Decoder: TypeAlias = "Callable[[ImageMessage, str], AnyArray]"

__all__ = ["AnyArray", "ImageError", "ImageMessage", "array_to_image", "image_to_array", "to_rgb"]


def image_to_array(message: ImageMessage) -> AnyArray:
    """The pixels of a message: (H, W) or (H, W, channels), channels as in the message.

    Types: 8-bit encodings uint8; 16-bit ones (mono16, 16UC1, 16UC3, bayer_rggb16 …) uint16; 32FC1
    float32. A mosaic (bayer_…) is (H, W) as it left the sensor, YUV 4:2:2 (H, W, 2).
    The array may share memory with the message: copy it before writing into it.

    Raises:
        ImageError: the encoding is another one, or data, step and size contradict each other.
    """
    return _decoder()(packed(message), "passthrough")


def to_rgb(message: ImageMessage) -> Uint8Array:
    """A message as uint8 (H, W, 3) RGB, of any encoding that says which colours it has.

    Mosaics are interpolated as cv_bridge does it (OpenCV, bilinear); 16 bits are scaled to 8.

    Raises:
        ImageError: as image_to_array, or the message holds no colours (8UC1, 16UC1, 32FC1 …), or
            its size can not be one of its encoding.
    """
    if message.encoding not in COLOURED:
        raise ImageError(
            f"an image in {message.encoding!r} has no known colours; "
            f"publish one of {', '.join(COLOURED)}"
        )
    if 0 in (message.height, message.width):
        return np.zeros((*image_to_array(message).shape[:2], 3), dtype=np.uint8)
    if message.encoding == "rgb8":
        return image_to_array(message)
    _check_size(message, pixel_type(message.encoding))
    return np.asarray(_decoder()(packed(message), "rgb8"), dtype=np.uint8)


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

    pixel = pixel_type(encoding)
    dtype, channels = pixel.dtype, pixel.channels
    shape = pixels.shape if channels > 1 else (*pixels.shape, 1)
    if pixels.dtype != dtype or len(shape) != 3 or shape[2] != channels:
        raise ImageError(
            f"an array of {pixels.dtype} {pixels.shape} is no {encoding} image; "
            f"pass {dtype} (H, W{f', {channels}' if channels > 1 else ''})"
        )
    message = Image() if header is None else Image(header=header)
    message.height, message.width = pixels.shape[:2]
    message.encoding = encoding
    message.is_bigendian = int(NATIVE_IS_BIG)
    message.step = message.width * channels * pixel.itemsize
    # An array.array goes into the message as it is; other types are checked value by value.
    message.data = array.array("B", pixels.tobytes())
    return message


def _check_size(message: ImageMessage, pixel: PixelType) -> None:
    size = f"{message.width} x {message.height} in {message.encoding}"
    if min(message.height, message.width) < pixel.least_hw:
        raise ImageError(f"an image of {size} is too small: {pixel.least_hw} x {pixel.least_hw}")
    if pixel.even_width and message.width % 2:
        raise ImageError(f"an image of {size} needs an even width: two pixels share a colour")


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
