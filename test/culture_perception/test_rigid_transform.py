from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from culture_perception.masks import FloatArray
from culture_perception.rigid_transform import RigidTransform, interpolate

QUARTER = np.sqrt(0.5)
ABOUT_Z = (0.0, 0.0, float(QUARTER), float(QUARTER))  # 90 degrees
NUMBERS = st.floats(-10, 10)
TRANSFORMS = st.builds(
    RigidTransform,
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).filter(lambda q: np.linalg.norm(q) > 0.1),
)
POINTS = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0], [-1, 0.5, 3]])


def matrix(transform: RigidTransform) -> FloatArray:
    result = np.eye(4)
    result[:3, :3] = Rotation.from_quat(transform.quaternion_xyzw).as_matrix()
    result[:3, 3] = transform.translation
    return result


def test_a_transform_by_hand() -> None:
    transform = RigidTransform((1.0, 2.0, 3.0), ABOUT_Z)

    np.testing.assert_allclose(transform.apply([1.0, 0, 0]), [1, 3, 3], atol=1e-12)
    np.testing.assert_allclose(transform.apply([[0.0, 1, 5]]), [[0, 2, 8]], atol=1e-12)
    np.testing.assert_allclose(transform.rotation, [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12)
    assert transform.apply(np.zeros((0, 3))).shape == (0, 3)
    assert RigidTransform().apply([1.0, 2, 3]).tolist() == [1, 2, 3]


@given(TRANSFORMS, TRANSFORMS)
def test_compose_is_the_product_of_matrices(outer: RigidTransform, inner: RigidTransform) -> None:
    both = outer.compose(inner)

    np.testing.assert_allclose(matrix(both), matrix(outer) @ matrix(inner), atol=1e-9)
    np.testing.assert_allclose(both.apply(POINTS), outer.apply(inner.apply(POINTS)), atol=1e-9)


@given(TRANSFORMS)
def test_an_inverse_takes_back(transform: RigidTransform) -> None:
    back = transform.inverse()

    np.testing.assert_allclose(back.apply(transform.apply(POINTS)), POINTS, atol=1e-9)
    np.testing.assert_allclose(matrix(transform.compose(back)), np.eye(4), atol=1e-9)


def test_interpolation_goes_half_way_the_shorter_way_round() -> None:
    start = RigidTransform((0.0, 0.0, 2.0))
    turned = RigidTransform((1.0, 0.0, 4.0), (0.0, 0.0, -ABOUT_Z[2], -ABOUT_Z[3]))

    between = interpolate(start, turned, 0.5)

    np.testing.assert_allclose(between.translation, [0.5, 0, 3])
    eighth = np.radians(45)
    np.testing.assert_allclose(
        between.rotation[:2, :2],
        [[np.cos(eighth), -np.sin(eighth)], [np.sin(eighth), np.cos(eighth)]],
    )


@given(TRANSFORMS, TRANSFORMS)
def test_interpolation_starts_and_ends_where_it_should(
    first: RigidTransform, second: RigidTransform
) -> None:
    np.testing.assert_allclose(matrix(interpolate(first, second, 0.0)), matrix(first), atol=1e-6)
    np.testing.assert_allclose(matrix(interpolate(first, second, 1.0)), matrix(second), atol=1e-6)


@pytest.mark.parametrize(
    ("translation", "quaternion"),
    [
        pytest.param((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), id="quaternion forgotten"),
        pytest.param((0.0, np.nan, 0.0), (0.0, 0.0, 0.0, 1.0), id="NaN"),
        pytest.param((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, np.inf), id="infinite"),
    ],
)
def test_what_is_no_transform_is_refused(
    translation: tuple[float, float, float], quaternion: tuple[float, float, float, float]
) -> None:
    with pytest.raises(ValueError, match="are no transform"):
        RigidTransform(translation, quaternion)
