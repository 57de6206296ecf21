from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import Float32Array, FloatArray, MaskArray, crop_to_box
from culture_perception.objects_3d import LocatedObject, LocateOptions, locate
from culture_perception.point_clouds import PointOptions
from culture_perception.rigid_transform import RigidTransform

CAMERA = Intrinsics(100.0, 100.0, 50.0, 40.0, 101, 81)
EXACT = LocateOptions(points=PointOptions(border_px=0, max_gap_m=0), min_points=3, trim=0.0)


def block(x0: int, y0: int, x1: int, y1: int) -> MaskArray:
    mask = np.zeros((81, 101), np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


def flat(metres: float) -> Float32Array:
    return np.full((81, 101), metres, np.float32)


def found(mask: MaskArray, depth_m: Float32Array, *arguments: Any) -> LocatedObject:
    result = locate(crop_to_box(mask), depth_m, CAMERA, *arguments)
    assert result is not None
    return result


def test_a_plate_that_faces_the_camera_by_hand() -> None:
    # Pixel centres 40 to 60 by 30 to 40 at 2 m: .4 by .2 m around (0, -.1, 2).
    place = found(block(40, 30, 61, 41), flat(2.0), None, EXACT)

    np.testing.assert_allclose(place.centroid, [0, -0.1, 2], atol=1e-6)
    np.testing.assert_allclose(place.pose.translation, [0, -0.1, 2], atol=1e-6)
    np.testing.assert_allclose(place.size, [0.4, 0.2, 0], atol=1e-6)
    # z towards the camera, x to its right, so that y points up.
    axes = place.pose.rotation
    np.testing.assert_allclose(axes, np.diag([1.0, -1.0, -1.0]), atol=1e-4)
    assert len(place.points) == 231


@pytest.mark.parametrize(
    ("up", "axes", "size"),
    [
        pytest.param((0, -1, 0), [[1, 0, 0], [0, 0, -1], [0, 1, 0]], [0.4, 0, 0.2], id="upright"),
        pytest.param((0, 0, -7), np.diag([1, -1, -1]), [0.4, 0.2, 0], id="seen from above"),
        pytest.param((1, 0, 0), None, [0.2, 0, 0.4], id="camera on its side"),
    ],
)
def test_up_is_the_z_axis_of_the_box(up: tuple[float, ...], axes: Any, size: list[float]) -> None:
    place = found(block(40, 30, 61, 41), flat(2.0), up, EXACT)

    found_axes = place.pose.rotation
    np.testing.assert_allclose(found_axes[:, 2], np.array(up) / np.linalg.norm(up), atol=1e-9)
    np.testing.assert_allclose(place.size, size, atol=1e-6)
    assert np.linalg.det(found_axes) == pytest.approx(1)
    if axes is not None:
        np.testing.assert_allclose(found_axes, axes, atol=1e-4)


@pytest.mark.parametrize("degrees", [0, 20, 45, 70])
def test_a_turned_plate_gets_a_turned_box(degrees: int) -> None:
    turn = np.radians(degrees)
    v, u = np.indices((81, 101))
    x, y = u - 50, v - 40
    along = x * np.cos(turn) + y * np.sin(turn)
    across = -x * np.sin(turn) + y * np.cos(turn)

    place = found((abs(along) <= 30) & (abs(across) <= 10), flat(1.0), (0, 0, -1), EXACT)

    axis = place.pose.rotation[:, 0]
    assert abs(axis @ [np.cos(turn), np.sin(turn), 0]) > np.cos(np.radians(3))
    assert axis[0] >= 0
    np.testing.assert_allclose(place.size[:2], [0.6, 0.2], atol=0.02)  # pixels are 10 mm


def test_trim_leaves_out_a_share_of_each_end() -> None:
    # 21 columns of 11 points: .05 of 231 points is one column, and .05 of each row is not whole.
    place = found(block(40, 30, 61, 41), flat(2.0), (0, 0, -1), replace(EXACT, trim=0.05))

    np.testing.assert_allclose(place.size[:2], [0.36, 0.2], atol=1e-6)


@pytest.mark.parametrize(
    ("mask", "depth"),
    [
        pytest.param(block(0, 0, 0, 0), flat(1.0), id="empty"),
        pytest.param(block(0, 0, 9, 9), flat(np.nan), id="no depth"),
        pytest.param(block(0, 0, 5, 5), flat(1.0), id="25 points"),
    ],
)
def test_too_few_points_have_no_place(mask: MaskArray, depth: Float32Array) -> None:
    assert locate(crop_to_box(mask), depth, CAMERA, options=LocateOptions(min_points=26)) is None


@pytest.mark.parametrize("mask", [block(3, 3, 40, 4), block(3, 3, 4, 6)], ids=["row", "column"])
@pytest.mark.parametrize("up", [None, (0.0, -1.0, 0.0), (0.0, -1.0, -1.0)])
def test_a_line_has_a_place_too(mask: MaskArray, up: tuple[float, ...] | None) -> None:
    place = found(mask, flat(1.0), up, EXACT)

    assert np.isfinite([*place.size, *place.pose.translation]).all()
    assert np.isfinite(place.covariance).all()


@pytest.mark.parametrize("up", [(0, 0, 0), (0, np.nan, 1), (0, 1)])
def test_up_must_be_a_direction(up: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="has no direction"):
        locate(crop_to_box(block(3, 3, 40, 40)), flat(1.0), CAMERA, up)


@pytest.mark.parametrize("bad", [{"min_points": 2}, {"trim": -0.01}, {"trim": 0.2}])
def test_options_out_of_range_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        LocateOptions(**bad)


def _corners(place: LocatedObject) -> FloatArray:
    signs = np.array([(a, b, c) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
    return place.pose.apply(signs * np.array(place.size) / 2)


def test_in_another_frame_everything_moves_together() -> None:
    place = found(block(40, 30, 61, 41), flat(2.0), (0, -1, 0), EXACT)
    quaternion = tuple(float(one) for one in Rotation.from_euler("xyz", [0.3, 1.2, -2]).as_quat())
    transform = RigidTransform((1.0, 2.0, 3.0), quaternion)  # type: ignore[arg-type]

    moved = place.transformed(transform)

    np.testing.assert_allclose(moved.centroid, transform.apply(place.centroid))
    np.testing.assert_allclose(_corners(moved), transform.apply(_corners(place)), atol=1e-9)
    np.testing.assert_allclose(moved.points.points, transform.apply(place.points.points), atol=1e-6)
    assert moved.points.indices is place.points.indices and moved.size == place.size
    turn = transform.rotation
    for part in (np.s_[:3, :3], np.s_[3:, 3:]):
        np.testing.assert_allclose(
            moved.covariance[part], turn @ place.covariance[part] @ turn.T, atol=1e-15
        )


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3)),
)
def test_a_box_holds_its_points_in_every_frame(
    seed: int, angles: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.9, 1.1, (81, 101)).astype(np.float32)
    quaternion = tuple(float(one) for one in Rotation.from_euler("xyz", angles).as_quat())
    place = found(rng.random((81, 101)) < 0.02, depth, tuple(rng.normal(size=3)), EXACT)

    moved = place.transformed(RigidTransform((0.1, 0.2, 0.3), quaternion))  # type: ignore[arg-type]

    inside = moved.pose.inverse().apply(moved.points.points)
    assert (np.abs(inside) <= np.array(moved.size) / 2 + 1e-5).all()
