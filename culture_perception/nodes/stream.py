"""What is known of a topic that a node listens to: who publishes, what came, what was wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

LOOK_AGAIN_S: Final = 3.0


@dataclass(frozen=True)
class StreamFacts:
    """A topic at one moment.

    Attributes:
        topic: its resolved name.
        publishers: how many publish on it.
        incompatible: QoS policy by which a publisher does not match; empty: all match.
        age_s: seconds since the last message came; None: none yet.
        behind_s: what the node's clock was ahead of the last message's stamp when it came;
            negative where the stamp was ahead; None: none yet.
        received: messages that came.
        problem: why the last message that was looked at is of no use; empty: it is.
    """

    topic: str
    publishers: int = 0
    incompatible: str = ""
    age_s: float | None = None
    behind_s: float | None = None
    received: int = 0
    problem: str = ""


class StreamMonitor:
    """Collects the facts of one topic; its methods are called by the callbacks."""

    def __init__(self) -> None:
        self.incompatible = ""
        self._problem = ""
        self._looked_s = 0.0
        self._received = 0
        self._arrived_s: float | None = None
        self._behind_s: float | None = None

    @property
    def problem(self) -> str:
        """Why the last message that was looked at is of no use, and when that was, if not now."""
        ago_s = time.monotonic() - self._looked_s
        # Nothing is looked at while nobody listens: then it may have been mended meanwhile.
        when = f" (looked at {ago_s:.0f} s ago, for the last time)" if ago_s > LOOK_AGAIN_S else ""
        return f"{self._problem}{when}" if self._problem else ""

    @problem.setter
    def problem(self, problem: str) -> None:
        self._problem = problem
        self._looked_s = time.monotonic()

    def arrived(self, stamp_ns: int, now_ns: int) -> None:
        """A message came; both times are the node's clock's."""
        self._received += 1
        self.incompatible = ""  # a publisher that matches has come
        self._arrived_s = time.monotonic()
        self._behind_s = (now_ns - stamp_ns) / 1e9

    def facts(self, topic: str, publishers: int) -> StreamFacts:
        """What is known now."""
        arrived = self._arrived_s
        return StreamFacts(
            topic=topic,
            publishers=publishers,
            incompatible=self.incompatible,
            age_s=None if arrived is None else time.monotonic() - arrived,
            behind_s=self._behind_s,
            received=self._received,
            problem=self.problem,
        )
