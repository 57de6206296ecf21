"""Environments as RAVENS's and CLIPort's: on a small one made here, and on theirs if installed."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pybullet = pytest.importorskip("pybullet")

from sim_bridge import ravens  # noqa: E402
from sim_bridge.camera import CameraError  # noqa: E402

ROOT = Path(__file__).parents[2]
TURN = (0.6532815, 0.6532815, -0.2705981, -0.2705981)  # RAVENS's front camera
CONFIG = {
    "image_size": (120, 160),
    "intrinsics": (112.5, 0, 80.0, 0, 112.5, 60.0, 0, 0, 1),
    "position": (1.0, 0.0, 0.75),
    "rotation": TURN,
    "zrange": (0.01, 10.0),
    "noise": False,
}
CENTRES = ((0.4, -0.2, 0.02), (0.5, 0.1, 0.02), (0.65, 0.2, 0.02))
SHAPES = {"ravens": "block-insertion", "cliport": "stack-block-pyramid-seq-seen-colors"}
NEEDED = ("gym", "six", "meshcat", "transforms3d")


class Tabletop:
    """Balls in the air, drawn as RAVENS draws: ids cut to 8 bits."""

    def __init__(self, client: int) -> None:
        self.client = client
        self.agent_cams = [CONFIG, {**CONFIG, "position": (1.0, 0.1, 0.75)}]
        self.obj_ids: dict[str, list[int]] = {"fixed": [], "rigid": []}

    def add_ball(self, centre: tuple[float, float, float], radius: float = 0.03) -> int:
        shape = pybullet.createVisualShape(
            pybullet.GEOM_SPHERE, radius=radius, physicsClientId=self.client
        )
        body: int = pybullet.createMultiBody(0, -1, shape, centre, physicsClientId=self.client)
        self.obj_ids["rigid"].append(body)
        return body

    def render_camera(self, config: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        height, width = config["image_size"]
        near, far = config["zrange"]
        turn = np.reshape(pybullet.getMatrixFromQuaternion(config["rotation"]), (3, 3))
        eye = np.array(config["position"])
        _, _, colour, buffer, bodies = pybullet.getCameraImage(
            width,
            height,
            pybullet.computeViewMatrix(eye, eye + turn[:, 2], -turn[:, 1]),
            pybullet.computeProjectionMatrixFOV(
                np.degrees(2 * np.arctan(height / 2 / config["intrinsics"][0])),
                width / height,
                near,
                far,
            ),
            shadow=1,
            flags=pybullet.ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX,
            renderer=pybullet.ER_BULLET_HARDWARE_OPENGL,
            physicsClientId=self.client,
        )
        depth = 2 * near * far / (far + near - (2 * buffer - 1) * (far - near))
        return np.reshape(colour, (height, width, 4))[..., :3], depth, np.uint8(bodies)


@pytest.fixture
def env() -> Iterator[Tabletop]:
    client = pybullet.connect(pybullet.DIRECT)
    yield Tabletop(client)
    pybullet.disconnect(physicsClientId=client)


def test_bodies_are_where_the_camera_says(env: Tabletop) -> None:
    bodies = [env.add_ball(centre) for centre in CENTRES]
    view = ravens.observe(env, CONFIG, env.client)
    camera = ravens.camera_of("front", CONFIG, ravens.renderer_of(env, env.client))
    uv, depth_m = camera.project(CENTRES)
    for body, at, distance_m in zip(bodies, uv, depth_m, strict=True):
        rows, columns = np.nonzero(view.id_image == body + 1)
        assert np.hypot(columns.mean() - at[0], rows.mean() - at[1]) < 0.35
        # The front of a ball of 3 cm.
        assert view.depth_m[rows, columns].min() == pytest.approx(distance_m - 0.03, abs=0.002)


def test_images_are_the_environments_and_nothing_has_no_depth(env: Tabletop) -> None:
    env.add_ball(CENTRES[0])
    view = ravens.observe(env, CONFIG, env.client)
    colour, depth, _ = env.render_camera(CONFIG)
    seen = view.id_image == 1
    assert set(np.unique(view.id_image)) == {0, 1}
    assert view.id_image.dtype == np.uint16
    assert np.array_equal(view.image_rgb, colour)
    assert np.array_equal(view.depth_m[seen], depth[seen].astype(np.float32))
    assert np.isnan(view.depth_m[~seen]).all()


def test_ids_beyond_eight_bits_are_kept(env: Tabletop) -> None:
    for _ in range(255):
        env.add_ball((0.0, 0.0, -50.0))
    nothings_byte, wrapped = env.add_ball(CENTRES[0]), env.add_ball(CENTRES[1])
    assert (nothings_byte, wrapped) == (255, 256)
    _, _, narrow = env.render_camera(CONFIG)
    view = ravens.observe(env, CONFIG, env.client)
    assert set(np.unique(view.id_image)) == {0, 256, 257}
    assert np.array_equal(view.id_image == 257, narrow == 0)
    whole = ravens.draw_segmentation(CONFIG, env.client)
    assert np.array_equal(np.uint8(whole), narrow)
    assert np.array_equal(view.id_image, whole.astype(np.int64) + 1)


def test_links_are_not_taken_for_bodies(env: Tabletop, monkeypatch: pytest.MonkeyPatch) -> None:
    body = env.add_ball(CENTRES[0])
    colour, depth, _ = env.render_camera(CONFIG)
    whole = ravens.draw_segmentation(CONFIG, env.client)
    of_link_2 = np.where(whole == body, body + (3 << 24), -1)
    monkeypatch.setattr(env, "render_camera", lambda _: (colour, depth, of_link_2))
    view = ravens.observe(env, CONFIG, env.client)
    assert np.array_equal(view.id_image, whole + 1)


def test_an_id_too_large_is_refused(env: Tabletop, monkeypatch: pytest.MonkeyPatch) -> None:
    colour, depth, _ = env.render_camera(CONFIG)
    wide = np.full(depth.shape, 65534, np.int32)
    monkeypatch.setattr(env, "render_camera", lambda _: (colour, depth, wide))
    with pytest.raises(ravens.RavensError, match="body id 65534 does not fit"):
        ravens.observe(env, CONFIG, env.client)


def test_a_product_brings_its_name_and_its_colours(
    env: Tabletop, mesh_files: dict[str, Path], tmp_path: Path
) -> None:
    mesh, urdf = mesh_files["test.carton"], tmp_path / "product.urdf"
    urdf.write_text(ravens.product_urdf("test.carton", mesh), encoding="utf-8")
    body = pybullet.loadURDF(str(urdf), (0.5, 0, 0.1), physicsClientId=env.client)
    env.obj_ids["fixed"].append(body)
    gone = env.add_ball(CENTRES[0])
    pybullet.removeBody(gone, physicsClientId=env.client)
    view = ravens.observe(env, CONFIG, env.client)
    (known,) = view.bodies
    assert (known.name, known.mesh, known.category) == ("test.carton", mesh.stem, "fixed")
    assert known.position == pytest.approx((0.5, 0, 0.1))
    red, green, blue = view.image_rgb[view.id_image == known.instance_id].mean(axis=0)
    assert red > green > 3 * blue  # (240, 200, 30) in the light, not tinted


def test_cameras_have_ravens_names(env: Tabletop) -> None:
    assert list(ravens.named_cameras(env)) == ["front", "left"]
    env.agent_cams *= 2
    assert list(ravens.named_cameras(env)) == ["front", "left", "right", "camera_4"]
    env.agent_cams = []
    with pytest.raises(ravens.RavensError, match="agent_cams is empty"):
        ravens.named_cameras(env)


def test_what_is_no_environment_is_refused() -> None:
    wrapper: Any = object()
    with pytest.raises(ravens.RavensError, match="object has no agent_cams, obj_ids, render_cam"):
        ravens.named_cameras(wrapper)


@pytest.mark.parametrize(("renderer", "centre"), [("opengl", (79.5, 59.5)), ("tiny", (80, 59))])
def test_the_principal_point_is_the_renderers(renderer: str, centre: tuple[float, float]) -> None:
    camera = ravens.camera_of("front", CONFIG, renderer)
    assert (camera.cx, camera.cy) == centre
    assert (camera.width, camera.height, camera.fx, camera.fy) == (160, 120, 112.5, 112.5)
    assert (camera.position, camera.quaternion_xyzw) == ((1.0, 0.0, 0.75), TURN)


def test_an_incomplete_config_is_refused() -> None:
    with pytest.raises(CameraError, match="camera top lacks zrange"):
        ravens.camera_of("top", {k: v for k, v in CONFIG.items() if k != "zrange"}, "tiny")


def test_images_of_another_size_are_refused(env: Tabletop, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = env.render_camera(CONFIG)
    monkeypatch.setattr(env, "render_camera", lambda _: drawn)
    with pytest.raises(ravens.RavensError, match=r"colour \(120, 160, 3\).*\(60, 80\)"):
        ravens.observe(env, {**CONFIG, "image_size": (60, 80)}, env.client)


# Their environments use PyBullet's first client, which is only free for sure in a new process.
REAL = """
import json, sys
sys.path.insert(0, "examples")
import numpy as np, pybullet, ravens_bridge
from sim_bridge import ravens
env = ravens_bridge.make_environment(sys.argv[1], sys.argv[2], use_egl=False)
env.seed(0)
np.random.seed(0)
env.reset()
ravens_bridge.add_products(env, ["ycb.sponge"])
(config, *_) = env.agent_cams
colour, depth, narrow = env.render_camera(config)
view = ravens.observe(env, config)
camera = ravens.camera_of("front", config, ravens.renderer_of(env))
sponge = view.bodies[-1]
rows, columns = np.nonzero(view.id_image == sponge.instance_id)
points = camera.back_project(np.c_[columns, rows], view.depth_m[rows, columns])
low, high = map(np.array, pybullet.getAABB(sponge.body_id))
few = view.id_image
for _ in range(300):
    env.add_object("block/small.urdf", ((0.5, 0.0, -30.0), (0, 0, 0, 1)))
late = env.add_object("block/block.urdf", ((0.5, 0.0, 0.3), (0, 0, 0, 1)))
many = ravens.observe(env, config).id_image
print("\\n" + json.dumps({
    "name": sponge.name,
    "same": np.array_equal(colour, view.image_rgb)
        and np.array_equal(depth.astype(np.float32), view.depth_m),
    "narrow": np.array_equal(narrow, np.uint8(view.id_image.astype(int) - 1)),
    "outside_mm": 1000 * float(np.maximum(low - points, points - high).max()),
    "late": late,
    "late_pixels": int((many == late + 1).sum()),
    "others": bool(np.array_equal(few[many != late + 1], many[many != late + 1])),
}))
"""


@pytest.mark.parametrize("package", SHAPES)
def test_the_real_environments(package: str) -> None:
    missing = [name for name in (package, *NEEDED) if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; see examples/ravens_bridge.py")
    command = [sys.executable, "-W", "ignore", "-c", REAL, package, SHAPES[package]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["name"] == "ycb.sponge"
    assert facts["same"]
    assert facts["narrow"]
    assert facts["outside_mm"] < 2.0
    assert facts["late"] > 255
    assert facts["late_pixels"] > 50
    assert facts["others"]
