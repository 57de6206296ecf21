"""A world whose products are moved, with bodies in it that are no products."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim_bridge.camera import ravens_camera
from sim_bridge.physics import Pose
from sim_bridge.world import World

UPRIGHT = (0.0, 0.0, 0.0, 1.0)
MIDDLE = Pose((0.5, 0.0, 0.025), UPRIGHT)


@pytest.fixture
def world(mesh_files: dict[str, Path], kind: str) -> Iterator[World]:
    assets = {"test.block": mesh_files["test.block"]}
    with World(assets, ravens_camera("front"), renderer=kind) as opened:
        opened.new_scene(["test.block"], 3)
        yield opened


def test_a_product_is_seen_where_it_was_moved_to(world: World) -> None:
    world.move_products([MIDDLE])
    rows, columns = np.nonzero(world.observe().id_image)
    expected, _ = world.camera.project([MIDDLE.position])
    assert (columns.mean(), rows.mean()) == pytest.approx(expected[0], abs=3)
    assert world.scene.poses == (MIDDLE,)


def test_there_must_be_a_pose_for_each_product(world: World) -> None:
    with pytest.raises(ValueError, match="zip"):
        world.move_products([])


def test_another_body_hides_a_product_and_has_no_number(
    world: World, mesh_files: dict[str, Path]
) -> None:
    world.move_products([MIDDLE])
    seen = np.count_nonzero(world.observe().id_image)
    handle = world.add_body(mesh_files["test.carton"])
    assert np.count_nonzero(world.observe().id_image) == seen
    toward_camera = Pose((0.58, 0.0, 0.06), UPRIGHT)
    world.move_body(handle, toward_camera)
    hidden = world.observe()
    assert np.count_nonzero(hidden.id_image) < 0.6 * seen
    assert set(np.unique(hidden.id_image)) <= {0, 1}
    world.move_body(handle, None)
    assert np.count_nonzero(world.observe().id_image) == seen


def test_a_quick_look_has_the_same_truth(world: World) -> None:
    quick, kept = world.observe_with(1), world.observe()
    assert np.array_equal(quick.id_image, kept.id_image)
    assert quick.concept_ids == kept.concept_ids
