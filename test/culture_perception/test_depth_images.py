from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from culture_perception.depth_images import to_depth_m
from culture_perception.images import AnyArray, ImageError
from culture_perception.masks import Float32Array


@dataclass
class Message:
    """The fields of sensor_msgs/msg/Image."""

    height: int
    width: int
    encoding: str
    step: int
    data: Any
    is_bigendian: int = 0


def message_of(pixels: AnyArray, encoding: str) -> Message:
    height, width = pixels.shape
    little = pixels.astype(pixels.dtype.newbyteorder("<"))
    return Message(height, width, encoding, width * pixels.itemsize, little.tobytes())


def test_millimetres_become_metres_and_zero_nothing() -> None:
    depth = to_depth_m(message_of(np.array([[0, 1], [1500, 65535]], np.uint16), "16UC1"))

    assert depth.dtype == np.float32
    np.testing.assert_allclose(depth, [[np.nan, 0.001], [1.5, 65.535]], rtol=1e-6)


def test_metres_stay_and_what_is_no_depth_becomes_nothing() -> None:
    values = np.array([[0.5, np.nan, np.inf], [-np.inf, 0, -1]], np.float32)

    depth = to_depth_m(message_of(values, "32FC1"))

    assert depth.dtype == np.float32
    np.testing.assert_array_equal(depth, [[0.5, np.nan, np.nan], [np.nan] * 3])


@given(hnp.arrays(np.uint16, st.tuples(st.integers(0, 4), st.integers(0, 4))))
def test_both_encodings_say_the_same(millimetres: AnyArray) -> None:
    metres: Float32Array = (millimetres / 1000).astype(np.float32)
    metres[millimetres == 0] = np.nan

    by_float = to_depth_m(message_of(metres, "32FC1"))

    by_integer = to_depth_m(message_of(millimetres, "16UC1"))
    np.testing.assert_allclose(by_integer, by_float, rtol=1e-6)
    assert by_integer.shape == millimetres.shape


@pytest.mark.parametrize("encoding", ["rgb8", "64FC1", "compressedDepth"])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(ImageError, match=f"'{encoding}' is no depth; publish 32FC1"):
        to_depth_m(Message(1, 1, encoding, 8, bytes(8)))


def test_data_that_is_cut_off_is_refused() -> None:
    with pytest.raises(ImageError, match="15 bytes; mend the publisher"):
        to_depth_m(Message(2, 2, "32FC1", 8, bytes(15)))
