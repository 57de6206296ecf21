"""Where training scenes put things, and from where they are seen."""

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sim_bridge.camera import Camera
from sim_bridge.training.stage import (
    WORKSPACE_X,
    WORKSPACE_Y,
    look_at,
    place_objects,
    random_camera,
    random_light,
    random_rotation,
)

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.03


def test_objects_rest_on_the_table_inside_the_workspace() -> None:
    placements = place_objects(np.random.default_rng(3), [CUBE] * 6, 6)
    assert placements
    for placement in placements:
        corners = placement.rotation.apply(CUBE) + placement.position
        assert corners[:, 2].min() >= 0
        assert WORKSPACE_X[0] < placement.position[0] < WORKSPACE_X[1]
        assert WORKSPACE_Y[0] < placement.position[1] < WORKSPACE_Y[1]
        assert placement.top == pytest.approx(corners[:, 2].max(), abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_footprints_on_the_table_stay_apart(seed: int) -> None:
    placements = place_objects(np.random.default_rng(seed), [CUBE] * 8, 8)
    standing = [p for p in placements if (p.rotation.apply(CUBE) + p.position)[:, 2].min() < 0.002]
    for i, first in enumerate(standing):
        for second in standing[:i]:
            overlap, _ = cv2.intersectConvexConvex(first.footprint, second.footprint)
            assert overlap < 1e-6


def test_no_object_and_no_wish_give_nothing() -> None:
    assert place_objects(np.random.default_rng(0), [], 3) == []
    assert place_objects(np.random.default_rng(0), [CUBE], 0) == []


def test_half_of_the_objects_stand_upright() -> None:
    rng = np.random.default_rng(0)
    upright = [random_rotation(rng, lies=False).apply([0, 0, 1])[2] > 0.999 for _ in range(400)]
    assert 0.42 < np.mean(upright) < 0.58


def test_look_at_sees_the_target_in_the_middle_and_up_is_up() -> None:
    position, target = np.array([1.0, 0.3, 0.8]), np.array([0.5, 0.0, 0.0])
    camera = Camera(
        "c", 640, 480, 450, 450, 320, 240, tuple(position), tuple(look_at(position, target, 0.0))
    )
    uv, depth = camera.project([target, target + (0, 0, 0.1)])
    np.testing.assert_allclose(uv[0], (320, 240), atol=1e-6)
    assert depth[0] == pytest.approx(np.linalg.norm(target - position))
    assert uv[1][1] < 240  # higher in the world is higher in the image


@pytest.mark.parametrize(
    ("profile", "size"), [("ravens", (640, 480)), ("high_resolution", (1024, 768))]
)
def test_every_random_camera_sees_the_table(profile: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        camera = random_camera(rng, profile)
        assert (camera.width, camera.height) == size
        uv, depth = camera.project([(0.5, 0.0, 0.03)])
        assert depth[0] > 0.3
        assert 0 < uv[0][0] < size[0] and 0 < uv[0][1] < size[1]


def test_lights_come_from_above() -> None:
    rng = np.random.default_rng(1)
    assert all(random_light(rng).direction[2] > 0 for _ in range(20))


def test_one_seed_gives_one_scene() -> None:
    first = place_objects(np.random.default_rng(7), [CUBE] * 4, 4)
    second = place_objects(np.random.default_rng(7), [CUBE] * 4, 4)
    assert [p.body for p in first] == [p.body for p in second]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.position, b.position)
        assert isinstance(a.rotation, Rotation)
        np.testing.assert_array_equal(a.rotation.as_quat(), b.rotation.as_quat())
