"""CompressedImage messages to arrays and back, as image_transport's plugins write them.

Formats of ros-perception/image_transport_plugins: compressed_image_transport sends
"rgb8; jpeg compressed bgr8" (drivers without it plain "jpeg"), and
compressed_depth_image_transport "32FC1; compressedDepth png".
"""

from __future__ import annotations

import array
import struct
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import cv2
import numpy as np

from culture_perception.depth_images import METRES, MILLIMETRES, depth_to_metres
from culture_perception.image_encodings import ENCODINGS, ImageError
from culture_perception.image_files import decode_file
from culture_perception.masks import Float32Array, Uint8Array

if TYPE_CHECKING:
    from sensor_msgs.msg import CompressedImage

_PNG: Final = b"\x89PNG"
_DEPTH: Final = "compressedDepth"
_HEADER: Final = struct.Struct("<iff")
"""Before the PNG of compressedDepth: ConfigHeader of compression_common.h."""
_TO_8_BITS: Final = 255.0 / 65535.0
JPEG_QUALITY: Final = 95  # compressed_image_transport's own default


class CompressedMessage(Protocol):
    """What sensor_msgs/msg/CompressedImage has, whichever library made it."""

    @property
    def format(self) -> str:
        """For example "rgb8; jpeg compressed bgr8"."""

    @property
    def data(self) -> Any:
        """The bytes of a file."""


def compressed_to_rgb(message: CompressedMessage) -> Uint8Array:
    """The picture of a JPEG or PNG message as uint8 (H, W, 3) RGB; 16 bits are scaled to 8.

    What the file says is believed, except its order of colours: a publisher that compresses RGB
    pixels as if they were BGR says so by a format without "compressed bgr", and
    compressed_image_transport's subscriber turns them round. So does this.

    Raises:
        ImageError: it is damaged, empty, depth, or of another kind of file.
    """
    if _DEPTH in message.format:
        raise ImageError(f"an image in {message.format!r} is depth and has no colours")
    pixels = decode_file(bytes(message.data), f"image in {message.format!r}")
    if pixels.dtype == np.uint16:
        pixels = np.rint(pixels * _TO_8_BITS).astype(np.uint8)
    if pixels.ndim == 2:
        return np.repeat(pixels[:, :, None], 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, ::-1]) if _is_turned(message.format) else pixels


def compressed_to_depth(message: CompressedMessage) -> Float32Array:
    """The depth of a compressedDepth or 16-bit PNG message, float32 (H, W) metres, NaN: nothing.

    32FC1 was sent as A / depth + B in 16 bits, so that its error grows with the distance; 16UC1
    as it is (codec.cpp of compressed_depth_image_transport).

    Raises:
        ImageError: it is damaged, no depth, or compressed by RVL.
    """
    what = f"depth in {message.format!r}"
    encoding = message.format.partition(";")[0].strip()
    if "rvl" in message.format:
        raise ImageError(f"{what} is not read: set the publisher's compressedDepth format to png")
    if encoding != METRES and encoding not in MILLIMETRES:
        raise ImageError(f"{what} is none: the format must begin with 32FC1 or 16UC1")
    data = bytes(message.data)
    header, data = (b"", data) if data.startswith(_PNG) else (data[:12], data[12:])
    pixels = decode_file(data, what)
    if pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise ImageError(f"{what} holds {pixels.dtype} {pixels.shape}, not 16 bits of grey")
    if encoding != METRES:
        return depth_to_metres(pixels)
    if len(header) < _HEADER.size:
        raise ImageError(f"{what} lacks the 12 bytes that say how it was quantised")
    _, a, b = _HEADER.unpack(header)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth_m = np.float32(a) / (pixels.astype(np.float32) - np.float32(b))
    return depth_to_metres(np.where(pixels > 0, depth_m, np.float32(np.nan)))


def rgb_to_compressed(
    image_rgb: Uint8Array, header: Any, codec: Literal["jpeg", "png"] = "jpeg"
) -> CompressedImage:
    """A sensor_msgs/msg/CompressedImage as compressed_image_transport makes it of rgb8.

    Args:
        image_rgb: (H, W, 3).
        header: std_msgs/msg/Header that it gets.
        codec: what compresses it.
    """
    from sensor_msgs.msg import CompressedImage

    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if codec == "jpeg" else []
    suffix = ".jpg" if codec == "jpeg" else ".png"
    _, data = cv2.imencode(suffix, cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR), options)
    message = CompressedImage(header=header, format=f"rgb8; {codec} compressed bgr8")
    message.data = array.array("B", data.tobytes())
    return message


def _is_turned(text: str) -> bool:
    encoding, _, rest = text.partition(";")
    pixel = ENCODINGS.get(encoding.strip())
    coloured = pixel is not None and pixel.coloured and pixel.channels >= 3
    return coloured and bool(rest) and "compressed bgr" not in rest
