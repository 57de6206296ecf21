"""A camera's intrinsics from its CameraInfo, and the rays of its pixels.

A pixel's centre has whole coordinates, as in OpenCV and in sensor_msgs/CameraInfo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np

from culture_perception.masks import Float32Array


class IntrinsicsError(ValueError):
    """A CameraInfo that does not describe its image; the message has the values and the remedy."""


class CameraInfoMessage(Protocol):
    """What sensor_msgs/msg/CameraInfo has, whichever library made it."""

    @property
    def height(self) -> int:
        """Rows of the calibrated image."""

    @property
    def width(self) -> int:
        """Columns of the calibrated image."""

    @property
    def distortion_model(self) -> str:
        """For example "plumb_bob"; empty where there is none."""

    @property
    def d(self) -> Sequence[float]:
        """Distortion coefficients."""

    @property
    def k(self) -> Sequence[float]:
        """3 x 3 intrinsic matrix of the raw image, row by row, pixels."""

    @property
    def p(self) -> Sequence[float]:
        """3 x 4 projection matrix of the rectified image, row by row, pixels."""


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera, and the distortion of its lens where the image still has it.

    Attributes:
        fx: focal length, pixels.
        fy: focal length, pixels.
        cx: principal point, pixels, from the centre of the leftmost pixel.
        cy: principal point, pixels, from the centre of the topmost pixel.
        width: of the image, pixels.
        height: of the image, pixels.
        distortion: OpenCV's k1 k2 p1 p2 k3 …; empty: none.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int
    distortion: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.fx, self.fy, self.cx, self.cy, *self.distortion)
        if not (self.fx > 0 and self.fy > 0 and np.isfinite(numbers).all()):
            raise IntrinsicsError(
                f"no camera has fx {self.fx}, fy {self.fy}, cx {self.cx}, cy {self.cy} and "
                f"distortion {self.distortion}; calibrate it"
            )


def read_intrinsics(
    info: CameraInfoMessage, shape_hw: tuple[int, int], rectified: bool = False
) -> Intrinsics:
    """The intrinsics of an image that a CameraInfo came with.

    A CameraInfo has two: K and D are of the raw image (image_raw), P of the rectified one
    (image_rect), which is another where the lens distorts or the camera is one of two. What is
    rectified and has an empty P is taken to be as K says.

    Args:
        info: message of the same camera.
        shape_hw: height and width of the image, pixels.
        rectified: whether the lens's distortion was taken out of the image.

    Raises:
        IntrinsicsError: not calibrated (K all zero), of another size than the image (also by
            binning or a region of interest), or with a distortion model that is not known here.
    """
    if (info.height, info.width) != tuple(shape_hw):
        raise IntrinsicsError(
            f"camera_info is of {info.width}x{info.height} pixels, the image of "
            f"{shape_hw[1]}x{shape_hw[0]}; publish the camera_info of the image's own size, "
            "without binning or region of interest"
        )
    if rectified and info.p[0] > 0:
        fx, fy, cx, cy = info.p[0], info.p[5], info.p[2], info.p[6]
    else:
        fx, fy, cx, cy = info.k[0], info.k[4], info.k[2], info.k[5]
    if not (fx > 0 and fy > 0):
        raise IntrinsicsError(
            f"camera_info has fx {fx} and fy {fy}: the camera is not calibrated; run "
            "camera_calibration, or give its driver a camera_info_url"
        )
    distortion = () if rectified else _distortion_of(info)
    return Intrinsics(
        float(fx), float(fy), float(cx), float(cy), info.width, info.height, distortion
    )


def _distortion_of(info: CameraInfoMessage) -> tuple[float, ...]:
    coefficients = tuple(float(one) for one in info.d)
    if not any(coefficients):
        return ()
    if info.distortion_model not in ("plumb_bob", "rational_polynomial"):
        raise IntrinsicsError(
            f"distortion model {info.distortion_model!r} with {len(coefficients)} coefficients is "
            "not known; use plumb_bob or rational_polynomial, or publish rectified images"
        )
    return coefficients


@lru_cache(maxsize=4)
def rays(intrinsics: Intrinsics) -> Float32Array:
    """What each pixel sees one metre away: float32 (H, W, 2), x and y where z is 1.

    A point at depth z is at (x z, y z, z). Read-only; made once for each camera.
    """
    size = (intrinsics.height, intrinsics.width)
    v, u = np.indices(size, dtype=np.float64)
    if intrinsics.distortion:
        k = np.array(
            [
                [intrinsics.fx, 0, intrinsics.cx],
                [0, intrinsics.fy, intrinsics.cy],
                [0, 0, 1],
            ]
        )
        pixels = np.stack([u, v], axis=-1).reshape(-1, 1, 2)
        table = cv2.undistortPoints(pixels, k, np.array(intrinsics.distortion)).reshape(*size, 2)
    else:
        table = np.stack(
            [(u - intrinsics.cx) / intrinsics.fx, (v - intrinsics.cy) / intrinsics.fy], axis=-1
        )
    result = table.astype(np.float32)
    result.setflags(write=False)
    return result
