"""A table with products that fall, settle and are seen: colour, depth and ground-truth masks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import final

import numpy as np
from numpy.typing import NDArray

from sim_bridge import scenery, scenes
from sim_bridge.camera import Camera, FloatArray, ravens_camera
from sim_bridge.light import Light
from sim_bridge.physics import TABLE_CENTRE, Pose, load_hull, settle
from sim_bridge.renderer import Frame, Renderer
from sim_bridge.scenes import Scene, SceneError

MAX_ATTEMPTS = 60
_JUDGE_WIDTH = 640
_TABLES = (("wood", 0), ("plain", 0), ("speckled", 9), ("tiles", 0), ("cloth", 1), ("wood", 4))
_FLOORS = (("tiles", 5), ("plain", 11), ("wood", 11))


@dataclass(frozen=True)
class Observation:
    """A frame with ground truth.

    Attributes:
        image_rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, metres along the optical axis, NaN where nothing is.
        id_image: (H, W) uint16, n where object n of the scene is seen, 0 elsewhere.
        concept_ids: concept_ids[n - 1] is what object n is.
    """

    image_rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    id_image: NDArray[np.uint16]
    concept_ids: tuple[str, ...]


@final
class World:
    """Products, a table and a renderer. Use it as a context manager or call close()."""

    def __init__(
        self,
        assets: Mapping[str, Path],
        camera: Camera | None = None,
        renderer: str = "auto",
        samples: int = 1,
    ) -> None:
        """Loads everything once.

        Args:
            assets: the OBJ file of each concept id, metres, origin at the bounding-box centre.
            camera: the one that must see all objects; None is RAVENS's front camera. The
                profiles of one camera see the same scenes.
            renderer: auto, egl or tiny; see Renderer.
            samples: points along each side of a pixel whose mean is its colour; see Renderer.

        Raises:
            SceneError: there are no assets.
            RendererError: a file is missing, or the renderer does not open.
        """
        if not assets:
            raise SceneError("a world needs products: pass at least one concept id with its OBJ")
        self.camera = camera or ravens_camera("front")
        self._samples = samples
        self._renderer = Renderer(renderer, self.camera.width, self.camera.height)
        try:
            # Sorted: where two surfaces are equally near, the order of loading decides.
            self._handles = {c: self._renderer.load(assets[c]) for c in sorted(assets)}
            self._hulls = {c: load_hull(assets[c]) for c in sorted(assets)}
            self._tables = self._load_scenery(scenery.write_table, _TABLES)
            self._floors = self._load_scenery(scenery.write_floor, _FLOORS)
        except Exception:
            self._renderer.close()
            raise
        self._seen: dict[Camera, Observation] = {}
        self._largest_handle = max(*self._handles.values(), *self._tables, *self._floors)
        self._show(Scene(0, (), (), 0, Light(), 0))

    def _load_scenery(
        self, write: Callable[[Path, str, int], Path], surfaces: Sequence[tuple[str, int]]
    ) -> list[int]:
        """Handles of tables or floors; the renderer has read them when this returns."""
        with tempfile.TemporaryDirectory() as folder:
            return [
                self._renderer.load(write(Path(folder), surface, seed))
                for surface, seed in surfaces
            ]

    @property
    def renderer_kind(self) -> str:
        """What really draws: egl or tiny."""
        return self._renderer.kind

    @property
    def scene(self) -> Scene:
        """What is on the table; nothing before the first new_scene."""
        return self._scene

    def new_scene(self, concept_ids: Sequence[str], seed: int) -> Scene:
        """Clears the table and lets products fall on it.

        One seed gives one scene, whatever was on the table before: every object at rest on the
        table, wholly inside the image of the world's camera, and at least half visible there.

        Args:
            concept_ids: what to place, each once.
            seed: 0 or more.

        Raises:
            SceneError: an unknown or repeated concept id, none, too many, or no layout was good;
                the scene from before stays.
        """
        wanted = self._checked(concept_ids)
        before = self._scene
        hulls = [self._hulls[c] for c in wanted]
        for attempt in range(MAX_ATTEMPTS):
            scene = self._candidate(wanted, hulls, seed, attempt)
            if scene is None:
                continue
            self._show(scene)
            if min(self.visibility(_judging(self.camera))) >= scenes.MIN_VISIBILITY:
                return scene
        self._show(before)
        raise SceneError(
            f"seed {seed}: none of {MAX_ATTEMPTS} layouts of {len(wanted)} objects was good for"
            f" camera {self.camera.name}: try another seed, or fewer or smaller objects"
        )

    def _checked(self, concept_ids: Sequence[str]) -> tuple[str, ...]:
        """The ids, if a scene can be made of them."""
        wanted = tuple(concept_ids)
        if not 1 <= len(wanted) <= scenes.MAX_OBJECTS:
            raise SceneError(
                f"cannot place {len(wanted)} objects: ask for 1 to {scenes.MAX_OBJECTS}"
            )
        unknown = sorted(set(wanted) - set(self._handles))
        if unknown:
            raise SceneError(
                f"no product for {', '.join(unknown)}: there are {', '.join(self._handles)}"
            )
        if len(set(wanted)) < len(wanted):
            raise SceneError(f"each product can be placed once, got {', '.join(wanted)}")
        return wanted

    def _candidate(
        self, wanted: tuple[str, ...], hulls: list[FloatArray], seed: int, attempt: int
    ) -> Scene | None:
        """A settled layout inside the image, or None where this attempt gives none."""
        rng = scenes.attempt_rng(seed, attempt)
        table, light = int(rng.integers(len(self._tables))), scenes.random_light(rng)
        poses = settle(hulls, scenes.starting_poses(hulls, rng))
        if poses is None:
            return None
        if not all(
            scenes.lies_well(hull, pose, self.camera)
            for hull, pose in zip(hulls, poses, strict=True)
        ):
            return None
        return Scene(seed, wanted, tuple(poses), table, light, attempt + 1)

    def _show(self, scene: Scene) -> None:
        """Puts the renderer's bodies where the scene has them."""
        for handle in (*self._handles.values(), *self._tables, *self._floors):
            self._renderer.park(handle)
        self._renderer.place(self._tables[scene.table], (*TABLE_CENTRE, 0.0))
        floor = self._floors[scene.table % len(self._floors)]
        self._renderer.place(floor, (0.0, 0.0, scenery.FLOOR_Z_M))
        self._scene, self._seen = scene, {}
        for concept_id, pose in zip(scene.concept_ids, scene.poses, strict=True):
            self._place(concept_id, pose)

    def _place(self, concept_id: str, pose: Pose) -> None:
        self._renderer.place(self._handles[concept_id], pose.position, pose.quaternion_xyzw)

    def observe(self, camera: Camera | None = None) -> Observation:
        """What a camera sees of the scene; None is the world's camera.

        The scene does not move, so each camera's view is drawn once; do not write into it.
        """
        camera = camera or self.camera
        if camera not in self._seen:
            frame = self._renderer.render(camera, self._scene.light, self._samples)
            self._seen[camera] = self._with_truth(frame)
        return self._seen[camera]

    def _with_truth(self, frame: Frame) -> Observation:
        """The frame with instance numbers in place of handles."""
        handles = [self._handles[c] for c in self._scene.concept_ids]
        numbers = np.zeros(self._largest_handle + 2, np.uint16)
        numbers[handles] = np.arange(1, len(handles) + 1)
        id_image = numbers[frame.body_image]  # -1, nothing, takes the last number, which is 0
        for array in (frame.image_rgb, frame.depth_m, id_image):
            array.setflags(write=False)
        return Observation(frame.image_rgb, frame.depth_m, id_image, self._scene.concept_ids)

    def add_body(self, obj_path: Path) -> int:
        """Loads something that is no product, parked out of sight; gives its handle."""
        handle = self._renderer.load(obj_path)
        self._largest_handle = max(self._largest_handle, handle)
        return handle

    def move_body(self, handle: int, pose: Pose | None) -> None:
        """Puts a body of add_body somewhere, None: out of sight."""
        if pose is None:
            self._renderer.park(handle)
        else:
            self._renderer.place(handle, pose.position, pose.quaternion_xyzw)
        self._seen = {}

    def move_products(self, poses: Sequence[Pose]) -> None:
        """Shows the scene's products elsewhere.

        Args:
            poses: in the order of the scene's concept ids.

        Raises:
            ValueError: there are more or fewer poses than products.
        """
        for concept_id, pose in zip(self._scene.concept_ids, poses, strict=True):
            self._place(concept_id, pose)
        self._scene, self._seen = replace(self._scene, poses=tuple(poses)), {}

    def observe_with(self, samples: int) -> Observation:
        """As observe, with other samples for a pixel, and not kept."""
        return self._with_truth(self._renderer.render(self.camera, self._scene.light, samples))

    def visibility(self, camera: Camera | None = None) -> tuple[float, ...]:
        """Of each object, its visible pixels as a share of its pixels were it alone (0 to 1).

        An object without a pixel of its own has 0.
        """
        camera = camera or self.camera
        handles = [self._handles[c] for c in self._scene.concept_ids]
        together = self._renderer.render(camera, self._scene.light).body_image
        for handle in handles:
            self._renderer.park(handle)
        shares = []
        for handle, concept_id, pose in zip(
            handles, self._scene.concept_ids, self._scene.poses, strict=True
        ):
            self._place(concept_id, pose)
            alone = int((self._renderer.render(camera).body_image == handle).sum())
            self._renderer.park(handle)
            shares.append(int((together == handle).sum()) / max(alone, 1))
        for concept_id, pose in zip(self._scene.concept_ids, self._scene.poses, strict=True):
            self._place(concept_id, pose)
        return tuple(shares)

    def close(self) -> None:
        """Gives the renderer back; calling it again does nothing."""
        self._renderer.close()

    def __enter__(self) -> World:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _judging(camera: Camera) -> Camera:
    """The camera at a fixed image width, so that all profiles of it accept the same scenes."""
    scale = _JUDGE_WIDTH / camera.width
    return replace(
        camera,
        width=_JUDGE_WIDTH,
        height=round(camera.height * scale),
        fx=camera.fx * scale,
        fy=camera.fy * scale,
        cx=camera.cx * scale,
        cy=camera.cy * scale,
    )
