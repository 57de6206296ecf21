"""A cup seals where its whole rim meets the surface; heights computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim_bridge.arm.suction import BELLOWS_M, seal, surface_heights
from sim_bridge.camera import FloatArray

NOTHING = np.zeros((0, 3, 3))


def plate(z: float, slope: float = 0.0, half: float = 0.05, middle_x: float = 0.0) -> FloatArray:
    """Two triangles, a square of 2 x half about (middle_x, 0), rising along x by slope."""
    low, high = middle_x - half, middle_x + half
    a, b, c, d = (
        [x, y, z + slope * x] for x, y in [(low, -half), (high, -half), (high, half), (low, half)]
    )
    return np.array([[a, b, c], [a, c, d]])


def test_heights_are_those_of_the_plane_and_nan_beside_it() -> None:
    points = np.array([[0.0, 0.0], [0.02, 0.01], [0.06, 0.0]])
    heights = surface_heights(plate(0.003, slope=0.5), points)
    assert heights[:2] == pytest.approx([0.003, 0.013])
    assert np.isnan(heights[2])


def test_of_two_surfaces_the_nearer_one_counts() -> None:
    both = np.concatenate([plate(-0.01), plate(0.002)])
    assert surface_heights(both, np.zeros((1, 2))) == pytest.approx([0.002])


def test_a_triangle_on_edge_is_met_by_no_ray() -> None:
    upright = np.array([[[0.0, -1.0, -1.0], [0.0, 1.0, -1.0], [0.0, 0.0, 1.0]]])
    assert np.isnan(surface_heights(upright, np.zeros((1, 2)))).all()


@pytest.mark.parametrize(
    ("triangles", "reason"),
    [
        pytest.param(plate(0.0), "", id="touching"),
        pytest.param(plate(0.005), "", id="within the bellows"),
        pytest.param(plate(BELLOWS_M + 0.001), "7.0 mm from the rim", id="too far"),
        pytest.param(plate(0.0, half=0.004), "8 of 9 rays meet nothing", id="smaller than the cup"),
        pytest.param(plate(0.0, middle_x=0.05), "meet nothing", id="at its edge"),
        pytest.param(plate(0.0, slope=0.5), "", id="27 degrees"),
        pytest.param(plate(0.0, slope=0.8), "39 degrees aslant", id="39 degrees"),
        pytest.param(NOTHING, "9 of 9 rays meet nothing", id="nothing there"),
    ],
)
def test_seal(triangles: FloatArray, reason: str) -> None:
    result = seal(triangles)
    assert result.holds == (reason == "")
    assert reason in result.reason
