from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from culture_perception.cameras.calibration import (
    Calibration,
    CalibrationError,
    from_field_of_view,
    load_calibration,
    of_camera_info,
)


def test_a_field_of_view_gives_the_focal_length() -> None:
    # Of 90 degrees half the width is one focal length away.
    made = from_field_of_view(640, 480, 90.0)

    assert made.shape_hw == (480, 640)
    np.testing.assert_allclose(made.k, [320, 0, 319.5, 0, 320, 239.5, 0, 0, 1])
    np.testing.assert_allclose(made.p, [320, 0, 319.5, 0, 0, 320, 239.5, 0, 0, 0, 1, 0])
    assert (made.distortion_model, made.d) == ("plumb_bob", (0.0,) * 5)
    assert from_field_of_view(10, 10, 60.0).k[0] == pytest.approx(5 * math.sqrt(3))


@pytest.mark.parametrize("fov_deg", [0.0, 180.0, -5.0, float("nan")])
def test_an_impossible_field_of_view_is_refused(fov_deg: float) -> None:
    with pytest.raises(CalibrationError, match="between 0 and 180"):
        from_field_of_view(640, 480, fov_deg)


def test_a_file_of_camera_calibration_is_read(kit: Any, tmp_path: Path) -> None:
    path = tmp_path / "camera_info.yaml"
    path.write_text(kit.CALIBRATION)

    made = load_calibration(path)

    assert made == Calibration(
        width=6,
        height=4,
        k=(5, 0, 2.5, 0, 5, 1.5, 0, 0, 1),
        p=(4, 0, 2.5, 0, 0, 4, 1.5, 0, 0, 0, 1, 0),
        d=(-0.25, 0.125, 0, 0, 0),
    )


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("image_width: 6", "image_width: wide", "wide"),
        ("camera_matrix", "matrix", "lacks 'camera_matrix'"),
        ("data: [5, 0, 2.5, 0, 5, 1.5, 0, 0, 1]", "data: [5, 0]", "2 numbers are no 3 x 3"),
        ("data: [5, 0, 2.5, 0, 5,", "data: [0, 0, 2.5, 0, 0,", "focal lengths"),
        ("data: [4, 0, 2.5, 0, 0, 4,", "data: [0, 0, 2.5, 0, 0, 4,", "p has the focal lengths"),
        ("data: [5, 0, 2.5", "data: [.nan, 0, 2.5", "finite"),
        ("plumb_bob", "equidistant", "equidistant has"),
        ("image_height: 4", "image_height: 0", "6 x 0"),
        ("image_width", "{", "camera_info.yaml"),
    ],
)
def test_a_wrong_file_is_named(before: str, after: str, why: str, kit: Any, tmp_path: Path) -> None:
    path = tmp_path / "camera_info.yaml"
    assert before in kit.CALIBRATION
    path.write_text(kit.CALIBRATION.replace(before, after, 1))

    with pytest.raises(CalibrationError, match=why) as caught:
        load_calibration(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"no\.yaml"):
        load_calibration(tmp_path / "no.yaml")


def test_camera_info_is_taken_over_and_an_uncalibrated_one_is_not(kit: Any) -> None:
    made = of_camera_info(kit.camera_info(0))
    assert (made.k, made.p, made.r) == (tuple(kit.K), tuple(kit.P), tuple(kit.R))

    # What a driver sends that was never calibrated.
    empty = SimpleNamespace(
        width=6, height=4, k=[0.0] * 9, p=[0.0] * 12, r=[0.0] * 9, d=[], distortion_model=""
    )
    with pytest.raises(CalibrationError, match="calibrate the camera"):
        of_camera_info(empty)
