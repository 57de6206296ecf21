"""What a RAVENS or CLIPort environment shows: colour, metric depth and every body's id.

Neither package is imported: an environment is whatever has `agent_cams`, `obj_ids` and
`render_camera(config)`, as google-research/ravens and cliport/cliport have
(environments/environment.py of each). `render_camera` uses of its config only the first
intrinsic, a focal length for both axes, and puts the optical axis into the middle of the
image, wherever the renderer has that; the cameras here say what is really drawn.

It also cuts body ids to 8 bits: body 259 becomes 3, and "nothing" 255. Where a simulation has
bodies beyond 254 they are drawn once more, with all bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import pybullet
from numpy.typing import NDArray

from culture_perception.masks import UNLABELLED, IdImage
from sim_bridge.camera import CAMERA_NAMES, Camera, CameraError, FloatArray, rotation_matrix

Config: TypeAlias = Mapping[str, Any]
_NARROW_NOTHING: Final = 255
_BODY_BITS: Final = (1 << 24) - 1
_NEEDED: Final = ("image_size", "intrinsics", "position", "rotation", "zrange")


class RavensError(ValueError):
    """The environment is not as RAVENS's or CLIPort's; the message says what is missing."""


class RavensEnvironment(Protocol):
    """What is used of an environment; RAVENS's and CLIPort's have it."""

    @property
    def agent_cams(self) -> Sequence[Config]:
        """Camera configs: image_size (H, W), intrinsics (9), position, rotation, zrange."""

    @property
    def obj_ids(self) -> Mapping[str, Sequence[int]]:
        """Body ids by category: fixed, rigid, deformable."""

    def render_camera(self, config: Any) -> tuple[Any, Any, Any]:
        """Colour (H, W, 3) uint8, depth (H, W) metres, link and body of each pixel (H, W)."""


@dataclass(frozen=True)
class Body:
    """One of the environment's objects.

    Attributes:
        body_id: PyBullet's.
        name: its URDF's robot name without ".urdf"; several bodies may have one name.
        mesh: file name, without suffix, of its first mesh; "" for boxes, spheres and so on.
        category: fixed, rigid or deformable.
        position: of its base in the world, metres.
        quaternion_xyzw: of its base in the world.
    """

    body_id: int
    name: str
    mesh: str
    category: str
    position: tuple[float, float, float]
    quaternion_xyzw: tuple[float, float, float, float]

    @property
    def instance_id(self) -> int:
        """Its value in the id image: body_id + 1, as 0 is where nothing is."""
        return self.body_id + 1


@dataclass(frozen=True, eq=False)
class RavensView:
    """What one camera sees.

    Attributes:
        image_rgb: (H, W, 3) uint8, the environment's own.
        depth_m: (H, W) float32, metres along the optical axis; NaN where nothing is.
        id_image: (H, W) uint16, PyBullet's body id + 1, table and robot included; 0 nothing.
        bodies: all of the environment's objects, seen or not.
    """

    image_rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    id_image: IdImage
    bodies: tuple[Body, ...]


def named_cameras(env: RavensEnvironment) -> dict[str, Config]:
    """The environment's configs by name: front, left, right as in RAVENS, then camera_4 and so on.

    Raises:
        RavensError: it has no cameras, or what is no environment was passed.
    """
    missing = [n for n in ("agent_cams", "obj_ids", "render_camera") if not hasattr(env, n)]
    if missing:
        raise RavensError(
            f"{type(env).__name__} has no {', '.join(missing)}: "
            "pass an Environment of RAVENS or CLIPort, not a wrapper of it"
        )
    if not env.agent_cams:
        raise RavensError("the environment's agent_cams is empty: give it a camera config")
    names = [*CAMERA_NAMES, *(f"camera_{i}" for i in range(4, len(env.agent_cams) + 1))]
    return dict(zip(names, env.agent_cams, strict=False))


def renderer_of(env: RavensEnvironment, client: int = 0) -> str:
    """What draws the environment's images: "opengl" (a window, or EGL without one) or "tiny"."""
    plugin = getattr(env, "_egl_plugin", None)  # RAVENS's; nothing public says it
    method = pybullet.getConnectionInfo(physicsClientId=client)["connectionMethod"]
    drawn_by_opengl = method != pybullet.DIRECT or (plugin is not None and plugin >= 0)
    return "opengl" if drawn_by_opengl else "tiny"


def camera_of(name: str, config: Config, renderer: str) -> Camera:
    """The camera that `render_camera(config)` really draws.

    Args:
        name: of the camera.
        config: one of the environment's.
        renderer: "opengl" or "tiny": they have the middle of the image half a pixel apart.

    Raises:
        CameraError: the config lacks something, or describes no camera.
    """
    missing = [key for key in _NEEDED if key not in config]
    if missing:
        raise CameraError(
            f"the config of camera {name} lacks {', '.join(missing)}: it needs {', '.join(_NEEDED)}"
        )
    height, width = (int(n) for n in config["image_size"])
    focal = float(config["intrinsics"][0])
    # As sim_bridge.renderer's, and checked there and here by reprojection.
    middle = (width / 2, height / 2 - 1)
    if renderer == "opengl":
        middle = ((width - 1) / 2, (height - 1) / 2)
    x, y, z = (float(n) for n in config["position"])
    qx, qy, qz, qw = (float(n) for n in config["rotation"])
    near, far = (float(n) for n in config["zrange"])
    return Camera(
        name, width, height, focal, focal, *middle, (x, y, z), (qx, qy, qz, qw), near, far
    )


def observe(env: RavensEnvironment, config: Config, client: int = 0) -> RavensView:
    """Draws what one camera sees.

    Args:
        env: of RAVENS or CLIPort, reset.
        config: one of its cameras.
        client: PyBullet's client that the environment uses; theirs is the first, 0.

    Raises:
        RavensError: render_camera gives other shapes than its config has, or a body id is too
            large for an id image.
    """
    colour, depth, segmentation = env.render_camera(config)
    shape = tuple(int(n) for n in config["image_size"])
    if np.shape(colour) != (*shape, 3) or np.shape(depth) != shape:
        raise RavensError(
            f"render_camera gave colour {np.shape(colour)} and depth {np.shape(depth)} for an "
            f"image_size of {shape}: mend the config or the environment"
        )
    bodies = _body_image(np.asarray(segmentation).reshape(shape), config, client)
    depth_m = np.where(bodies < 0, np.float32(np.nan), np.asarray(depth, np.float32))
    ids = _id_image(bodies)
    return RavensView(np.asarray(colour, np.uint8), depth_m, ids, bodies_of(env, client))


def bodies_of(env: RavensEnvironment, client: int = 0) -> tuple[Body, ...]:
    """The environment's objects, category by category; what was removed since is left out."""
    there = set(_body_ids(client))
    return tuple(
        _body(int(body_id), category, client)
        for category, body_ids in env.obj_ids.items()
        for body_id in dict.fromkeys(body_ids)
        if body_id in there
    )


def _body(body_id: int, category: str, client: int) -> Body:
    _, name = pybullet.getBodyInfo(body_id, physicsClientId=client)
    shapes = pybullet.getVisualShapeData(body_id, physicsClientId=client)
    meshes = [Path(shape[4].decode("utf-8", "replace")).stem for shape in shapes if shape[4]]
    position, turn = pybullet.getBasePositionAndOrientation(body_id, physicsClientId=client)
    return Body(
        body_id=body_id,
        name=name.decode("utf-8", "replace").removesuffix(".urdf"),
        mesh=meshes[0] if meshes else "",
        category=category,
        position=position,
        quaternion_xyzw=turn,
    )


def _body_ids(client: int) -> list[int]:
    count = pybullet.getNumBodies(physicsClientId=client)
    return [pybullet.getBodyUniqueId(i, physicsClientId=client) for i in range(count)]


def _body_image(segmentation: NDArray[Any], config: Config, client: int) -> NDArray[np.int32]:
    """(H, W) body ids with all bits, -1 where nothing is."""
    if segmentation.dtype == np.uint8:
        if max(_body_ids(client), default=0) < _NARROW_NOTHING:  # no bit was lost
            whole = segmentation.astype(np.int32)
            return np.where(whole == _NARROW_NOTHING, np.int32(-1), whole)
        segmentation = draw_segmentation(config, client)
    whole = np.asarray(segmentation, np.int32)
    return np.where(whole >= 0, whole & _BODY_BITS, np.int32(-1))


def draw_segmentation(config: Config, client: int = 0) -> NDArray[np.int32]:
    """(H, W) body id + ((link + 1) << 24), -1 where nothing is, drawn as render_camera draws."""
    height, width = (int(n) for n in config["image_size"])
    near, far = config["zrange"]
    position, turn = np.asarray(config["position"], float), rotation_matrix(config["rotation"])
    fov = 2 * np.degrees(np.arctan(height / 2 / config["intrinsics"][0]))
    drawn = pybullet.getCameraImage(
        width,
        height,
        _view(position, turn),
        pybullet.computeProjectionMatrixFOV(fov, width / height, near, far),
        flags=pybullet.ER_SEGMENTATION_MASK_OBJECT_AND_LINKINDEX,
        renderer=pybullet.ER_BULLET_HARDWARE_OPENGL,
        shadow=1,
        physicsClientId=client,
    )
    return np.asarray(drawn[4], np.int32).reshape(height, width)


def _view(position: FloatArray, turn: FloatArray) -> Sequence[float]:
    target, up = position + turn[:, 2], -turn[:, 1]
    view: Sequence[float] = pybullet.computeViewMatrix(
        position.tolist(), target.tolist(), up.tolist()
    )
    return view


def _id_image(bodies: NDArray[np.int32]) -> IdImage:
    largest = int(bodies.max(initial=-1))
    if largest + 1 >= UNLABELLED:
        raise RavensError(
            f"body id {largest} does not fit a 16-bit id image: reset the environment, "
            "which starts counting bodies anew"
        )
    return (bodies + 1).astype(np.uint16)


def product_urdf(concept_id: str, mesh: Path, mass_kg: float = 0.1) -> str:
    """The text of a URDF for env.add_object, whose robot name, hence body name, is the concept id.

    Args:
        concept_id: what it is.
        mesh: OBJ file, metres, origin at the middle; its MTL names the texture.
        mass_kg: of the body.
    """
    # Without a material PyBullet tints each body in a colour of its own.
    geometry = f'<geometry><mesh filename="{mesh.resolve()}"/></geometry>'
    return f"""<?xml version="1.0"?>
<robot name="{concept_id}">
  <link name="baseLink">
    <contact><lateral_friction value="0.9"/><rolling_friction value="0.003"/></contact>
    <inertial><mass value="{mass_kg}"/><inertia ixx="1e-4" ixy="0" ixz="0" iyy="1e-4" iyz="0"
      izz="1e-4"/></inertial>
    <visual>{geometry}<material name="as_textured"><color rgba="1 1 1 1"/></material></visual>
    <collision>{geometry}</collision>
  </link>
</robot>
"""
