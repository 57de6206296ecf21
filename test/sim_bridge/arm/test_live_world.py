"""The arm picks a block and puts it into the basket, in live physics and without ROS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim_bridge.arm.furniture import BASKET_POSITION, in_basket
from sim_bridge.arm.live_world import DOWN_XYZW, HOME, LiveWorld
from sim_bridge.arm.motion import Ending
from sim_bridge.camera import ravens_camera
from sim_bridge.physics import Pose
from sim_bridge.scenes import SceneError
from sim_bridge.world import World

PRODUCTS = ("test.block", "test.carton")
VIA = (0.45, 0.1, 0.38)
LONGEST_S = 30.0


@pytest.fixture(scope="module")
def assets(mesh_files: dict[str, Path]) -> dict[str, Path]:
    return {name: mesh_files[name] for name in PRODUCTS}


@pytest.fixture(scope="module")
def world(assets: dict[str, Path], kind: str) -> Iterator[LiveWorld]:
    with LiveWorld(assets, ravens_camera("front"), renderer=kind) as opened:
        yield opened


def _run(world: LiveWorld) -> Ending | None:
    steps = 0
    while not world.at_rest:
        world.step()
        steps += 1
        assert steps < LONGEST_S * 240, "it does not come to rest"
    return world.ending


def _move(
    world: LiveWorld, x: float, y: float, z: float, until_contact: bool = False
) -> Ending | None:
    world.move_to(Pose((x, y, z), DOWN_XYZW), 0.6 if not until_contact else 0.1, until_contact)
    return _run(world)


def _top(world: LiveWorld, concept_id: str) -> tuple[float, float, float]:
    """The truth: where a product's upper side is, from what the camera sees."""
    seen = world.observe()
    rows, columns = np.nonzero(seen.id_image == seen.concept_ids.index(concept_id) + 1)
    points = world.camera.back_project(np.stack([columns, rows], 1), seen.depth_m[rows, columns])
    top = points[points[:, 2] > np.percentile(points[:, 2], 98) - 0.004]
    x, y, z = (top.min(axis=0) + top.max(axis=0)) / 2
    return float(x), float(y), float(z)


def test_at_home_the_arm_is_not_in_the_picture(world: LiveWorld, assets: dict[str, Path]) -> None:
    world.new_scene(PRODUCTS, 3)
    _run(world)
    seen = world.observe()
    renderer = "tiny" if world.renderer_kind == "egl" else world.renderer_kind
    with World(assets, ravens_camera("front"), renderer=renderer) as alone:
        alone.new_scene(PRODUCTS, 3)
        expected = alone.observe()
    same = np.isclose(seen.depth_m, expected.depth_m, atol=0.01)  # two renderers, two borders
    assert same.mean() > 0.98
    far = np.abs(seen.depth_m - expected.depth_m) > 0.2
    assert far.mean() < 0.003


def test_it_picks_carries_and_puts_down(world: LiveWorld) -> None:
    world.new_scene(PRODUCTS, 3)
    _run(world)
    x, y, z = _top(world, "test.block")
    assert _move(world, *VIA) is Ending.ARRIVED
    assert not world.grip().holds
    assert _move(world, x, y, z + 0.08) is Ending.ARRIVED
    assert world.tool.position == pytest.approx((x, y, z + 0.08), abs=2e-3)
    assert _move(world, x, y, z - 0.02, until_contact=True) is Ending.CONTACT
    assert world.tool.position[2] == pytest.approx(z, abs=5e-3)
    assert world.grip().holds
    assert world.held == "test.block"
    assert _move(world, x, y, 0.35) is Ending.ARRIVED
    assert _move(world, *VIA) is Ending.ARRIVED
    basket_x, basket_y, _ = BASKET_POSITION
    assert _move(world, basket_x, basket_y, 0.45) is Ending.ARRIVED
    assert world.held == "test.block"
    assert not world.basket()
    _move(world, basket_x, basket_y, 0.03, until_contact=True)
    world.release()
    _run(world)
    assert world.basket() == ["test.block"]  # which what is held would not be in
    world.go_home(0.5)
    assert _run(world) is Ending.ARRIVED
    assert world.tool.position == pytest.approx(HOME.position, abs=5e-3)
    seen = world.observe()
    assert np.unique(seen.id_image).tolist() == [0, 2]  # the block has gone from the picture


def test_a_new_scene_empties_the_basket_and_lets_go(world: LiveWorld) -> None:
    world.new_scene(PRODUCTS, 4)
    _run(world)
    assert world.held is None
    assert not world.basket()
    assert np.unique(world.observe().id_image).tolist() == [0, 1, 2]
    with pytest.raises(SceneError, match="no product"):
        world.new_scene(["test.nothing"], 4)
    assert np.unique(world.observe().id_image).tolist() == [0, 1, 2]


def test_a_motion_can_be_stopped_on_the_way(world: LiveWorld) -> None:
    world.new_scene(PRODUCTS, 3)
    _run(world)
    world.move_to(Pose(VIA, DOWN_XYZW), 0.3, until_contact=False)
    for _ in range(120):
        world.step()
    assert world.moving
    left_m = world.left_m
    world.stop()
    assert _run(world) is Ending.STOPPED
    away = np.linalg.norm(np.subtract(world.tool.position, VIA))
    assert 0.1 < away == pytest.approx(left_m, abs=0.05)


def test_the_basket_has_an_inside() -> None:
    x, y, _ = BASKET_POSITION
    assert in_basket(np.array([x + 0.1, y - 0.1, 0.05]))
    assert not in_basket(np.array([x + 0.16, y, 0.05]))
    assert not in_basket(np.array([x, y, 0.4]))
    assert not in_basket(np.array([x, y, -0.7]))
