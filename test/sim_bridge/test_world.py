"""Scenes: seeded, settled, visible, with a ground truth that is the picture's."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim_bridge import scenery, scenes, world
from sim_bridge.camera import CAMERA_NAMES, ravens_camera, rotation_matrix
from sim_bridge.physics import Pose, load_hull, settle
from sim_bridge.scenes import SceneError
from sim_bridge.world import Observation, World

PRODUCTS = ("test.bar", "test.block", "test.can", "test.carton")
UPRIGHT = (0.0, 0.0, 0.0, 1.0)
BOX_HULL = np.array(np.meshgrid(*[[-0.05, 0.05]] * 3)).reshape(3, -1).T


@pytest.fixture(scope="module")
def assets(mesh_files: dict[str, Path]) -> dict[str, Path]:
    return {name: mesh_files[name] for name in PRODUCTS}


@pytest.fixture(scope="module")
def table(assets: dict[str, Path], kind: str) -> Iterator[World]:
    with World(assets, ravens_camera("front", "high_resolution"), renderer=kind) as opened:
        yield opened


def _digest(observation: Observation) -> str:
    parts = (observation.image_rgb, observation.depth_m, observation.id_image)
    return hashlib.sha256(b"".join(np.ascontiguousarray(p).tobytes() for p in parts)).hexdigest()


@pytest.mark.parametrize("seed", range(6))
def test_every_object_lies_well_and_is_seen(table: World, seed: int) -> None:
    scene = table.new_scene(PRODUCTS, seed)
    assert (scene.seed, scene.concept_ids) == (seed, PRODUCTS)
    observation = table.observe()
    assert observation.concept_ids == PRODUCTS
    assert np.unique(observation.id_image).tolist() == [0, 1, 2, 3, 4]
    border = np.concatenate([*observation.id_image[[0, -1]], *observation.id_image[:, [0, -1]].T])
    assert not border.any()
    assert min(table.visibility()) > scenes.MIN_VISIBILITY - 0.03  # judged at another resolution
    for pose in scene.poses:
        assert scenes.WORKSPACE_X[0] <= pose.position[0] <= scenes.WORKSPACE_X[1]
        assert scenes.WORKSPACE_Y[0] <= pose.position[1] <= scenes.WORKSPACE_Y[1]


def test_the_id_image_shows_each_object_where_it_is(table: World, assets: dict[str, Path]) -> None:
    scene, camera = table.new_scene(PRODUCTS, 3), table.camera
    observation = table.observe()
    for number, (concept_id, pose) in enumerate(
        zip(scene.concept_ids, scene.poses, strict=True), start=1
    ):
        uv, _ = camera.project(pose.apply(load_hull(assets[concept_id])))
        rows, columns = np.nonzero(observation.id_image == number)
        assert columns.min() >= uv[:, 0].min() - 1
        assert columns.max() <= uv[:, 0].max() + 1
        assert rows.min() >= uv[:, 1].min() - 1
        assert rows.max() <= uv[:, 1].max() + 1


def test_objects_lie_in_many_ways(table: World) -> None:
    """At least half upright, the others on some other side; no two turned alike."""
    poses = [pose for seed in range(8) for pose in table.new_scene(PRODUCTS, seed).poses]
    up = np.array([rotation_matrix(pose.quaternion_xyzw)[2, 2] for pose in poses])
    assert 0.4 < np.mean(up > 0.99) < 0.85
    assert np.mean(up < 0.1) > 0.1
    assert len({pose.quaternion_xyzw for pose in poses}) == len(poses)


def test_one_seed_one_scene_whatever_came_before(table: World) -> None:
    scene = table.new_scene(PRODUCTS, 11)
    digest = _digest(table.observe())
    for seed in (5, 6):
        table.new_scene(PRODUCTS[:2], seed)
        assert _digest(table.observe()) != digest
    assert table.new_scene(PRODUCTS, 11) == scene
    assert _digest(table.observe()) == digest


_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from sim_bridge.world import World
names = sys.argv[3:]
with World({n: Path(sys.argv[2]) / (n.replace(".", "_") + ".obj") for n in names[::-1]},
           renderer=sys.argv[1]) as world:
    world.new_scene(names, 11)
    seen = world.observe()
import hashlib
parts = (seen.image_rgb, seen.depth_m, seen.id_image)
print("digest", hashlib.sha256(b"".join(p.tobytes() for p in parts)).hexdigest())
"""


def test_one_seed_one_scene_in_every_process(
    table: World, assets: dict[str, Path], kind: str
) -> None:
    folder = next(iter(assets.values())).parent
    done = subprocess.run(
        [sys.executable, "-c", _IN_ANOTHER_PROCESS, kind, str(folder), *PRODUCTS],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    table.new_scene(PRODUCTS, 11)
    assert f"digest {_digest(table.observe(ravens_camera('front')))}" in done.stdout


def test_profiles_of_a_camera_share_their_scenes(table: World, assets: dict[str, Path]) -> None:
    with World(assets, ravens_camera("front"), renderer="tiny") as small:
        for seed in (0, 1):
            assert small.new_scene(PRODUCTS, seed).poses == table.new_scene(PRODUCTS, seed).poses


def test_seeds_and_products_change_the_scene(table: World) -> None:
    first = table.new_scene(PRODUCTS, 0)
    assert table.new_scene(PRODUCTS, 1).poses != first.poses
    assert table.new_scene(PRODUCTS[::-1], 0).concept_ids == PRODUCTS[::-1]


def test_a_view_is_drawn_once(table: World) -> None:
    table.new_scene(PRODUCTS, 2)
    seen = table.observe()
    assert table.observe() is seen
    for name in CAMERA_NAMES:
        camera = ravens_camera(name)
        assert table.observe(camera).id_image.shape == (480, 640)
        assert table.observe(camera) is table.observe(camera)
    with pytest.raises(ValueError, match="read-only"):
        seen.image_rgb[0, 0] = 0
    table.new_scene(PRODUCTS, 3)
    assert table.observe() is not seen


def test_types_of_an_observation(table: World) -> None:
    table.new_scene(PRODUCTS, 2)
    seen = table.observe()
    assert [seen.image_rgb.dtype, seen.depth_m.dtype, seen.id_image.dtype] == [
        np.dtype(name) for name in ("uint8", "float32", "uint16")
    ]
    assert seen.image_rgb.shape == (768, 1024, 3)
    assert seen.depth_m.shape == seen.id_image.shape == (768, 1024)


def test_an_empty_table(assets: dict[str, Path]) -> None:
    with World(assets, renderer="tiny") as empty:
        assert empty.scene.concept_ids == ()
        assert not empty.observe().id_image.any()
        assert empty.visibility() == ()


def test_visibility_counts_what_another_hides(table: World) -> None:
    scene = table.new_scene(PRODUCTS, 0)
    hidden = Pose((0.45, 0.0, 0.025), UPRIGHT)  # a block behind the carton, seen from the front
    hiding = Pose((0.52, 0.0, 0.06), (0.0, 0.0, 2**-0.5, 2**-0.5))
    arranged = scenes.Scene(0, ("test.block", "test.carton"), (hidden, hiding), 0, scene.light, 1)
    table._show(arranged)  # a layout that new_scene would refuse
    behind, before = table.visibility()
    assert before == 1.0
    assert behind < 0.3


@pytest.mark.parametrize(
    ("concept_ids", "seed", "message"),
    [
        (("test.can", "test.pan"), 0, "no product for test.pan: there are test.bar"),
        (("test.can", "test.can"), 0, "can be placed once, got test.can, test.can"),
        ((), 0, "cannot place 0 objects: ask for 1 to 15"),
        (("test.can",) * 16, 0, "cannot place 16 objects"),
        (("test.can",), -1, "a seed must be 0 or more, got -1"),
    ],
)
def test_impossible_scenes_leave_the_table_as_it_was(
    table: World, concept_ids: tuple[str, ...], seed: int, message: str
) -> None:
    before = table.new_scene(PRODUCTS, 1)
    with pytest.raises(SceneError, match=message):
        table.new_scene(concept_ids, seed)
    assert table.scene == before


def test_giving_up_is_bounded_and_keeps_the_scene(
    table: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = table.new_scene(PRODUCTS, 1)
    seen = _digest(table.observe())
    monkeypatch.setattr(world, "MAX_ATTEMPTS", 2)
    monkeypatch.setattr(scenes, "MIN_VISIBILITY", 1.1)  # which nothing reaches
    with pytest.raises(SceneError, match="seed 4: none of 2 layouts of 4 objects"):
        table.new_scene(PRODUCTS, 4)
    assert table.scene == before
    assert _digest(table.observe()) == seen


def test_a_world_needs_products() -> None:
    with pytest.raises(SceneError, match="at least one concept id"):
        World({})


def test_a_dropped_box_comes_to_rest_on_the_table() -> None:
    poses = settle([BOX_HULL], [Pose((0.5, 0.1, 0.15), UPRIGHT)])
    assert poses is not None
    np.testing.assert_allclose(poses[0].position, (0.5, 0.1, 0.05), atol=2e-3)


def test_a_thin_sheet_does_not_stay_on_its_edge() -> None:
    sheet = BOX_HULL * [1, 0.02, 1]
    poses = settle([sheet], [Pose((0.5, 0.0, 0.06), (0.04, 0.0, 0.0, 1.0))])
    assert poses is not None
    assert poses[0].position[2] < 0.02


def test_what_never_rests_is_no_scene() -> None:
    assert settle([BOX_HULL], [Pose((5.0, 0.0, 0.06), UPRIGHT)], max_steps=240) is None


@pytest.mark.parametrize(
    ("pose", "good", "reason"),
    [
        (Pose((0.5, 0.0, 0.05), UPRIGHT), True, "in the middle"),
        (Pose((0.5, 0.0, 0.10), UPRIGHT), False, "on top of something"),
        (Pose((0.5, 0.0, -0.2), UPRIGHT), False, "fallen off"),
        (Pose((0.2, 0.0, 0.05), UPRIGHT), False, "outside the workspace"),
        (Pose((0.74, 0.49, 0.05), UPRIGHT), False, "outside the image"),
    ],
)
def test_what_lies_well(pose: Pose, good: bool, reason: str) -> None:
    assert scenes.lies_well(BOX_HULL, pose, ravens_camera("front")) is good, reason


def test_starting_poses_are_apart_or_above_each_other(rng: np.random.Generator) -> None:
    hulls = [BOX_HULL] * 8
    poses = scenes.starting_poses(hulls, rng)
    for index, pose in enumerate(poses):
        corners = pose.apply(BOX_HULL)
        assert corners[:, 2].min() >= 0.0099
        for other in poses[:index]:
            others = other.apply(BOX_HULL)
            far = np.linalg.norm(np.subtract(pose.position, other.position)[:2]) > 0.14
            assert far or corners[:, 2].min() > others[:, 2].max()


def test_flat_meshes_have_no_hull(tmp_path: Path) -> None:
    path = tmp_path / "flat.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3\n")
    with pytest.raises(ValueError, match=r"flat.obj: 4 vertices that span no volume"):
        load_hull(path)


@pytest.mark.parametrize("name", scenery.SURFACE_NAMES)
def test_surfaces_are_seeded(name: str) -> None:
    first, again, other = (scenery.surface_texture(name, seed) for seed in (1, 1, 2))
    assert first.size == (scenery.TEXTURE_PX, scenery.TEXTURE_PX)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_unknown_surface() -> None:
    with pytest.raises(ValueError, match="'lava': choose one of wood"):
        scenery.surface_texture("lava", 0)
