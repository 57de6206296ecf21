from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.intrinsics import Intrinsics, IntrinsicsError, rays, read_intrinsics
from culture_perception.masks import Float32Array
from sim_bridge.camera import Camera, ravens_camera


@dataclass(frozen=True)
class Info:
    """The fields of sensor_msgs/msg/CameraInfo that are read."""

    height: int = 480
    width: int = 640
    distortion_model: str = "plumb_bob"
    d: Sequence[float] = (0.0,) * 5
    k: Sequence[float] = (450.0, 0, 320, 0, 451, 240, 0, 0, 1)
    p: Sequence[float] = (440.0, 0, 318, 0, 0, 441, 239, 0, 0, 0, 1, 0)


RAW = Intrinsics(450.0, 451.0, 320.0, 240.0, 640, 480)


def test_a_raw_image_has_k_and_a_rectified_one_p() -> None:
    assert read_intrinsics(Info(), (480, 640)) == RAW
    assert read_intrinsics(Info(), (480, 640), rectified=True) == Intrinsics(
        440.0, 441.0, 318.0, 239.0, 640, 480
    )


def test_an_empty_p_is_as_k() -> None:
    assert read_intrinsics(Info(p=(0.0,) * 12), (480, 640), rectified=True) == RAW


def test_distortion_is_kept_of_a_raw_image_only() -> None:
    info = Info(d=(0.1, -0.2, 0, 0, 0))

    assert read_intrinsics(info, (480, 640)).distortion == (0.1, -0.2, 0, 0, 0)
    assert read_intrinsics(info, (480, 640), rectified=True).distortion == ()
    assert read_intrinsics(replace(info, d=()), (480, 640)) == RAW


@pytest.mark.parametrize(
    ("info", "said"),
    [
        pytest.param(Info(k=(0.0,) * 9), "not calibrated; run camera_calib", id="not calibrated"),
        pytest.param(Info(width=320), "320x480 pixels, the image of 640x480", id="other size"),
        pytest.param(Info(height=0, width=0), "0x0 pixels", id="size not filled in"),
        pytest.param(
            Info(distortion_model="equidistant", d=(0.1,) * 4),
            "'equidistant' with 4 coefficients is not known",
            id="fisheye",
        ),
        pytest.param(Info(k=(np.nan, 0, 1, 0, 1, 1, 0, 0, 1)), "not calibrated", id="NaN"),
        pytest.param(Info(k=(1, 0, np.inf, 0, 1, 1, 0, 0, 1)), "no camera has", id="infinite"),
    ],
)
def test_a_camera_info_of_no_use_is_refused(info: Info, said: str) -> None:
    with pytest.raises(IntrinsicsError, match=said):
        read_intrinsics(info, (480, 640))


def test_rays_by_hand() -> None:
    table = rays(Intrinsics(2.0, 4.0, 1.0, 0.0, 3, 2))

    assert table.dtype == np.float32 and table.shape == (2, 3, 2)
    assert table[0].tolist() == [[-0.5, 0], [0, 0], [0.5, 0]]
    assert table[1, 2].tolist() == [0.5, 0.25]
    assert not table.flags.writeable


@given(
    u=st.integers(0, 639),
    v=st.integers(0, 479),
    depth=st.floats(0.2, 5.0),
    name=st.sampled_from(["front", "left", "right"]),
)
def test_a_ray_ends_where_the_camera_saw_the_point(u: int, v: int, depth: float, name: str) -> None:
    camera: Camera = ravens_camera(name)
    x, y = rays(Intrinsics(camera.fx, camera.fy, camera.cx, camera.cy, 640, 480))[v, u]
    optical = np.array([x, y, 1.0]) * depth

    uv, seen_depth = camera.project(optical @ camera.rotation.T + np.asarray(camera.position))

    np.testing.assert_allclose(uv, [[u, v]], atol=1e-3)
    np.testing.assert_allclose(seen_depth, [depth], atol=1e-6)


def _between(table: Float32Array, u: float, v: float) -> Float32Array:
    maps = np.array([[[u]], [[v]]], dtype=np.float32)
    return np.asarray(cv2.remap(table, maps[0], maps[1], cv2.INTER_LINEAR)[0, 0], np.float32)


def test_rays_take_distortion_out() -> None:
    distortion = (0.1, -0.05, 0.001, -0.002, 0.01)
    intrinsics = Intrinsics(100.0, 110.0, 31.0, 23.0, 64, 48, distortion)
    k = np.array([[100.0, 0, 31], [0, 110, 23], [0, 0, 1]])
    points = np.array([[0.2, -0.15, 1.0], [-0.25, 0.2, 1.0], [0.0, 0.0, 1.0]])

    uv = cv2.projectPoints(points, np.zeros(3), np.zeros(3), k, np.array(distortion))[0][:, 0]

    # Between whole pixels the table is nearly linear.
    table = rays(intrinsics)
    for (u, v), point in zip(uv, points, strict=True):
        found = _between(table, u, v)
        np.testing.assert_allclose(found, point[:2], atol=1e-3)
