"""One thread that shows a source's frames at their time, again and again; knows no ROS."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from culture_perception.cameras.frames import CameraError, CameraSource, Item, Problem, SourceFrame
from culture_perception.cameras.pacing import ON_TRIGGER, OWN_PACE, Pace

_LONGEST_S: Final = 60.0


@dataclass(frozen=True)
class Played:
    """What was done so far.

    Attributes:
        frames: shown.
        passed: let go by, because a live source is faster than the rate.
        late: shown more than a frame's time after they were due.
        problems: met.
        rounds: begun.
        last_problem: the newest; empty: none.
        ended: whether the source was played to its end, and nothing more comes.
    """

    frames: int = 0
    passed: int = 0
    late: int = 0
    problems: int = 0
    rounds: int = 0
    last_problem: str = ""
    ended: bool = False


class Player:
    """Shows frames by calling `show` from its thread; the next one is read before it is due.

    A rate of OWN_PACE (-1) keeps to the source's own times, ON_TRIGGER (0) shows a frame at each
    call of `trigger`, any other rate is frames a second. Transforms come at their own times where
    frames do, else before the frame that follows them.
    """

    def __init__(
        self,
        source: CameraSource,
        show: Callable[[Item], None],
        on_end: Callable[[Exception | None], None],
        rate_hz: float = OWN_PACE,
        loop: bool = True,
    ) -> None:
        """Prepares to play.

        Args:
            source: What is played.
            show: Takes everything that the source gives, in its order.
            on_end: Called once from the thread, when nothing more comes: with None at the end of a
                source that is not repeated, else with what went wrong.
            rate_hz: See above.
            loop: Whether to begin again at the end.
        """
        self._source = source
        self._show = show
        self._on_end = on_end
        self._pace = Pace(rate_hz)
        self._loop = loop
        self._changed = threading.Condition()
        self._stopping = False
        self._triggers = 0
        self._played = Played()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ends the thread after the frame in hand; whether it ended within the timeout."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def set_rate(self, rate_hz: float) -> None:
        """Changes the rate, from the frame that is next on."""
        with self._changed:
            self._pace.set_rate(rate_hz)
            self._triggers = 0
            self._changed.notify_all()

    def trigger(self, timeout_s: float) -> bool:
        """Has the next frame shown and waits for it; False where none came within the timeout."""
        with self._changed:
            before = self._played.frames
            self._triggers += int(self._pace.rate_hz == ON_TRIGGER)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._played.frames > before or self._over, timeout_s)
            return self._played.frames > before

    @property
    def played(self) -> Played:
        """What was done so far."""
        with self._changed:
            return self._played

    @property
    def _over(self) -> bool:
        return self._stopping or self._played.ended

    def _is_stopped(self) -> bool:
        return self._stopping

    def _run(self) -> None:
        failure: Exception | None = None
        try:
            self._play()
        except Exception as error:  # any: a thread that ends without a word leaves a mute node
            failure = error
        with self._changed:
            stopped = self._stopping
            self._played = replace(self._played, ended=True)
            self._changed.notify_all()
        if not stopped:
            self._on_end(failure)

    def _play(self) -> None:
        while not self._stopping:
            before = self._count(rounds=1).frames
            self._pace.begin_round()
            for item in self._source.items():
                self._put(item)
                if self._is_stopped():
                    return
            if not self._loop:
                return
            if self._played.frames == before:
                raise CameraError(f"no frame of {self._source.described} can be used any more")

    def _put(self, item: Item) -> None:
        """Shows it at its time, unless it is not its time and the source does not wait."""
        if isinstance(item, Problem):
            self._count(problems=1, last_problem=item.reason)
            self._show(item)
            return
        is_frame = isinstance(item, SourceFrame)
        due_s = self._wait_for_turn(item.due_ns, is_frame)
        if due_s is None:
            self._count(passed=int(is_frame))
            return
        self._show(item)
        if is_frame:
            self._shown(due_s)

    def _wait_for_turn(self, due_ns: int | None, is_frame: bool) -> float | None:
        """When it was due, once it is; None where it is not to be shown at all."""
        with self._changed:
            while not self._stopping:
                now_s = time.monotonic()
                if self._pace.rate_hz == OWN_PACE or is_frame:
                    due_s = self._due_s(due_ns, now_s)
                else:
                    due_s = now_s
                if due_s <= now_s:
                    return due_s
                if self._source.is_live:
                    return None
                self._changed.wait(min(due_s - now_s, _LONGEST_S))
        return None

    def _due_s(self, due_ns: int | None, now_s: float) -> float:
        if self._pace.rate_hz != ON_TRIGGER:
            return self._pace.due_s(due_ns, now_s)
        if self._triggers == 0:
            return math.inf
        self._triggers -= 1
        return now_s

    def _shown(self, due_s: float) -> None:
        with self._changed:
            is_late = self._pace.shown(due_s, self._source.pace_hz, time.monotonic())
            self._count(frames=1, late=int(is_late))
            self._changed.notify_all()

    def _count(self, last_problem: str = "", **more: int) -> Played:
        with self._changed:
            now = {name: getattr(self._played, name) + value for name, value in more.items()}
            problem = last_problem or self._played.last_problem
            self._played = replace(self._played, last_problem=problem, **now)
            return self._played
