"""Puts the messages of one moment together again: picture, depth and camera info of one stamp."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from culture_perception.cameras.calibration import Calibration, CalibrationError, of_camera_info
from culture_perception.cameras.folder import calibration_for
from culture_perception.cameras.frames import CameraError, Item, Pose, Poses, Problem, SourceFrame
from culture_perception.compressed_images import compressed_to_depth, compressed_to_rgb
from culture_perception.depth_images import to_depth_m
from culture_perception.image_encodings import ImageError
from culture_perception.images import to_rgb
from culture_perception.message_records import stamp_ns_of
from culture_perception.packed_image import AnyArray

WAIT_FRAMES: Final = 3  # newer pictures that are read before one goes on without its depth
_KEPT: Final = 8  # depth images that wait for their picture


@dataclass
class _Waiting:
    """A picture that waits for its depth, at its place among the transforms."""

    message: Any
    due_ns: int
    depth: Any = None

    @property
    def stamp_ns(self) -> int:
        """Of the picture."""
        return stamp_ns_of(self.message)


class BagFrames:
    """Takes messages in the order of a bag; gives frames and transforms in the same order.

    A picture goes on once its depth is there, or WAIT_FRAMES newer ones are: a bag may have none.
    """

    def __init__(self, fov_deg: float, calibration: Calibration | None = None) -> None:
        """Nothing waits yet.

        Args:
            fov_deg: horizontal field of view where there is no camera info, degrees.
            calibration: to take in place of camera info; None: camera info counts.
        """
        self._is_fixed = calibration is not None
        self._fov_deg = fov_deg
        self._queue: deque[_Waiting | Poses | Problem] = deque()
        self._depths: dict[int, Any] = {}
        self._calibration = calibration
        self._is_told = False

    def put_color(self, message: Any, due_ns: int) -> None:
        """A picture."""
        depth = self._depths.pop(stamp_ns_of(message), None)
        self._queue.append(_Waiting(message, due_ns, depth))

    def put_depth(self, message: Any) -> None:
        """Depth, before or after its picture."""
        stamp_ns = stamp_ns_of(message)
        for one in self._waiting():
            if one.stamp_ns == stamp_ns:
                one.depth = message
                return
        self._depths[stamp_ns] = message
        while len(self._depths) > _KEPT:
            self._depths.pop(next(iter(self._depths)))

    def put_info(self, message: Any) -> None:
        """Camera info: of the pictures from now on, and of those that wait."""
        if self._is_fixed:
            return
        try:
            self._calibration = of_camera_info(message)
        except CalibrationError as error:
            self._calibration = None
            if not self._is_told:
                self._is_told = True
                reason = f"camera info is not used, a field of view of {self._fov_deg} degrees is"
                self._queue.append(Problem(f"{reason}: {error}"))

    def put_poses(self, poses: tuple[Pose, ...], static: bool, due_ns: int) -> None:
        """Transforms; static ones always hold, so they wait for no time."""
        self._queue.append(Poses(poses, static, None if static else due_ns))

    def ready(self) -> Iterator[Item]:
        """What need not wait any longer."""
        while self._queue and self._is_ready(self._queue[0]):
            yield self._finished(self._queue.popleft())

    def rest(self) -> Iterator[Item]:
        """Whatever is left, at the end of the bag."""
        while self._queue:
            yield self._finished(self._queue.popleft())

    def _waiting(self) -> list[_Waiting]:
        return [one for one in self._queue if isinstance(one, _Waiting)]

    def _is_ready(self, one: _Waiting | Poses | Problem) -> bool:
        if not isinstance(one, _Waiting):
            return True
        complete = one.depth is not None and self._calibration is not None
        return complete or len(self._waiting()) > WAIT_FRAMES

    def _finished(self, one: _Waiting | Poses | Problem) -> Item:
        if not isinstance(one, _Waiting):
            return one
        message = one.message
        try:
            image_rgb = _read(message, compressed_to_rgb, to_rgb)
            depth = None if one.depth is None else _read(one.depth, compressed_to_depth, to_depth_m)
            if depth is not None and depth.shape != image_rgb.shape[:2]:
                raise CameraError(f"depth is {depth.shape}, colour {image_rgb.shape[:2]}")
            calibration = calibration_for(image_rgb, self._calibration, self._fov_deg)
        except (ImageError, CameraError) as error:
            return Problem(f"the frame of {one.stamp_ns} ns: {error}")
        return SourceFrame(
            image_rgb, depth, calibration, str(message.header.frame_id), one.stamp_ns, one.due_ns
        )


def _read(
    message: Any, compressed: Callable[[Any], AnyArray], raw: Callable[[Any], AnyArray]
) -> AnyArray:
    return compressed(message) if hasattr(message, "format") else raw(message)


def poses_of(message: Any) -> tuple[Pose, ...]:
    """The transforms of a tf2_msgs/msg/TFMessage, whichever library made it."""
    return tuple(_pose(one) for one in message.transforms)


def _pose(one: Any) -> Pose:
    place, turn = one.transform.translation, one.transform.rotation
    return Pose(
        parent=str(one.header.frame_id),
        child=str(one.child_frame_id),
        translation=(float(place.x), float(place.y), float(place.z)),
        rotation_xyzw=(float(turn.x), float(turn.y), float(turn.z), float(turn.w)),
        stamp_ns=stamp_ns_of(one),
    )
