"""Draws textured meshes with PyBullet: colour, metric depth and which body each pixel shows.

Two ways of drawing: EGL (OpenGL without a window, in software where there is no GPU) and
PyBullet's own TinyRenderer, slower, which works everywhere. Their masks differ by a few per cent:
results of one must not be mixed with results of the other, so `Renderer.kind` says which drew.

Meshes are loaded once and parked out of sight when not used: resetting the simulation leaks memory.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, final

import numpy as np
import pybullet
from numpy.typing import NDArray

from sim_bridge.camera import Camera, depth_from_buffer

KINDS = ("auto", "egl", "tiny")
MAX_EGL_SIZE = (1024, 768)
_PARKED = (0.0, 0.0, -100.0)
_BODY_BITS = (1 << 24) - 1
_egl_is_open = False


class RendererError(RuntimeError):
    """Nothing can be drawn that way; the message says what to do."""


@dataclass(frozen=True)
class Light:
    """The light of a scene. All of it is given at each call, because PyBullet keeps the last.

    Attributes:
        direction: (x, y, z) from the scene towards the light; its length does not matter.
        colour: red, green, blue, 0 to 1. TinyRenderer only.
        ambient: share of light without direction. TinyRenderer only.
        diffuse: share of light by angle.
        specular: share of reflected light.
        shadow: whether bodies cast shadows. TinyRenderer only: EGL always casts them.
    """

    direction: tuple[float, float, float] = (0.35, 0.25, 1.0)
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ambient: float = 0.6
    diffuse: float = 0.4
    specular: float = 0.05
    shadow: bool = True


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
        self._size = (width, height)
        self._client: int = pybullet.connect(
            pybullet.DIRECT, options=f"--width={width} --height={height}"
        )
        self._plugin = -1
        try:
            self.kind = self._choose(kind)
        except RendererError:
            self.close()
            raise
        # A file that changed between two runs must not come from PyBullet's cache.
        pybullet.setPhysicsEngineParameter(enableFileCaching=0, physicsClientId=self._client)

    def _choose(self, kind: str) -> str:
        if kind == "tiny":
            return "tiny"
        try:
            self._open_egl()
        except RendererError as error:
            if kind == "egl":
                raise
            warnings.warn(f"drawing with the slower TinyRenderer: {error}", stacklevel=3)
            return "tiny"
        return "egl"

    def _open_egl(self) -> None:
        global _egl_is_open  # EGL's state belongs to the process, not to a client
        _check_egl_size(*self._size)
        if _egl_is_open:
            raise RendererError(
                "an EGL renderer is open already and a process can have only one: close it first,"
                " share it, or ask for kind='tiny'"
            )
        self._plugin = _load_egl_plugin(self._client)
        _egl_is_open = True

    def load(self, obj_path: str | Path) -> int:
        """Loads a mesh, parked out of sight, and gives its handle.

        Args:
            obj_path: Wavefront OBJ with explicit normals; its MTL names the texture.

        Raises:
            RendererError: the file is missing or PyBullet cannot read it.
        """
        path = Path(obj_path).resolve()
        if not path.is_file():
            raise RendererError(f"no mesh file {path}: write the products' meshes first")
        try:
            shape = pybullet.createVisualShape(
                pybullet.GEOM_MESH,
                fileName=str(path),
                rgbaColor=[1, 1, 1, 1],
                specularColor=[0.2, 0.2, 0.2],
                physicsClientId=self._client,
            )
            handle = pybullet.createMultiBody(0, -1, shape, _PARKED, physicsClientId=self._client)
        except pybullet.error as error:
            raise RendererError(f"PyBullet cannot read the mesh {path}: {error}") from error
        return int(handle)

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

    def render(self, camera: Camera, light: Light | None = None) -> Frame:
        """Draws what the camera sees; light None is the default Light.

        Raises:
            RendererError: the camera's image is larger than EGL can draw.
        """
        if self.kind == "egl":
            _check_egl_size(camera.width, camera.height)
        _, _, colour, depth, bodies = pybullet.getCameraImage(
            camera.width,
            camera.height,
            camera.view_matrix(),
            camera.projection_matrix(self._axis_uv(camera)),
            renderer=(
                pybullet.ER_BULLET_HARDWARE_OPENGL
                if self.kind == "egl"
                else pybullet.ER_TINY_RENDERER
            ),
            physicsClientId=self._client,
            **_light_arguments(light or Light()),
        )
        shape = (camera.height, camera.width)
        return Frame(
            np.ascontiguousarray(np.reshape(colour, (*shape, 4))[..., :3], dtype=np.uint8),
            depth_from_buffer(np.reshape(depth, shape), camera.near, camera.far),
            _without_link_bits(np.reshape(bodies, shape)),
        )

    def _axis_uv(self, camera: Camera) -> tuple[float, float]:
        """Where this renderer puts the middle of clip space (measured; see the tests)."""
        if self.kind == "egl":
            return (camera.width - 1) / 2, (camera.height - 1) / 2
        return camera.width / 2, camera.height / 2 - 1

    def close(self) -> None:
        """Gives everything back; calling it again does nothing."""
        global _egl_is_open
        if self._client < 0:
            return
        if self._plugin >= 0:
            pybullet.unloadPlugin(self._plugin, physicsClientId=self._client)
            _egl_is_open = False
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


def _check_egl_size(width: int, height: int) -> None:
    """A larger buffer would be silently upsampled."""
    if width > MAX_EGL_SIZE[0] or height > MAX_EGL_SIZE[1]:
        raise RendererError(
            f"EGL draws images up to {MAX_EGL_SIZE[0]}x{MAX_EGL_SIZE[1]}, not {width}x{height}:"
            " take a smaller camera or kind='tiny'"
        )


def _load_egl_plugin(client: int) -> int:
    """The handle of PyBullet's EGL plugin, loaded."""
    spec = importlib.util.find_spec("eglRenderer")
    plugin = -1
    if spec is not None and spec.origin is not None:
        plugin = pybullet.loadPlugin(spec.origin, "_eglRendererPlugin", physicsClientId=client)
    if plugin < 0:
        raise RendererError(
            "PyBullet's EGL plugin does not load: apt-get install libegl1 libgl1-mesa-dri"
        )
    return plugin


def _light_arguments(light: Light) -> dict[str, Any]:
    # A far light is a directional one for both renderers.
    scale = 10.0 / max(math.hypot(*light.direction), 1e-9)
    return {
        "lightDirection": [scale * x for x in light.direction],
        "lightColor": list(light.colour),
        "lightDistance": 10.0,
        "lightAmbientCoeff": light.ambient,
        "lightDiffuseCoeff": light.diffuse,
        "lightSpecularCoeff": light.specular,
        "shadow": int(light.shadow),
    }


def _without_link_bits(bodies: NDArray[Any]) -> NDArray[np.int32]:
    """Some flags put the link into the upper byte; -1 (nothing) has all bits set and stays."""
    ids = np.asarray(bodies, dtype=np.int32)
    return np.where(ids >= 0, ids & np.int32(_BODY_BITS), np.int32(-1))
