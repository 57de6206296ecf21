"""Both renderers draw what the camera's matrix says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim_bridge import egl
from sim_bridge.camera import CAMERA_NAMES, PROFILE_NAMES, Camera, ravens_camera
from sim_bridge.light import Light
from sim_bridge.renderer import Renderer, RendererError


def _points(camera: Camera) -> np.ndarray:
    """Points of the workspace whose image is well inside the camera's."""
    points = np.random.default_rng(0).uniform([0.3, -0.3, 0], [0.7, 0.3, 0.2], (80, 3))
    uv, _ = camera.project(points)
    inside = (uv > 30).all(axis=1) & (uv < [camera.width - 30, camera.height - 30]).all(axis=1)
    return points[inside][:25]


@pytest.mark.parametrize("name", CAMERA_NAMES)
@pytest.mark.parametrize("profile", PROFILE_NAMES)
def test_reprojection(
    renderer: Renderer, mesh_files: dict[str, Path], name: str, profile: str
) -> None:
    """A marker at a known point is drawn where K says, and its depth is in metres."""
    camera = ravens_camera(name, profile)
    marker = renderer.load(mesh_files["marker"])
    errors = []
    for point in _points(camera):
        renderer.place(marker, point)
        frame = renderer.render(camera)
        rows, columns = np.nonzero(frame.body_image == marker)
        uv, depth = camera.project([point])
        middle = frame.depth_m[round(float(uv[0, 1])), round(float(uv[0, 0]))]
        # The corners' mean, not the middle's image: perspective shifts the one from the other.
        corners = point + 0.01 * np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
        outline = camera.project(corners)[0]
        expected = (outline.min(axis=0) + outline.max(axis=0)) / 2
        drawn = [(columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2]
        errors.append([*(drawn - expected), depth[0] - middle])
    assert len(errors) >= 15
    off_u, off_v, nearer = np.mean(errors, axis=0)
    assert abs(off_u) < 0.15
    assert abs(off_v) < 0.15
    assert 0.005 < nearer < 0.018  # the marker's surface is about a centimetre before its middle


def test_depth_of_a_plane(renderer: Renderer, mesh_files: dict[str, Path]) -> None:
    sheet = renderer.load(mesh_files["sheet"])
    renderer.place(sheet, (0.5, 0, -0.001))  # its top is z = 0
    camera = ravens_camera("front")
    frame = renderer.render(camera)
    rows, columns = np.nonzero(frame.body_image == sheet)
    uv, depth_m = np.stack([columns, rows], axis=1), frame.depth_m[rows, columns]
    heights = camera.back_project(uv, depth_m)[:, 2]
    assert np.median(np.abs(heights)) < 2e-4
    assert frame.depth_m.dtype == np.float32
    assert np.isnan(frame.depth_m[frame.body_image == -1]).all()
    assert not np.isnan(frame.depth_m[rows, columns]).any()


def test_nothing_to_see(renderer: Renderer) -> None:
    frame = renderer.render(ravens_camera("left"))
    assert frame.image_rgb.shape == (480, 640, 3)
    assert frame.image_rgb.dtype == np.uint8
    assert frame.body_image.dtype == np.int32
    assert (frame.body_image == -1).all()
    assert np.isnan(frame.depth_m).all()


def test_parked_bodies_are_out_of_sight(renderer: Renderer, mesh_files: dict[str, Path]) -> None:
    camera, handle = ravens_camera("front"), renderer.load(mesh_files["test.carton"])
    assert (renderer.render(camera).body_image == -1).all()
    renderer.place(handle, (0.5, 0, 0.06))
    assert (renderer.render(camera).body_image == handle).sum() > 500
    renderer.park(handle)
    assert (renderer.render(camera).body_image == -1).all()


def test_more_bodies_than_a_byte_counts(renderer: Renderer, mesh_files: dict[str, Path]) -> None:
    handles = [renderer.load(mesh_files["marker"]) for _ in range(260)]
    renderer.place(handles[3], (0.5, -0.1, 0))
    renderer.place(handles[-1], (0.5, 0.1, 0))
    seen = np.unique(renderer.render(ravens_camera("front")).body_image)
    assert seen.tolist() == [-1, handles[3], handles[-1]]
    assert handles[-1] > 255


def test_texture_is_that_of_the_material(renderer: Renderer, mesh_files: dict[str, Path]) -> None:
    camera = ravens_camera("front")
    for name, strongest in (("test.block", 2), ("test.can", 0)):
        handle = renderer.load(mesh_files[name])
        renderer.place(handle, (0.5, 0, 0.05))
        frame = renderer.render(camera)
        colour = frame.image_rgb[frame.body_image == handle].mean(axis=0)
        assert colour.argmax() == strongest, (name, colour)
        renderer.park(handle)


def test_each_frame_is_the_same_from_the_first_on(
    renderer: Renderer, mesh_files: dict[str, Path]
) -> None:
    camera = ravens_camera("front")
    renderer.place(renderer.load(mesh_files["sheet"]), (0.5, 0, 0))
    renderer.place(renderer.load(mesh_files["test.carton"]), (0.5, 0, 0.061))
    first = renderer.render(camera)
    renderer.render(camera, Light(direction=(-1, -1, 1), colour=(1, 0.5, 0.5), ambient=0.2))
    renderer.render(ravens_camera("left", "high_resolution"))
    last = renderer.render(camera)
    np.testing.assert_array_equal(first.image_rgb, last.image_rgb)
    np.testing.assert_array_equal(first.depth_m, last.depth_m)
    np.testing.assert_array_equal(first.body_image, last.body_image)


def test_light_comes_from_its_direction(renderer: Renderer, mesh_files: dict[str, Path]) -> None:
    carton = renderer.load(mesh_files["test.carton"])
    renderer.place(carton, (0.5, 0, 0.06), (0, 0, 1, 1))  # a wide side to the camera
    camera = ravens_camera("front")

    def brightness(direction: tuple[float, float, float]) -> float:
        frame = renderer.render(camera, Light(direction=direction))
        return float(frame.image_rgb[frame.body_image == carton].mean())

    assert brightness((1, 0, 1)) > brightness((-1, 0, 1)) + 5


def test_samples_smooth_colours_and_nothing_else(
    renderer: Renderer, mesh_files: dict[str, Path]
) -> None:
    handle = renderer.load(mesh_files["test.carton"])
    renderer.place(handle, (0.5, 0, 0.06), (0, 0, 0.2, 1))
    camera = ravens_camera("front")
    once, often = renderer.render(camera), renderer.render(camera, samples=2)
    np.testing.assert_array_equal(once.body_image, often.body_image)
    np.testing.assert_array_equal(once.depth_m, often.depth_m)
    changed = (once.image_rgb != often.image_rgb).any(axis=2)
    assert changed.any()
    assert changed.mean() < 0.01  # only where colours meet
    with pytest.raises(ValueError, match="samples must be 1 or more, got 0"):
        renderer.render(camera, samples=0)


def test_clients_do_not_mix(renderer: Renderer, mesh_files: dict[str, Path]) -> None:
    camera = ravens_camera("front")
    with Renderer("tiny") as other:
        mine = renderer.load(mesh_files["test.block"])
        others = [other.load(mesh_files["test.can"]) for _ in range(3)]
        other.place(others[2], (0.5, 0.1, 0.05))
        assert (renderer.render(camera).body_image == -1).all()
        renderer.place(mine, (0.5, -0.1, 0.03))
        assert set(np.unique(renderer.render(camera).body_image)) == {-1, mine}
        assert set(np.unique(other.render(camera).body_image)) == {-1, others[2]}


def test_closing_twice_does_nothing() -> None:
    renderer = Renderer("tiny")
    renderer.close()
    renderer.close()


def test_missing_mesh(renderer: Renderer, tmp_path: Path) -> None:
    with pytest.raises(RendererError, match=r"no mesh file .*absent.obj"):
        renderer.load(tmp_path / "absent.obj")


def test_a_file_that_is_no_mesh(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "broken.obj"
    path.write_text("this is no mesh\n")
    with pytest.raises(RendererError, match=r"broken.obj has no lines v, vn, f"):
        renderer.load(path)


def test_egl_refuses_what_it_would_scale_up(kind: str) -> None:
    if kind != "egl":
        pytest.skip("EGL does not load here")
    with pytest.raises(RendererError, match="up to 1024x768, not 1280x720"):
        Renderer("egl", 1280, 720)
    large = Camera("large", 1280, 720, 900, 900, 640, 360, (0, 0, 0), (0, 0, 0, 1))
    with Renderer("egl") as renderer, pytest.raises(RendererError, match="not 1280x720"):
        renderer.render(large)


def test_one_egl_renderer_at_a_time(kind: str) -> None:
    if kind != "egl":
        pytest.skip("EGL does not load here")
    for _ in range(2):  # and again once it is closed
        with Renderer("egl"), pytest.raises(RendererError, match="only one: close it first"):
            Renderer("egl")


def test_without_egl_auto_warns_and_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(client: int) -> int:
        raise RendererError("PyBullet's EGL plugin does not load: apt-get install libegl1")

    monkeypatch.setattr(egl, "open_plugin", fails)
    with pytest.warns(UserWarning, match="TinyRenderer: .* libegl1"):
        renderer = Renderer("auto")
    with renderer:
        assert renderer.kind == "tiny"
    with pytest.raises(RendererError, match="libegl1"):
        Renderer("egl")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("vulkan", 640, 480), "'vulkan': choose one of auto"), (("tiny", 0, 480), "0x480")],
)
def test_impossible_renderers(arguments: tuple[str, int, int], message: str) -> None:
    with pytest.raises(RendererError, match=message):
        Renderer(*arguments)


def test_a_light_has_a_direction() -> None:
    with pytest.raises(ValueError, match="must not be"):
        Light(direction=(0, 0, 0))
