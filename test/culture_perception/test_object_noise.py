from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.intrinsics import Intrinsics
from culture_perception.masks import FloatArray
from culture_perception.object_noise import ANY_TURN_RAD2, DepthNoise, pose_covariance

CAMERA = Intrinsics(400.0, 400.0, 320.0, 240.0, 640, 480)
NONE = DepthNoise(0.0, 0.0)
UPRIGHT = np.column_stack([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])


def covariance(
    spread: tuple[float, float, float],
    centroid: tuple[float, float, float] = (0.0, 0.0, 1.0),
    count: int = 2500,
    noise: DepthNoise = NONE,
    up_sigma_rad: float | None = None,
) -> FloatArray:
    scatter = np.diag(spread)
    return pose_covariance(np.array(centroid), scatter, count, UPRIGHT, CAMERA, noise, up_sigma_rad)


def test_a_cameras_noise_grows_with_the_square_of_the_distance() -> None:
    noise = DepthNoise(0.001, 0.002)
    sigmas_m = [noise.sigma_m(z) for z in (0.0, 1.0, 2.0)]

    assert sigmas_m == pytest.approx([0.001, 0.003, 0.009])


def test_the_place_by_hand() -> None:
    # 2500 points are 100 independent ones; a pixel is 2.5 mm at 1 m.
    found = covariance((0.01, 0.02, 0.03), noise=DepthNoise(0.003, 0.0))

    pixel = 0.0025**2 / 2
    expected = [1e-4 + pixel, 2e-4 + pixel, 3e-4 + 9e-6 + pixel]
    np.testing.assert_allclose(found[:3, :3], np.diag(expected))
    assert not found[:3, 3:].any() and not found[3:, :3].any()


def test_depth_noise_lies_along_the_ray() -> None:
    ray = np.array([0.5, -0.25, 1.0])

    with_noise = covariance((0, 0, 0), tuple(2 * ray), noise=DepthNoise(0.0, 0.001))

    without = covariance((0, 0, 0), tuple(2 * ray))
    np.testing.assert_allclose((with_noise - without)[:3, :3], 0.004**2 * np.outer(ray, ray))


def test_turns_by_hand() -> None:
    found = covariance((0.01, 0.04, 0.09))

    about_x = 0.04 * 0.09 / (100 * 0.05**2)
    about_y = 0.01 * 0.09 / (100 * 0.08**2)
    about_z = 0.01 * 0.04 / (100 * 0.03**2)
    np.testing.assert_allclose(found[3:, 3:], np.diag([about_x, about_y, about_z]), atol=1e-12)


def test_a_turn_that_changes_nothing_is_not_known() -> None:
    # As wide as it is high: a turn about the ray leaves it as it is.
    found = covariance((0.04, 0.04, 0.0))

    assert found[5, 5] == pytest.approx(ANY_TURN_RAD2)
    assert found[3, 3] < 1e-6


def test_with_up_only_the_turn_about_it_is_found() -> None:
    # Up is -y: the spread in the plane across it is that of x and z.
    found = covariance((0.01, 0.5, 0.09), up_sigma_rad=0.02)

    about_up = 0.01 * 0.09 / (100 * 0.08**2)
    np.testing.assert_allclose(found[3:, 3:], np.diag([4e-4, about_up, 4e-4]), atol=1e-12)


@given(
    st.tuples(*[st.floats(0, 0.1)] * 3),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 5)),
    st.integers(1, 100_000),
    st.sampled_from([None, 0.0, 0.1]),
)
def test_it_is_a_covariance(
    spread: tuple[float, float, float],
    centroid: tuple[float, float, float],
    count: int,
    up_sigma_rad: float | None,
) -> None:
    found = covariance(spread, centroid, count, DepthNoise(), up_sigma_rad)

    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, found.T, atol=1e-15)
    assert np.linalg.eigvalsh(found).min() >= -1e-12
    assert np.linalg.eigvalsh(found[3:, 3:]).max() <= ANY_TURN_RAD2 * (1 + 1e-9)
