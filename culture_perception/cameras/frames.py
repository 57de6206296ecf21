"""What a camera stand-in gives, and what all stand-ins are. Nothing here knows ROS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from culture_perception.cameras.calibration import Calibration
from culture_perception.masks import Uint8Array
from culture_perception.packed_image import AnyArray


class CameraError(ValueError):
    """What is to be played can not be; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One moment of a camera.

    Attributes:
        image_rgb: uint8 (H, W, 3).
        depth: aligned to the image, (H, W): float32 metres or uint16 millimetres; None: none.
        calibration: of both.
        frame_id: optical frame that it was recorded in; empty: unknown.
        stamp_ns: when it was taken; None: unknown.
        due_ns: when it is to be shown, on a clock of the source's own; None: it has no pace.
    """

    image_rgb: Uint8Array
    depth: AnyArray | None
    calibration: Calibration
    frame_id: str = ""
    stamp_ns: int | None = None
    due_ns: int | None = None


@dataclass(frozen=True)
class Pose:
    """Where a frame is in another one (geometry_msgs/TransformStamped).

    Attributes:
        parent: frame that it is given in.
        child: frame whose pose it is.
        translation: x, y, z, metres.
        rotation_xyzw: unit quaternion.
        stamp_ns: when it holds.
    """

    parent: str
    child: str
    translation: tuple[float, float, float]
    rotation_xyzw: tuple[float, float, float, float]
    stamp_ns: int = 0


@dataclass(frozen=True)
class Poses:
    """Transforms that were recorded beside the images.

    Attributes:
        poses: of one message.
        static: whether they were on /tf_static, not on /tf.
        due_ns: as in SourceFrame.
    """

    poses: tuple[Pose, ...]
    static: bool
    due_ns: int | None = None


@dataclass(frozen=True)
class Problem:
    """What could not be shown as it should be.

    Attributes:
        reason: what, and why.
    """

    reason: str


Item: TypeAlias = SourceFrame | Poses | Problem


class CameraSource(Protocol):
    """A camera stand-in.

    Attributes of a concrete one are fixed once it is opened, which fails with CameraError.
    """

    @property
    def described(self) -> str:
        """What it is, for people."""

    @property
    def has_depth(self) -> bool:
        """Whether its frames have depth."""

    @property
    def is_live(self) -> bool:
        """Whether it goes on by itself, so that who is slower than it has to let frames go."""

    @property
    def pace_hz(self) -> float:
        """Frames a second where frames have no `due_ns`; 0: as fast as they come."""

    def items(self) -> Iterator[Item]:
        """One round, from the beginning; a CameraError ends it early."""
