"""When a process that ended is started again: soon, but later where it ends again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 30.0
WELL_S: Final = 60.0
"""A process that ran for as long as this is well: the next wait is the first one again."""


@dataclass
class Respawn:
    """The ends and starts of one process; times are seconds of one clock, for example monotonic.

    Attributes:
        count: How often it was started again.
        due_s: When it is to be started again; None while it runs.
    """

    count: int = 0
    due_s: float | None = None
    _started_s: float = field(default_factory=time.monotonic)
    _next_s: float = field(default_factory=lambda: FIRST_S)

    def ended(self, now_s: float) -> float:
        """Takes note of an end; gives how long to wait, in seconds, and doubles the next wait."""
        if now_s - self._started_s >= WELL_S:
            self._next_s = FIRST_S
        delay_s, self._next_s = self._next_s, min(2 * self._next_s, LONGEST_S)
        self.due_s = now_s + delay_s
        return delay_s

    def started(self, now_s: float) -> None:
        """Takes note of a new start."""
        self.count += 1
        self.due_s = None
        self._started_s = now_s
