"""Requests for one frame's result: who waits, which frame will do, and what came of it. No ROS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from culture_perception.message_records import NANOSECONDS
from culture_perception.perceiving import Perceived


@dataclass(eq=False)
class FrameRequest:
    """Waits for the first frame that is new enough.

    Attributes:
        received_ns: when it came, by the clock that stamps are compared with.
        max_age_s: how old the frame may be when it comes, or when the request does; 0: taken after
            `received_ns`.
        answer: makes the result of the frame; the worker's thread calls it, once.
        result: what `answer` gave; None: nothing yet, or it failed.
        error: why there is no result; empty: there is, or it is still waited for.
        stale_s: age of the youngest frame that was too old; None: none was.
        begun: whether a frame that will do has come.
        interrupted: whether the error is that the node was told to stop.
    """

    received_ns: int
    max_age_s: float
    answer: Callable[[Perceived], Any]
    result: Any = None
    error: str = ""
    stale_s: float | None = None
    begun: bool = False
    interrupted: bool = False
    _accepted_ns: set[int] = field(default_factory=set)
    _done: threading.Event = field(default_factory=threading.Event)

    @property
    def is_done(self) -> bool:
        """Whether there is a result or an error."""
        return self._done.is_set()

    def accepts(self, stamp_ns: int, now_ns: int) -> bool:
        """Whether a frame of this stamp will do; remembers how old it was where it will not.

        One that would do once will do later as well: it ages while it is in work.
        """
        if stamp_ns in self._accepted_ns:
            return True
        if self.max_age_s > 0:
            fits = now_ns - stamp_ns <= self.max_age_s * NANOSECONDS
        else:
            fits = stamp_ns >= self.received_ns
        if fits:
            self.begun = True
            self._accepted_ns.add(stamp_ns)
        else:
            age_s = (now_ns - stamp_ns) / NANOSECONDS
            self.stale_s = age_s if self.stale_s is None else min(self.stale_s, age_s)
        return fits

    def has_accepted(self, stamp_ns: int) -> bool:
        """Whether a frame of this stamp was found to do."""
        return stamp_ns in self._accepted_ns

    def restart(self, now_ns: int) -> None:
        """Time has jumped: what came before `now_ns` is of another time."""
        self.received_ns, self.stale_s, self.begun = now_ns, None, False
        self._accepted_ns = set()

    def fulfil(self, perceived: Perceived) -> None:
        """Makes the result of this frame; an exception becomes the error."""
        if self.is_done:
            return
        try:
            self.result = self.answer(perceived)
        except Exception as error:  # whoever asked is told, and the worker lives on
            self.error = f"{type(error).__name__}: {error}"
        self._done.set()

    def fail(self, error: str) -> None:
        """Ends it without a result."""
        if not self.is_done:
            self.error = error
            self._done.set()

    def interrupt(self, why: str) -> None:
        """Ends it since the node was told to stop."""
        self.interrupted = not self.is_done
        self.fail(why)


class RequestBook:
    """The requests that wait. Any thread may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[FrameRequest] = []

    def __len__(self) -> int:
        """How many wait."""
        with self._lock:
            return len(self._waiting)

    def add(self, request: FrameRequest) -> None:
        """Has it wait for a frame."""
        with self._lock:
            self._waiting.append(request)

    def remove(self, request: FrameRequest) -> None:
        """Nobody waits for it any more."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one is not request]

    def accepting(self, stamp_ns: int, now_ns: int) -> list[FrameRequest]:
        """Those that a frame of this stamp will do for."""
        with self._lock:
            return [one for one in self._waiting if one.accepts(stamp_ns, now_ns)]

    def begun_for(self, stamp_ns: int) -> list[FrameRequest]:
        """Those that have accepted a frame of this stamp."""
        with self._lock:
            return [one for one in self._waiting if one.has_accepted(stamp_ns)]

    def interrupt_all(self, why: str) -> None:
        """Ends all, since the node was told to stop."""
        with self._lock:
            waiting = list(self._waiting)
        for request in waiting:
            request.interrupt(why)

    def restart_all(self, now_ns: int) -> None:
        """Time has jumped: all wait anew."""
        with self._lock:
            for request in self._waiting:
                request.restart(now_ns)
