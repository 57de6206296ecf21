"""Leaves so many frames out that a rate is kept to on average; knows no ROS."""

from __future__ import annotations


class RateLimit:
    """Counts from when a frame was due, not from when it came.

    Otherwise a camera whose frames come a little early or late would lose many that are allowed:
    of 10 frames a second, a limit of 8 would leave 5. What a pause of more than two periods lost is
    not made up for.
    """

    def __init__(self) -> None:
        self._last_due_s = float("-inf")

    def is_too_soon(self, arrived_s: float, rate_hz: float) -> bool:
        """Whether a frame is to be left out; one that is not is counted.

        Args:
            arrived_s: of the frame, seconds of a steady clock.
            rate_hz: frames a second at most; 0: no limit.
        """
        if rate_hz <= 0:
            return False
        period_s = 1 / rate_hz
        due_s = self._last_due_s + period_s
        if arrived_s < due_s:
            return True
        self._last_due_s = due_s if arrived_s - due_s <= 2 * period_s else arrived_s
        return False
