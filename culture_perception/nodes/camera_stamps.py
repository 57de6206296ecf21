"""Which stamp a frame that is played gets; the clock is the caller's."""

from typing import Final

from culture_perception.cameras.frames import Poses, SourceFrame

_SET_BACK_NS: Final = 1_000_000_000  # less is the jitter of a recorder, or of a new round


class Stamps:
    """Stamps as recorded, or as if what is played happened now.

    Now, at a source's own pace, all stamps of a round are shifted by the same time, so that
    transforms fit the images as they did; at any other rate a frame is stamped when it is shown.
    A stamp is above the one before it, unless it is a recorded one or the clock was set back.
    """

    def __init__(self, recorded: bool) -> None:
        self._recorded = recorded
        self._shift_ns = 0
        self._origin_ns: int | None = None
        self._last_due_ns: int | None = None
        self._last_ns = -1

    def of_frame(self, frame: SourceFrame, own_pace: bool, now_ns: int) -> int:
        """A frame's stamp, nanoseconds."""
        if self._recorded and frame.stamp_ns is not None:
            return frame.stamp_ns
        stamp_ns = now_ns
        if own_pace and frame.stamp_ns is not None:
            stamp_ns = frame.stamp_ns + self._shift(frame.due_ns, now_ns)
        is_set_back = stamp_ns < self._last_ns - _SET_BACK_NS
        self._last_ns = stamp_ns if is_set_back else max(stamp_ns, self._last_ns + 1)
        return self._last_ns

    def shift_of(self, poses: Poses, own_pace: bool, now_ns: int) -> int:
        """What is to be added to the stamps of transforms, nanoseconds."""
        if self._recorded or not poses.poses:
            return 0
        if own_pace:
            return self._shift(poses.due_ns, now_ns)
        return now_ns - max(pose.stamp_ns for pose in poses.poses)

    def _shift(self, due_ns: int | None, now_ns: int) -> int:
        if due_ns is None:
            return 0
        begins = self._last_due_ns is None or due_ns < self._last_due_ns
        self._last_due_ns = due_ns
        if begins:
            self._shift_ns = now_ns - due_ns
        return self._shift_ns
