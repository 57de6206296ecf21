from __future__ import annotations

import array
import sys
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from culture_perception.images import (
    AnyArray,
    ImageError,
    _decode_without_ros,
    array_to_image,
    image_to_array,
    to_rgb,
)

BIG = int(sys.byteorder == "big")


@dataclass
class Message:
    """The fields of sensor_msgs/msg/Image, as a bag reader gives them."""

    height: int
    width: int
    encoding: str
    step: int
    data: Any
    is_bigendian: int = 0


@pytest.mark.parametrize(
    ("encoding", "pixels"),
    [
        ("rgb8", np.arange(18, dtype=np.uint8).reshape(2, 3, 3)),
        ("bgr8", np.arange(18, dtype=np.uint8).reshape(2, 3, 3)),
        ("rgba8", np.arange(24, dtype=np.uint8).reshape(2, 3, 4)),
        ("bgra8", np.arange(24, dtype=np.uint8).reshape(2, 3, 4)),
        ("mono8", np.arange(6, dtype=np.uint8).reshape(2, 3)),
        ("8UC1", np.arange(6, dtype=np.uint8).reshape(2, 3)),
        ("8UC3", np.arange(18, dtype=np.uint8).reshape(2, 3, 3)),
        ("mono16", np.array([[0, 1, 65535], [300, 2, 3]], dtype=np.uint16)),
        ("16UC1", np.array([[0, 1, 65535], [300, 2, 3]], dtype=np.uint16)),
        ("32FC1", np.array([[0.5, np.nan, -1e9], [0, np.inf, 7]], dtype=np.float32)),
    ],
)
def test_an_array_survives_the_message(encoding: str, pixels: AnyArray) -> None:
    pytest.importorskip("sensor_msgs.msg", reason="messages need the ROS wheels or a ROS install")

    message = array_to_image(pixels, encoding)

    assert (message.height, message.width, message.encoding) == (2, 3, encoding)
    assert message.step == 3 * pixels.itemsize * (pixels.shape[2] if pixels.ndim == 3 else 1)
    again = image_to_array(message)
    assert again.dtype == pixels.dtype
    np.testing.assert_array_equal(again, pixels)


def test_a_header_is_passed_on_and_views_are_packed() -> None:
    pytest.importorskip("sensor_msgs.msg")
    from std_msgs.msg import Header

    header = Header(frame_id="camera")
    header.stamp.sec, header.stamp.nanosec = 12, 34
    every_other = np.arange(16, dtype=np.uint8).reshape(4, 4)[::2, ::2]

    message = array_to_image(every_other, "mono8", header)

    assert message.header == header
    assert bytes(message.data) == bytes([0, 2, 8, 10])


@pytest.mark.parametrize(
    ("encoding", "pixels"),
    [
        pytest.param("rgb8", np.zeros((2, 3), np.uint8), id="grey as colour"),
        pytest.param("mono8", np.zeros((2, 3, 3), np.uint8), id="colour as grey"),
        pytest.param("mono16", np.zeros((2, 3), np.uint8), id="ids narrowed to 8 bits"),
        pytest.param("32FC1", np.zeros((2, 3)), id="double as float"),
        pytest.param("mono8", np.zeros(3, np.uint8), id="a row"),
    ],
)
def test_an_array_that_is_not_of_the_encoding_is_refused(encoding: str, pixels: AnyArray) -> None:
    pytest.importorskip("sensor_msgs.msg")

    with pytest.raises(ImageError, match=f"is no {encoding} image; pass"):
        array_to_image(pixels, encoding)


@pytest.mark.parametrize(
    "container",
    [
        pytest.param(bytes, id="bytes"),
        pytest.param(lambda data: array.array("B", data), id="array, as rclpy has it"),
        pytest.param(lambda data: np.frombuffer(data, np.uint8), id="numpy, as rosbags has it"),
    ],
)
def test_rows_may_be_padded(container: Any) -> None:
    data = container(bytes([1, 2, 3, 99, 99, 4, 5, 6, 99, 99]))

    pixels = image_to_array(Message(2, 3, "mono8", 5, data))

    assert pixels.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_padding_need_not_be_whole_pixels() -> None:
    data = bytes([1, 0, 2, 0, 99, 3, 0, 4, 0, 99])

    assert image_to_array(Message(2, 2, "mono16", 5, data)).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("is_bigendian", "value"),
    [pytest.param(0, 0x0201, id="little"), pytest.param(1, 0x0102, id="big")],
)
def test_byte_order_is_respected(is_bigendian: int, value: int) -> None:
    pixels = image_to_array(Message(1, 1, "mono16", 2, bytes([1, 2]), is_bigendian))

    assert pixels.tolist() == [[value]]
    assert pixels.dtype.isnative


@pytest.mark.parametrize(
    ("step", "size", "named"),
    [
        pytest.param(9, 17, ["step 9", "17 bytes"], id="data too short"),
        pytest.param(9, 19, ["19 bytes"], id="data too long"),
        pytest.param(8, 16, ["step of 9 or more", "step 8"], id="step too small"),
        pytest.param(0, 0, ["step 0"], id="step forgotten"),
    ],
)
def test_data_that_contradicts_the_size_is_refused(step: int, size: int, named: list[str]) -> None:
    with pytest.raises(ImageError) as caught:
        image_to_array(Message(2, 3, "rgb8", step, bytes(size)))

    assert all(part in str(caught.value) for part in [*named, "3 x 2 in rgb8"]), str(caught.value)


def test_an_unknown_encoding_names_the_known() -> None:
    with pytest.raises(ImageError, match=r"'rgb9'.*rgb8, bgr8"):
        image_to_array(Message(1, 1, "rgb9", 3, bytes(3)))


@pytest.mark.parametrize(
    ("encoding", "data", "rgb"),
    [
        ("rgb8", [1, 2, 3], [1, 2, 3]),
        ("bgr8", [1, 2, 3], [3, 2, 1]),
        ("rgba8", [1, 2, 3, 77], [1, 2, 3]),
        ("bgra8", [1, 2, 3, 77], [3, 2, 1]),
        ("mono8", [9], [9, 9, 9]),
        ("mono16", [0, 255], [254, 254, 254]),
    ],
)
def test_to_rgb(encoding: str, data: list[int], rgb: list[int]) -> None:
    pixels = to_rgb(Message(1, 1, encoding, len(data), bytes(data)))

    assert pixels.dtype == np.uint8 and pixels.shape == (1, 1, 3)
    np.testing.assert_array_equal(pixels[0, 0], rgb)


@pytest.mark.parametrize("encoding", ["32FC1", "16UC1", "8UC3", "jpeg"])
def test_an_image_without_colours_has_no_rgb(encoding: str) -> None:
    with pytest.raises(ImageError, match=f"'{encoding}' has no known colours"):
        to_rgb(Message(1, 1, encoding, 4, bytes(4)))


@pytest.mark.parametrize("encoding", ["rgb8", "bgr8", "mono8"])
@pytest.mark.parametrize(("height", "width"), [(0, 0), (0, 3), (2, 0)])
def test_an_image_without_pixels_stays_one(encoding: str, height: int, width: int) -> None:
    step = width * (1 if encoding == "mono8" else 3)

    pixels = to_rgb(Message(height, width, encoding, step, b""))

    assert pixels.shape == (height, width, 3)


@given(hnp.arrays(np.uint16, st.tuples(st.integers(1, 4), st.integers(1, 4))), st.integers(0, 5))
def test_padding_and_byte_order_change_nothing(pixels: AnyArray, padding: int) -> None:
    rows = [row.astype(">u2").tobytes() + bytes(padding) for row in pixels]
    height, width = pixels.shape
    message = Message(height, width, "16UC1", 2 * width + padding, b"".join(rows), 1)

    np.testing.assert_array_equal(image_to_array(message), pixels)


@pytest.mark.parametrize(
    ("encoding", "data", "rgb"),
    [
        ("rgb16", [255, 128, 0], [255, 128, 0]),
        ("bgr16", [255, 128, 0], [0, 128, 255]),
        ("rgba16", [255, 128, 0, 9], [255, 128, 0]),
        ("bgra16", [255, 128, 0, 9], [0, 128, 255]),
    ],
)
def test_16_bits_are_scaled_to_8(encoding: str, data: list[int], rgb: list[int]) -> None:
    values = np.array(data, dtype=np.uint16) * 257  # 65535 / 255

    pixels = to_rgb(Message(1, 1, encoding, 2 * len(data), values.tobytes(), BIG))

    np.testing.assert_array_equal(pixels[0, 0], rgb)


# Of the mosaic's upper left: which colour each of the four pixels of a tile has.
TILES = {"rggb": "RGGB", "bggr": "BGGR", "gbrg": "GBRG", "grbg": "GRBG"}


def mosaic(tile: str, rgb: tuple[int, int, int], dtype: type, size: int = 8) -> AnyArray:
    """What a sensor with this tile sees of one colour."""
    values = [rgb["RGB".index(letter)] for letter in TILES[tile]]
    return np.tile(np.array(values, dtype=dtype).reshape(2, 2), (size // 2, size // 2))


@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize(("bits", "dtype", "scale"), [(8, np.uint8, 1), (16, np.uint16, 257)])
def test_the_tile_says_which_pixel_has_which_colour(
    tile: str, bits: int, dtype: type, scale: int
) -> None:
    pixels = mosaic(tile, (200, 100, 50), dtype) * dtype(scale)
    encoding = f"bayer_{tile}{bits}"
    message = Message(8, 8, encoding, 8 * bits // 8, pixels.tobytes(), BIG)

    np.testing.assert_array_equal(image_to_array(message), pixels)
    rgb = to_rgb(message)
    assert rgb.dtype == np.uint8
    np.testing.assert_array_equal(rgb, np.full((8, 8, 3), [200, 100, 50]))


@pytest.mark.parametrize(
    ("tile", "code"),
    # As cv_bridge.cpp has it: OpenCV calls a mosaic by its second row.
    [
        ("rggb", cv2.COLOR_BayerBG2RGB),
        ("bggr", cv2.COLOR_BayerRG2RGB),
        ("gbrg", cv2.COLOR_BayerGR2RGB),
        ("grbg", cv2.COLOR_BayerGB2RGB),
    ],
)
def test_a_mosaic_is_interpolated_as_cv_bridge_does(tile: str, code: int) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (6, 10), dtype=np.uint8)

    rgb = to_rgb(Message(6, 10, f"bayer_{tile}8", 10, pixels.tobytes()))

    np.testing.assert_array_equal(rgb, cv2.cvtColor(pixels, code))


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        # Two pixels share U and V. Full red is Y 82, U 90, V 240; black Y 16 (ITU-R BT.601).
        ("yuv422", [90, 82, 240, 16]),
        ("uyvy", [90, 82, 240, 16]),
        ("yuv422_yuy2", [82, 90, 16, 240]),
        ("yuyv", [82, 90, 16, 240]),
    ],
)
def test_what_v4l2_drivers_send_has_its_colours(encoding: str, data: list[int]) -> None:
    message = Message(1, 2, encoding, 4, bytes(data))

    assert image_to_array(message).tolist() == [[data[:2], data[2:]]]
    rgb = to_rgb(message).astype(int)
    np.testing.assert_allclose(rgb[0, 0], [255, 0, 0], atol=2)
    assert rgb[0, 1, 0] - rgb[0, 1, 1] > 100  # the colour is shared, the brightness is not
    assert rgb[0, 1].sum() < rgb[0, 0].sum()


@pytest.mark.parametrize(
    ("encoding", "width", "step", "why"),
    [
        pytest.param("yuyv", 3, 6, "needs an even width", id="half a pair"),
        pytest.param("bayer_rggb8", 2, 2, "too small: 3 x 3", id="less than a mosaic"),
        pytest.param("yuyv", 2, 3, "needs a step of 4", id="two bytes a pixel"),
        pytest.param("bayer_rggb16", 4, 4, "needs a step of 8", id="16 bits a pixel"),
    ],
)
def test_a_size_that_the_encoding_can_not_have_is_refused(
    encoding: str, width: int, step: int, why: str
) -> None:
    with pytest.raises(ImageError, match=why):
        to_rgb(Message(3, width, encoding, step, bytes(3 * step)))


@pytest.mark.parametrize("encoding", ["yuyv", "rgba8", "bayer_rggb8", "mono16"])
def test_no_pixels_are_no_pixels_in_any_encoding(encoding: str) -> None:
    assert to_rgb(Message(0, 4, encoding, 16, b"")).shape == (0, 4, 3)


def test_generic_values_keep_their_type() -> None:
    values = np.arange(6, dtype=np.uint16).reshape(1, 2, 3)

    np.testing.assert_array_equal(
        image_to_array(Message(1, 2, "16UC3", 12, values.tobytes(), BIG)), values
    )
    with pytest.raises(ImageError, match="no known colours"):
        to_rgb(Message(1, 2, "16UC3", 12, values.tobytes(), BIG))


@pytest.mark.parametrize("encoding", ["rgb8", "bgr8", "mono8"])
def test_cv_bridge_and_the_library_agree(encoding: str) -> None:
    pytest.importorskip("cv_bridge", reason="cv_bridge comes with a ROS installation only")
    channels = 1 if encoding == "mono8" else 3
    message = Message(2, 3, encoding, 3 * channels, bytes(range(6 * channels)))

    np.testing.assert_array_equal(
        to_rgb(message), _decode_without_ros(message, "rgb8"), err_msg=encoding
    )
