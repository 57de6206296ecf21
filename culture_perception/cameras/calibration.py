"""Calibration of a camera, from a calibration file or a field of view."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

Floats = tuple[float, ...]
_IDENTITY: Final = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_MODELS: Final = {"plumb_bob": (4, 5), "rational_polynomial": (8,), "equidistant": (4,)}
"""Distortion models of sensor_msgs/distortion_models.hpp, and how many numbers they have."""


class CalibrationError(ValueError):
    """A calibration is none; the message says what is wrong with it."""


@dataclass(frozen=True)
class Calibration:
    """What sensor_msgs/msg/CameraInfo says of a camera, in its words; row-major matrices.

    Attributes:
        width: of the image, pixels.
        height: of the image, pixels.
        k: 3 x 3, of the image as it is.
        p: 3 x 4, of the rectified image.
        d: distortion, as many numbers as the model has.
        r: 3 x 3, rectification.
        distortion_model: its name.
    """

    width: int
    height: int
    k: Floats
    p: Floats
    d: Floats = (0.0,) * 5
    r: Floats = _IDENTITY
    distortion_model: str = "plumb_bob"

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 1:
            raise CalibrationError(f"the image size is {self.width} x {self.height}")
        for name, size in (("k", 9), ("r", 9), ("p", 12)):
            values = getattr(self, name)
            if len(values) != size or not all(map(math.isfinite, values)):
                raise CalibrationError(f"{name} must be {size} finite numbers, is {values}")
        for name, focal in (("k", self.k[0::4][:2]), ("p", (self.p[0], self.p[5]))):
            if min(focal) <= 0:
                raise CalibrationError(
                    f"{name} has the focal lengths {focal}: calibrate the camera, or leave "
                    "its calibration out to have them from the field of view"
                )
        if len(self.d) not in _MODELS.get(self.distortion_model, (len(self.d),)):
            raise CalibrationError(
                f"{self.distortion_model} has {_MODELS[self.distortion_model]} numbers, "
                f"d has {len(self.d)}"
            )

    @property
    def shape_hw(self) -> tuple[int, int]:
        """Height and width, pixels."""
        return self.height, self.width


def from_field_of_view(width: int, height: int, fov_deg: float) -> Calibration:
    """A camera without distortion and with square pixels, its axis in the middle of the image.

    f = W / 2 / tan(fov / 2); a pixel's centre has whole coordinates, so the middle is (W - 1) / 2.

    Args:
        width: pixels.
        height: pixels.
        fov_deg: horizontal field of view, degrees, between 0 and 180.
    """
    if not 0 < fov_deg < 180:
        raise CalibrationError(f"a field of view of {fov_deg} degrees: it is between 0 and 180")
    f = width / 2 / math.tan(math.radians(fov_deg) / 2)
    cx, cy = (width - 1) / 2, (height - 1) / 2
    return Calibration(
        width=width,
        height=height,
        k=(f, 0.0, cx, 0.0, f, cy, 0.0, 0.0, 1.0),
        p=(f, 0.0, cx, 0.0, 0.0, f, cy, 0.0, 0.0, 0.0, 1.0, 0.0),
    )


def load_calibration(path: Path) -> Calibration:
    """Reads a calibration file of ROS's camera_calibration (camera_calibration_parsers' YAML).

    Raises:
        CalibrationError: it is missing, or not of that form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Calibration(
            width=int(content["image_width"]),
            height=int(content["image_height"]),
            k=_matrix(content["camera_matrix"]),
            d=_matrix(content["distortion_coefficients"]),
            r=_matrix(content["rectification_matrix"]),
            p=_matrix(content["projection_matrix"]),
            distortion_model=str(content.get("distortion_model", "plumb_bob")),
        )
    except KeyError as error:
        raise CalibrationError(f"{path} lacks {error}: it must be as camera_calibration") from error
    except (OSError, UnicodeDecodeError, TypeError, ValueError, yaml.YAMLError) as error:
        raise CalibrationError(f"{path}: {error}") from error


def _matrix(entry: Mapping[str, Any]) -> Floats:
    values = tuple(float(value) for value in entry["data"])
    if len(values) != int(entry["rows"]) * int(entry["cols"]):
        raise CalibrationError(f"{len(values)} numbers are no {entry['rows']} x {entry['cols']}")
    return values


def of_camera_info(message: Any) -> Calibration:
    """The intrinsics of a sensor_msgs/msg/CameraInfo, whichever library made it.

    Raises:
        CalibrationError: they are not filled in, as by a driver that was not calibrated.
    """
    return Calibration(
        width=int(message.width),
        height=int(message.height),
        k=_floats(message.k),
        p=_floats(message.p),
        d=_floats(message.d),
        r=_floats(message.r),
        distortion_model=str(message.distortion_model) or "plumb_bob",
    )


def _floats(values: Any) -> Floats:
    return tuple(np.asarray(values, dtype=np.float64).tolist())
