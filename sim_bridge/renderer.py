"""Draws textured meshes with PyBullet: colour, metric depth and which body each pixel shows.

Two ways of drawing: EGL (OpenGL without a window, in software where there is no GPU) and
PyBullet's own TinyRenderer, slower, which works everywhere. Their masks differ by a few per cent:
results of one must not be mixed with results of the other, so `Renderer.kind` says which drew.

Meshes are loaded once and parked out of sight when not used: resetting the simulation leaks memory.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import final

import numpy as np
import pybullet
from numpy.typing import NDArray

from sim_bridge import egl
from sim_bridge.camera import Camera, depth_from_buffer
from sim_bridge.egl import RendererError
from sim_bridge.light import Light

__all__ = ["KINDS", "Frame", "Light", "Renderer", "RendererError"]

KINDS = ("auto", "egl", "tiny")
_PARKED = (0.0, 0.0, -100.0)
_BODY_BITS = np.int32((1 << 24) - 1)
_IDENTITY = [float(x) for x in np.eye(4).ravel()]


@dataclass(frozen=True)
class Frame:
    """What a camera sees.

    Attributes:
        image_rgb: (H, W, 3) uint8.
        depth_m: (H, W) float32, metres along the optical axis, NaN where nothing is.
        body_image: (H, W) int32, handle of the body each pixel shows, -1 where nothing is.
    """

    image_rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    body_image: NDArray[np.int32]


@final
class Renderer:
    """Owns one PyBullet client that only draws. Use it as a context manager or call close()."""

    def __init__(self, kind: str = "auto", width: int = 640, height: int = 480) -> None:
        """Opens the client.

        Args:
            kind: egl, tiny, or auto: EGL where it loads, else TinyRenderer with a warning.
            width: largest image width to be drawn, pixels.
            height: largest image height to be drawn, pixels.

        Raises:
            RendererError: no such kind; EGL was asked for and does not load, is open already in
                this process, or cannot draw images that large.
        """
        if kind not in KINDS:
            raise RendererError(f"no renderer {kind!r}: choose one of {', '.join(KINDS)}")
        if width < 1 or height < 1:
            raise RendererError(f"the image size must be positive, got {width}x{height}")
        self._client: int = pybullet.connect(
            pybullet.DIRECT, options=f"--width={width} --height={height}"
        )
        self._plugin = -1
        try:
            self.kind = self._choose(kind, width, height)
        except RendererError:
            self.close()
            raise
        # A file that changed between two runs must not come from PyBullet's cache.
        pybullet.setPhysicsEngineParameter(enableFileCaching=0, physicsClientId=self._client)

    def _choose(self, kind: str, width: int, height: int) -> str:
        """Opens EGL where it is wanted and works; egl or tiny: what draws."""
        if kind == "tiny":
            return "tiny"
        try:
            egl.check_size(width, height)
            self._plugin = egl.open_plugin(self._client)
        except RendererError as error:
            if kind == "egl":
                raise
            warnings.warn(f"drawing with the slower TinyRenderer: {error}", stacklevel=3)
            return "tiny"
        for _ in range(2):  # the first two frames of an EGL client have no shadows
            self._draw(width, height, _IDENTITY, _IDENTITY, Light())
        return "egl"

    def load(self, obj_path: str | Path) -> int:
        """Loads a mesh, parked out of sight, and gives its handle.

        Args:
            obj_path: Wavefront OBJ with explicit normals; its MTL names the texture.

        Raises:
            RendererError: the file is missing or no such mesh.
        """
        path = Path(obj_path).resolve()
        _check_mesh(path)
        try:
            shape = pybullet.createVisualShape(
                pybullet.GEOM_MESH,
                fileName=str(path),
                rgbaColor=[1, 1, 1, 1],
                physicsClientId=self._client,
            )
            return int(
                pybullet.createMultiBody(0, -1, shape, _PARKED, physicsClientId=self._client)
            )
        except pybullet.error as error:
            raise RendererError(f"PyBullet cannot read the mesh {path}: {error}") from error

    def place(
        self,
        handle: int,
        position: Sequence[float],
        quaternion_xyzw: Sequence[float] = (0.0, 0.0, 0.0, 1.0),
    ) -> None:
        """Puts a body's origin at position (metres, world), turned by the quaternion."""
        pybullet.resetBasePositionAndOrientation(
            handle,
            [float(x) for x in position],
            [float(x) for x in quaternion_xyzw],
            physicsClientId=self._client,
        )

    def park(self, handle: int) -> None:
        """Takes a body out of sight."""
        self.place(handle, _PARKED)

    def render(self, camera: Camera, light: Light | None = None, samples: int = 1) -> Frame:
        """Draws what the camera sees.

        Args:
            camera: where from.
            light: None is the default Light.
            samples: colours are the mean of samples x samples points in each pixel, as a real
                sensor's are, which keeps small print free of artefacts and takes that many times
                as long. Depth and bodies are those at the pixel's centre.

        Raises:
            RendererError: the camera's image is larger than EGL can draw.
            ValueError: samples is below 1.
        """
        if samples < 1:
            raise ValueError(f"samples must be 1 or more, got {samples}")
        frame = self._render(camera, light or Light(), (0.0, 0.0))
        if samples == 1:
            return frame
        offsets = (np.arange(samples) + 0.5) / samples - 0.5
        total = np.zeros(frame.image_rgb.shape, np.uint32)
        for du in offsets:
            for dv in offsets:
                total += self._render(camera, light or Light(), (float(du), float(dv))).image_rgb
        mean = ((total + samples**2 // 2) // samples**2).astype(np.uint8)
        return Frame(mean, frame.depth_m, frame.body_image)

    def _render(self, camera: Camera, light: Light, offset_uv: tuple[float, float]) -> Frame:
        """One drawing, the image points moved by an offset in pixels."""
        width, height = camera.width, camera.height
        if self.kind == "egl":
            egl.check_size(width, height)
            u, v = (width - 1) / 2, (height - 1) / 2
        else:  # measured, as the line above: see the reprojection test
            u, v = width / 2, height / 2 - 1
        projection = camera.projection_matrix((u + offset_uv[0], v + offset_uv[1]))
        colour, depth, bodies = self._draw(width, height, camera.view_matrix(), projection, light)
        return Frame(
            np.ascontiguousarray(np.reshape(colour, (height, width, 4))[..., :3], dtype=np.uint8),
            depth_from_buffer(np.reshape(depth, (height, width)), camera.near, camera.far),
            _without_link_bits(np.reshape(bodies, (height, width))),
        )

    def _draw(
        self, width: int, height: int, view: list[float], projection: list[float], light: Light
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int32]]:
        """PyBullet's own colour (RGBA), depth buffer and body ids."""
        egl_draws = self._plugin >= 0
        _, _, colour, depth, bodies = pybullet.getCameraImage(
            width,
            height,
            view,
            projection,
            renderer=(
                pybullet.ER_BULLET_HARDWARE_OPENGL if egl_draws else pybullet.ER_TINY_RENDERER
            ),
            physicsClientId=self._client,
            **light.arguments(),
        )
        return colour, depth, bodies

    def close(self) -> None:
        """Gives everything back; calling it again does nothing."""
        if self._client < 0:
            return
        if self._plugin >= 0:
            egl.close_plugin(self._client, self._plugin)
        pybullet.disconnect(physicsClientId=self._client)
        self._client = self._plugin = -1

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _check_mesh(path: Path) -> None:
    """PyBullet crashes on a file without triangles, and shades one without normals wrongly."""
    if not path.is_file():
        raise RendererError(f"no mesh file {path}: write the products' meshes first")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    kinds = {line.split(maxsplit=1)[0] for line in lines if line.strip()}
    missing = [kind for kind in ("v", "vn", "f") if kind not in kinds]
    if missing:
        raise RendererError(f"{path} has no lines {', '.join(missing)}: export it with normals")


def _without_link_bits(bodies: NDArray[np.int32]) -> NDArray[np.int32]:
    """Some flags put the link into the upper byte; -1 (nothing) has all bits set and stays."""
    ids = np.asarray(bodies, dtype=np.int32)
    return np.asarray(np.where(ids >= 0, ids & _BODY_BITS, -1), dtype=np.int32)
