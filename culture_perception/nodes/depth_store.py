"""Keeps depth images until the colour image of their stamp was recognised; knows no ROS."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Depth = TypeVar("Depth")
CAPACITY = 8


@dataclass
class DepthStore(Generic[Depth]):
    """Recognition takes longer than a frame lasts, so the one that is needed is claimed.

    Any thread may call it.

    Attributes:
        tolerance_ns: how far the stamps of one frame's depth and colour may lie apart.
        nearest_ns: distance of the last frame that had no depth to the nearest depth there was;
            None: there was none.
    """

    tolerance_ns: int
    nearest_ns: int | None = None
    _kept: deque[tuple[int, Depth]] = field(default_factory=lambda: deque(maxlen=CAPACITY))
    _claimed_ns: int | None = None
    _claimed: tuple[int, Depth] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, stamp_ns: int, depth: Depth) -> None:
        """Keeps a depth image; older ones make room."""
        with self._lock:
            self._kept.append((stamp_ns, depth))
            if self._claimed_ns is not None:
                self._claimed = self._nearer(self._claimed_ns, (self._claimed, (stamp_ns, depth)))

    def claim(self, stamp_ns: int) -> None:
        """Keeps the depth of this stamp, which may be here or come, until it is taken."""
        with self._lock:
            self._claimed_ns = stamp_ns
            self._claimed = self._nearer(stamp_ns, tuple(self._kept))

    def take(self) -> Depth | None:
        """The depth that was claimed; None where none of its stamp has come."""
        with self._lock:
            wanted_ns, found = self._claimed_ns, self._claimed
            self._claimed_ns = self._claimed = None
            if wanted_ns is None or found is None:
                self.nearest_ns = None
                return None
            distance_ns = abs(found[0] - wanted_ns)
            self.nearest_ns = distance_ns
            return found[1] if distance_ns <= self.tolerance_ns else None

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._kept.clear()
            self._claimed_ns = self._claimed = None

    @staticmethod
    def _nearer(
        stamp_ns: int, among: tuple[tuple[int, Depth] | None, ...]
    ) -> tuple[int, Depth] | None:
        there = [one for one in among if one is not None]
        return min(there, key=lambda one: abs(one[0] - stamp_ns), default=None)
