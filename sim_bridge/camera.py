"""A pinhole camera: intrinsics to an OpenGL projection, z-buffer to metres, RAVENS's cameras.

Image points (u, v) are in pixels, u to the right and v down, and a pixel's centre has whole
coordinates (the convention of OpenCV and of sensor_msgs/CameraInfo): the pixel in row r and
column c covers u in [c - .5, c + .5) and v in [r - .5, r + .5).
Camera coordinates are optical (REP-103): x right, y down, z forward, metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]


class CameraError(ValueError):
    """A camera that does not exist or cannot be; the message says which values are possible."""


@dataclass(frozen=True)
class Camera:
    """Intrinsics and pose of a pinhole camera without distortion.

    Attributes:
        name: for messages and topics.
        width: pixels.
        height: pixels.
        fx: focal length, pixels.
        fy: focal length, pixels.
        cx: principal point, pixels, from the centre of the leftmost pixel.
        cy: principal point, pixels, from the centre of the topmost pixel.
        position: (x, y, z) of the optical centre in the world, metres.
        quaternion_xyzw: unit quaternion that turns optical into world coordinates.
        near: nearest distance drawn along the optical axis, metres. A larger one makes the 16 bit
            depth buffer of the EGL renderer finer.
        far: farthest distance drawn, metres.
    """

    name: str
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    position: tuple[float, float, float]
    quaternion_xyzw: tuple[float, float, float, float]
    near: float = 0.1
    far: float = 10.0

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise CameraError(f"image size must be positive, got {self.width}x{self.height}")
        if self.fx <= 0 or self.fy <= 0:
            raise CameraError(f"focal lengths must be positive, got fx={self.fx}, fy={self.fy}")
        if not 0 < self.near < self.far:
            raise CameraError(f"need 0 < near < far, got near={self.near}, far={self.far}")
        norm = float(np.linalg.norm(self.quaternion_xyzw))
        if abs(norm - 1) > 1e-3:
            raise CameraError(f"quaternion_xyzw must have length 1, got {norm:.4f}: divide by it")

    @property
    def k(self) -> FloatArray:
        """(3, 3) intrinsic matrix, pixels."""
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)

    @property
    def rotation(self) -> FloatArray:
        """(3, 3) rotation from optical to world coordinates."""
        return rotation_matrix(self.quaternion_xyzw)

    def view_matrix(self) -> list[float]:
        """The 16 numbers, column by column, of the OpenGL view matrix (x right, y up, z back)."""
        rotation = np.diag([1.0, -1.0, -1.0]) @ self.rotation.T
        matrix = np.eye(4)
        matrix[:3, :3] = rotation
        matrix[:3, 3] = -rotation @ np.asarray(self.position)
        return [float(x) for x in matrix.T.ravel()]

    def projection_matrix(self, axis_uv: tuple[float, float] | None = None) -> list[float]:
        """The 16 numbers, column by column, of the OpenGL projection that has exactly this K.

        Args:
            axis_uv: image point to which the renderer maps the middle of OpenGL's clip space;
                renderers differ in it. Without it that of the OpenGL standard, half a pixel
                before the middle of the image: ((width - 1) / 2, (height - 1) / 2).
        """
        u, v = axis_uv or ((self.width - 1) / 2, (self.height - 1) / 2)
        depth = self.far - self.near
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[0, 2] = 2 * self.fx / self.width, 2 * (u - self.cx) / self.width
        matrix[1, 1], matrix[1, 2] = 2 * self.fy / self.height, 2 * (self.cy - v) / self.height
        matrix[2, 2] = -(self.far + self.near) / depth
        matrix[2, 3] = -2 * self.far * self.near / depth
        matrix[3, 2] = -1
        return [float(x) for x in matrix.T.ravel()]

    def project(self, points_world: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Where points of the world appear.

        Args:
            points_world: (N, 3), metres.

        Returns:
            uv (N, 2) in pixels, and depth (N,) along the optical axis in metres. A point that is
            not in front of the camera (depth <= 0) has NaN for uv. No points give (0, 2), (0,).
        """
        points = np.asarray(points_world, np.float64).reshape(-1, 3)
        optical = (points - np.asarray(self.position)) @ self.rotation
        depth = optical[:, 2]
        in_front = np.where(depth > 0, depth, np.nan)
        focal, centre = np.array([self.fx, self.fy]), np.array([self.cx, self.cy])
        return optical[:, :2] / in_front[:, None] * focal + centre, depth

    def back_project(self, uv: ArrayLike, depth_m: ArrayLike) -> FloatArray:
        """Points of the world, (N, 3) metres, seen at uv (N, 2) in a depth of (N,) metres."""
        depth = np.asarray(depth_m, np.float64).reshape(-1, 1)
        focal, centre = np.array([self.fx, self.fy]), np.array([self.cx, self.cy])
        xy = (np.asarray(uv, np.float64).reshape(-1, 2) - centre) / focal * depth
        return np.asarray(np.hstack([xy, depth]) @ self.rotation.T + np.asarray(self.position))


def rotation_matrix(quaternion_xyzw: Sequence[float]) -> FloatArray:
    """The (3, 3) rotation of a quaternion (x, y, z, w), which need not have length 1."""
    x, y, z, w = np.asarray(quaternion_xyzw, np.float64) / np.linalg.norm(quaternion_xyzw)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def depth_from_buffer(buffer: ArrayLike, near: float, far: float) -> NDArray[np.float32]:
    """Metres along the optical axis from an OpenGL depth buffer.

    Args:
        buffer: (H, W), 0 at the near plane to 1 at the far plane.
        near: metres.
        far: metres.

    Returns:
        (H, W) float32; NaN where nothing was drawn (buffer 1).
    """
    z = np.asarray(buffer, np.float32)
    depth = 2 * near * far / (far + near - (2 * z - 1) * (far - near))
    return np.where(z >= 1, np.float32(np.nan), depth.astype(np.float32))


_RAVENS = {
    "front": ((1.0, 0.0, 0.75), (0.6532815, 0.6532815, -0.2705981, -0.2705981)),
    "left": ((0.0, 0.5, 0.75), (-0.3596049, 0.8681632, -0.3159853, 0.1308850)),
    "right": ((0.0, -0.5, 0.75), (-0.8681632, 0.3596049, -0.1308850, 0.3159853)),
}
_PROFILES = {
    "ravens": (640, 480, 450.0, 320.0, 240.0),
    "high_resolution": (1024, 768, 720.0, 512.0, 384.0),
}
CAMERA_NAMES = tuple(_RAVENS)
PROFILE_NAMES = tuple(_PROFILES)


def ravens_camera(name: str, profile: str = "ravens") -> Camera:
    """One of the three cameras that look at RAVENS's workspace (x .25 to .75 m, y -.5 to .5 m).

    Args:
        name: front, left or right.
        profile: ravens (640x480, f = 450, as RAVENS's RealSense D415) or high_resolution
            (1024x768, f = 720: the same view).

    Raises:
        CameraError: no such camera or profile.
    """
    if name not in _RAVENS:
        raise CameraError(f"no camera {name!r}: choose one of {', '.join(CAMERA_NAMES)}")
    if profile not in _PROFILES:
        raise CameraError(f"no camera profile {profile!r}: choose one of {', '.join(_PROFILES)}")
    position, quaternion = _RAVENS[name]
    width, height, focal, cx, cy = _PROFILES[profile]
    return Camera(name, width, height, focal, focal, cx, cy, position, quaternion)


def moved(
    camera: Camera,
    position: tuple[float, float, float],
    quaternion_xyzw: tuple[float, float, float, float],
) -> Camera:
    """The same camera elsewhere."""
    return replace(camera, position=position, quaternion_xyzw=quaternion_xyzw)
