"""Compressed messages as image_transport's plugins make them; files are made here by OpenCV."""

from __future__ import annotations

import array
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from culture_perception.compressed_images import (
    compressed_to_depth,
    compressed_to_rgb,
    rgb_to_compressed,
)
from culture_perception.image_encodings import ImageError
from culture_perception.packed_image import AnyArray

NAN = float("nan")


@dataclass
class Message:
    """The fields of sensor_msgs/msg/CompressedImage."""

    format: str
    data: Any


def file_of(pixels: AnyArray, suffix: str = ".png") -> bytes:
    """OpenCV writes BGR, as any file has it in the end."""
    return bytes(cv2.imencode(suffix, pixels)[1].tobytes())


# Left half red, right half blue: RGB, smooth enough for JPEG.
PICTURE = np.zeros((16, 32, 3), dtype=np.uint8)
PICTURE[:, :16, 0] = 250
PICTURE[:, 16:, 2] = 250
RIGHT_FILE = file_of(PICTURE[:, :, ::-1])
TURNED_FILE = file_of(PICTURE)  # RGB pixels compressed as if they were BGR


@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param("png", RIGHT_FILE, id="drivers without image_transport"),
        pytest.param("rgb8; png compressed bgr8", RIGHT_FILE, id="of rgb8"),
        pytest.param("bgr8; png compressed bgr8", RIGHT_FILE, id="of bgr8"),
        pytest.param("bayer_rggb8; png compressed bgr8", RIGHT_FILE, id="of a mosaic"),
        pytest.param("rgb8; png compressed rgb8", TURNED_FILE, id="turned round"),
        pytest.param("", RIGHT_FILE, id="no format at all"),
    ],
)
def test_colours_are_as_image_transport_gives_them(text: str, data: bytes) -> None:
    pixels = compressed_to_rgb(Message(text, data))

    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, PICTURE)


@pytest.mark.parametrize("text", ["jpeg", "rgb8; jpeg compressed bgr8"])
@pytest.mark.parametrize(
    "container",
    [
        pytest.param(bytes, id="bytes"),
        pytest.param(lambda data: array.array("B", data), id="array, as rclpy has it"),
        pytest.param(lambda data: np.frombuffer(data, np.uint8), id="numpy, as rosbags has it"),
    ],
)
def test_jpeg_is_read_in_any_container(text: str, container: Any) -> None:
    data = file_of(PICTURE[:, :, ::-1], ".jpg")

    pixels = compressed_to_rgb(Message(text, container(data)))

    np.testing.assert_allclose(pixels[:, [2, -3]], PICTURE[:, [2, -3]], atol=12)


def test_grey_and_16_bits_become_rgb() -> None:
    grey = np.array([[0, 9, 255]], dtype=np.uint8)
    deep = grey.astype(np.uint16) * 257

    for pixels in (grey, deep):
        rgb = compressed_to_rgb(Message("mono8; png compressed ", file_of(pixels)))
        np.testing.assert_array_equal(rgb, np.repeat(grey[:, :, None], 3, axis=2))


def test_transparency_is_dropped() -> None:
    with_alpha = np.dstack([PICTURE[:, :, ::-1], np.full((16, 32), 7, np.uint8)])

    np.testing.assert_array_equal(compressed_to_rgb(Message("png", file_of(with_alpha))), PICTURE)


def test_what_is_written_is_read_again() -> None:
    pytest.importorskip("sensor_msgs.msg")
    from std_msgs.msg import Header

    message = rgb_to_compressed(PICTURE, Header(frame_id="camera"), "png")

    assert (message.header.frame_id, message.format) == ("camera", "rgb8; png compressed bgr8")
    np.testing.assert_array_equal(compressed_to_rgb(message), PICTURE)
    small = rgb_to_compressed(PICTURE, Header())
    assert small.format == "rgb8; jpeg compressed bgr8"
    np.testing.assert_allclose(compressed_to_rgb(small)[:, 2], PICTURE[:, 2], atol=12)


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "0 bytes are no image in .*: neither JPEG nor PNG", id="empty"),
        pytest.param(b"GIF89a", "neither JPEG nor PNG", id="another kind"),
        pytest.param(cut(RIGHT_FILE), "(?i)no whole image in .*truncated", id="half a PNG"),
        pytest.param(
            cut(file_of(PICTURE, ".jpg")), "(?i)no whole image in .*truncated", id="half a JPEG"
        ),
        pytest.param(
            RIGHT_FILE.replace(b"IDAT", b"IDAX"), "neither JPEG nor PNG", id="PNG without pixels"
        ),
    ],
)
def test_damage_is_named(data: bytes, why: str) -> None:
    with pytest.raises(ImageError, match=why) as caught:
        compressed_to_rgb(Message("png", data))
    assert "'png'" in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([RIGHT_FILE, file_of(PICTURE, ".jpg"), file_of(PICTURE[:, :, 0])]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=8)), min_size=1, max_size=4),
)
def test_no_damage_does_more_than_an_error(data: bytes, wounds: list[tuple[int, bytes]]) -> None:
    for at, put in wounds:
        data = data[:at] + put + data[at + 3 :]
    with suppress(ImageError):
        assert compressed_to_rgb(Message("png", data)).ndim == 3


HEADER = struct.pack("<iff", 0, 0.0, 0.0)


def test_millimetres_come_as_they_were() -> None:
    file = file_of(np.array([[0, 1500, 65535]], dtype=np.uint16))

    for text, data in (
        ("16UC1; compressedDepth png", HEADER + file),
        ("16UC1; compressedDepth", HEADER + file),
        ("16UC1; png compressed ", file),  # compressed_image_transport, which has no header
    ):
        depth_m = compressed_to_depth(Message(text, array.array("B", data)))
        assert depth_m.dtype == np.float32
        np.testing.assert_allclose(depth_m, [[NAN, 1.5, 65.535]], rtol=1e-6)


def test_metres_come_back_from_their_inverse() -> None:
    # codec.cpp of compressed_depth_image_transport with its defaults: depth_max 10,
    # depth_quantization 100.
    a = 100.0 * 101.0
    b = 1.0 - a / 10.0
    depth_m = np.array([[0.3, 1.0, 9.9, NAN]], dtype=np.float32)
    quantised = np.where(depth_m < 10, a / depth_m + b, 0).astype(np.uint16)
    data = struct.pack("<iff", 0, a, b) + file_of(quantised)

    again = compressed_to_depth(Message("32FC1; compressedDepth png", data))

    # A step of one in 16 bits is depth ^ 2 / a.
    np.testing.assert_allclose(again, depth_m, atol=9.9**2 / a)
    np.testing.assert_allclose(again[0, 0], 0.3, atol=0.3**2 / a)


@pytest.mark.parametrize(
    ("text", "data", "why"),
    [
        pytest.param("16UC1; compressedDepth rvl", b"", "format to png", id="RVL"),
        pytest.param("rgb8; jpeg compressed bgr8", RIGHT_FILE, "must begin with 32FC1", id="RGB"),
        pytest.param("16UC1; compressedDepth png", b"", "0 bytes are no depth", id="empty"),
        pytest.param(
            "16UC1; compressedDepth png", HEADER[:5], "0 bytes are no depth", id="no file"
        ),
        pytest.param("16UC1; compressedDepth png", HEADER + RIGHT_FILE, "not 16 bits", id="8 bits"),
        pytest.param(
            "32FC1; compressedDepth png",
            file_of(np.ones((2, 2), np.uint16)),
            "lacks the 12 bytes",
            id="no header",
        ),
    ],
)
def test_what_is_no_depth_is_named(text: str, data: bytes, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        compressed_to_depth(Message(text, data))


def test_depth_has_no_colours() -> None:
    with pytest.raises(ImageError, match="is depth and has no colours"):
        compressed_to_rgb(Message("16UC1; compressedDepth png", HEADER))
