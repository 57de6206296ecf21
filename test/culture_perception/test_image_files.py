from __future__ import annotations

import cv2
import numpy as np
import pytest

from culture_perception.image_encodings import ImageError
from culture_perception.image_files import decode_file
from culture_perception.packed_image import AnyArray


def file_of(pixels: AnyArray) -> bytes:
    return bytes(cv2.imencode(".png", pixels)[1].tobytes())


def test_files_keep_their_depth_and_channels() -> None:
    grey = np.array([[1, 2]], dtype=np.uint8)
    deep = grey.astype(np.uint16) * 300
    colour = np.full((2, 3, 3), (30, 20, 10), dtype=np.uint8)  # OpenCV writes BGR

    assert decode_file(file_of(grey), "it").tolist() == [[1, 2]]
    assert decode_file(file_of(deep), "it").tolist() == [[300, 600]]
    assert decode_file(file_of(deep), "it").dtype == np.uint16
    np.testing.assert_array_equal(decode_file(file_of(colour), "it")[0, 0], [10, 20, 30])


def test_what_it_should_be_is_named() -> None:
    with pytest.raises(ImageError, match="3 bytes are no picture of a cat: neither JPEG nor PNG"):
        decode_file(b"cat", "picture of a cat")
