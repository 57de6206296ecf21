from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from culture_perception.cameras.mounting import OPTICAL_IN_BODY, mounting, quaternion_xyzw


def test_the_optical_axes_lie_in_the_body_as_rep_103_says() -> None:
    turn = Rotation.from_quat(OPTICAL_IN_BODY)

    # Optical z is the body's x (forward), optical x its right (-y), optical y its down (-z).
    np.testing.assert_allclose(turn.apply([0, 0, 1]), [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(turn.apply([1, 0, 0]), [0, -1, 0], atol=1e-12)
    np.testing.assert_allclose(turn.apply([0, 1, 0]), [0, 0, -1], atol=1e-12)


@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (0.3, 0, 0), (0, 0.3, 0), (0, 0, 0.3), (0.5, -1.2, 2.5)]
)
def test_angles_turn_about_fixed_axes(angles: tuple[float, float, float]) -> None:
    ours = Rotation.from_quat(quaternion_xyzw(*angles))

    expected = Rotation.from_euler("xyz", angles)  # small letters: fixed axes
    np.testing.assert_allclose(ours.as_matrix(), expected.as_matrix(), atol=1e-12)


def test_a_mount_has_two_transforms_and_without_a_base_one() -> None:
    body, optical = mounting("world", "camera_link", "lens", (1, 2, 3, 0, 0, math.pi))

    assert (body.parent, body.child, body.translation) == ("world", "camera_link", (1, 2, 3))
    np.testing.assert_allclose(body.rotation_xyzw, [0, 0, 1, 0], atol=1e-12)
    assert (optical.parent, optical.child) == ("camera_link", "lens")
    assert optical.rotation_xyzw == OPTICAL_IN_BODY
    assert mounting("", "camera_link", "lens", (0,) * 6) == (optical,)
