"""When the next frame is due; the clock is the caller's, so that it can be tested alone."""

from __future__ import annotations

from typing import Final

OWN_PACE: Final = -1.0
ON_TRIGGER: Final = 0.0
_NANOSECONDS: Final = 1e9


class Pace:
    """Times of frames: the source's own, or those of a rate.

    Attributes:
        rate_hz: OWN_PACE (-1), ON_TRIGGER (0) or frames a second.
    """

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self._next_s = 0.0
        self._origin: tuple[float, int] | None = None
        self._frame_s = 0.0
        self._last_s: float | None = None

    def set_rate(self, rate_hz: float) -> None:
        """Another rate; the next frame is due at once."""
        self.rate_hz = rate_hz
        self._next_s = 0.0
        self._origin = None
        self._last_s = None

    def begin_round(self) -> None:
        """The source begins anew: its times do, too, one frame's time after the last one."""
        self._origin = None

    def due_s(self, due_ns: int | None, now_s: float) -> float:
        """When it is time, seconds on the clock of `now_s`; in the past: now.

        Args:
            due_ns: what the source says; None: it has no times.
            now_s: now.
        """
        if self.rate_hz > 0 or due_ns is None:
            return self._next_s
        if self._origin is None:
            after = now_s if self._last_s is None else self._last_s + self._frame_s
            self._origin = (max(now_s, after), due_ns)
        start_s, start_ns = self._origin
        return start_s + (due_ns - start_ns) / _NANOSECONDS

    def shown(self, due_s: float, source_hz: float, now_s: float) -> bool:
        """Notes that a frame was shown; whether it came more than a frame's time late.

        Args:
            due_s: when it was due.
            source_hz: the source's rate where it has no times; 0: as fast as it gives frames.
            now_s: when it was shown.
        """
        rate_hz = self.rate_hz if self.rate_hz > 0 else source_hz
        if rate_hz > 0:
            self._frame_s = 1.0 / rate_hz
        elif self._last_s is not None and due_s > self._last_s:
            self._frame_s = due_s - self._last_s
        self._last_s = due_s
        is_late = 0 < self._frame_s < now_s - due_s and due_s > 0
        # Who is late by less keeps to the beat; who is later begins a new one.
        beat_s = due_s if now_s - due_s <= self._frame_s else now_s
        self._next_s = beat_s + self._frame_s if rate_hz > 0 else 0.0
        return is_late
