"""The camera's geometry, by hand and against its own OpenGL matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim_bridge.camera import (
    CAMERA_NAMES,
    PROFILE_NAMES,
    Camera,
    CameraError,
    depth_from_buffer,
    moved,
    ravens_camera,
    rotation_matrix,
)

FORWARD = Camera("forward", 640, 480, 450, 460, 300, 250, (0, 0, 0), (0, 0, 0, 1))
"""Its optical axes are the world's: x right, y down, z forward."""


@pytest.mark.parametrize(
    ("point", "uv", "depth"),
    [
        ((0, 0, 2), (300, 250), 2),  # on the axis: the principal point
        ((1, 0, 2), (525, 250), 2),  # to the right: u grows by fx / depth
        ((0, -0.5, 1), (300, 20), 1),  # upwards: v falls by fy / (2 depth)
    ],
)
def test_project_by_hand(point: tuple[float, ...], uv: tuple[float, ...], depth: float) -> None:
    got_uv, got_depth = FORWARD.project([point])
    np.testing.assert_allclose(got_uv, [uv])
    np.testing.assert_allclose(got_depth, [depth])


def test_what_is_not_in_front_has_no_image_point() -> None:
    uv, depth = FORWARD.project([(0, 0, -1), (1, 1, 0)])
    assert np.isnan(uv).all()
    np.testing.assert_allclose(depth, [-1, 0])


def test_no_points() -> None:
    uv, depth = FORWARD.project(np.empty((0, 3)))
    assert uv.shape == (0, 2)
    assert depth.shape == (0,)


def test_k() -> None:
    np.testing.assert_allclose(FORWARD.k, [[450, 0, 300], [0, 460, 250], [0, 0, 1]])


@pytest.mark.parametrize("name", CAMERA_NAMES)
def test_ravens_cameras_see_the_workspace(name: str) -> None:
    camera = ravens_camera(name)
    assert (camera.width, camera.height) == (640, 480)
    np.testing.assert_allclose(camera.k, [[450, 0, 320], [0, 450, 240], [0, 0, 1]])
    uv, depth = camera.project([(0.5, 0, 0)])
    assert 0 < uv[0, 0] < 639
    assert 0 < uv[0, 1] < 479
    assert 0.7 < depth[0] < 1.2


def test_ravens_front_camera_looks_down_by_45_degrees() -> None:
    uv, depth = ravens_camera("front").project([(0.25, 0, 0)])
    np.testing.assert_allclose(uv, [[320, 240]], atol=1e-3)
    np.testing.assert_allclose(depth, [0.75 * np.sqrt(2)], atol=1e-6)


@pytest.mark.parametrize("name", CAMERA_NAMES)
def test_both_profiles_have_the_same_view(name: str) -> None:
    small, large = (ravens_camera(name, profile) for profile in PROFILE_NAMES)
    assert (large.width, large.height) == (1024, 768)
    points = np.random.default_rng(0).uniform([0.3, -0.3, 0], [0.7, 0.3, 0.2], (20, 3))
    np.testing.assert_allclose(small.project(points)[0] * 1.6, large.project(points)[0])


@given(
    st.floats(200, 900),
    st.floats(200, 900),
    st.floats(100, 500),
    st.floats(100, 400),
    st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: float(np.linalg.norm(q)) > 0.1),
)
def test_opengl_matrices_agree_with_project(
    fx: float, fy: float, cx: float, cy: float, q: tuple[float, float, float, float]
) -> None:
    x, y, z, w = (np.asarray(q) / np.linalg.norm(q)).tolist()
    camera = Camera("any", 640, 480, fx, fy, cx, cy, (0.1, -0.2, 0.3), (x, y, z, w))
    point = np.asarray(camera.position) + camera.rotation @ np.array([0.2, -0.1, 1.5])
    view, projection = (
        np.reshape(m, (4, 4)).T for m in (camera.view_matrix(), camera.projection_matrix())
    )
    clip = projection @ view @ np.array([*point, 1])
    across, up, deep = clip[:3] / clip[3]
    uv, depth = camera.project([point])
    # OpenGL: -1 and 1 are the outer edges of the image, half a pixel beyond the pixels' centres.
    np.testing.assert_allclose(
        [(across + 1) / 2 * 640 - 0.5, (1 - up) / 2 * 480 - 0.5], uv[0], atol=1e-6
    )
    assert depth_from_buffer((deep + 1) / 2, 0.1, 10) == pytest.approx(depth[0], rel=1e-4)


def test_back_project_undoes_project() -> None:
    camera = ravens_camera("left")
    points = np.random.default_rng(1).uniform([0.3, -0.3, 0], [0.7, 0.3, 0.2], (9, 3))
    np.testing.assert_allclose(camera.back_project(*camera.project(points)), points, atol=1e-12)


def test_depth_from_buffer() -> None:
    depth = depth_from_buffer([[0, 0.5, 1]], near=1, far=3)
    assert depth.dtype == np.float32
    # 2 n f / (f + n - (2 z - 1)(f - n)) = 6 / (4 - 2 (2 z - 1))
    np.testing.assert_allclose(depth, [[1, 1.5, np.nan]])


def test_rotation_matrix_by_hand() -> None:
    quarter_turn_about_z = (0, 0, 2, 2)  # of any length
    np.testing.assert_allclose(
        rotation_matrix(quarter_turn_about_z), [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12
    )


def test_moved_keeps_the_intrinsics() -> None:
    camera = moved(FORWARD, (1, 2, 3), (1, 0, 0, 0))
    np.testing.assert_allclose(camera.k, FORWARD.k)
    assert camera.position == (1, 2, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 0}, "0x480"),
        ({"fx": -1.0}, "fx=-1"),
        ({"near": 0.0}, "near=0"),
        ({"far": 0.05}, "far=0.05"),
        ({"quaternion_xyzw": (0, 0, 0, 2)}, "length 1, got 2"),
    ],
)
def test_impossible_cameras(change: dict[str, Any], message: str) -> None:
    with pytest.raises(CameraError, match=message):
        replace(FORWARD, **change)


def test_unknown_names() -> None:
    with pytest.raises(CameraError, match="'back': choose one of front, left, right"):
        ravens_camera("back")
    with pytest.raises(CameraError, match="'4k': choose one of ravens, high_resolution"):
        ravens_camera("front", "4k")
