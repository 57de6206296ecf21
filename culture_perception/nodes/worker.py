"""One thread that does a node's heavy work: what is most urgent first, the newest frame next.

Nothing here knows ROS, so that its counting can be tested alone.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Labels = TypeVar("Labels")
Frame = TypeVar("Frame")


@dataclass(frozen=True)
class Counts:
    """What became of the frames.

    received = processed + dropped + failed + unwanted + limited + waiting.

    Attributes:
        received: Frames that came.
        processed: Frames whose result is out.
        dropped: Frames that a newer one replaced before they were begun, or that waited when the
            work was paused.
        failed: Frames that could not be processed.
        unwanted: Frames that were left alone since nobody listens.
        limited: Frames that were left alone since they came sooner than the rate allows.
        waiting: Frames begun or next; at most 2.
    """

    received: int = 0
    processed: int = 0
    dropped: int = 0
    failed: int = 0
    unwanted: int = 0
    limited: int = 0
    waiting: int = 0


class NewestFirstWorker(Generic[Labels, Frame]):
    """Calls `on_labels` and `on_frame` from one thread, never both at a time.

    Label changes go first, then single jobs in their order. Of several frames only the newest is
    kept; without labels it waits. An exception from a callback goes to `on_error` and does not end
    the thread; one from `on_error` itself goes to `on_death`, and then nothing is worked any more.
    """

    def __init__(
        self,
        on_labels: Callable[[Labels], None],
        on_frame: Callable[[Frame], None],
        on_error: Callable[[Exception], None],
        on_death: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self._on_labels = on_labels
        self._on_frame = on_frame
        self._on_error = on_error
        self._on_death = on_death
        self._labels: Labels | None = None
        self._jobs: deque[Callable[[], None]] = deque()
        self._frame: Frame | None = None
        self._has_labels = False
        self._busy = False
        self._stopping = False
        self._counts = Counts()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run_guarded, name="worker", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 30.0) -> bool:
        """Ends the thread after the job in hand; whether it ended within the timeout."""
        self.pause(0.0)
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def pause(self, timeout_s: float = 30.0) -> bool:
        """Drops the frame that waits and lets the one in hand end; whether it did in time."""
        with self._changed:
            if self._frame is not None:
                self._frame = None
                self._count(dropped=1, waiting=-1)
            return self._changed.wait_for(lambda: not (self._busy or self._jobs), timeout_s)

    def put_labels(self, labels: Labels) -> None:
        """Replaces the labels before the next frame is begun."""
        with self._changed:
            self._labels = labels
            self._changed.notify_all()

    def put_job(self, job: Callable[[], None]) -> None:
        """Has something done once, before the next frame is begun."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    def put_frame(self, frame: Frame) -> None:
        """Makes `frame` the next one, in place of one that still waits."""
        with self._changed:
            replaced = self._frame is not None
            self._frame = frame
            self._count(received=1, dropped=int(replaced), waiting=int(not replaced))
            self._changed.notify_all()

    def is_next(self, frame: Frame) -> bool:
        """Whether this frame waits to be begun."""
        with self._changed:
            return self._frame is frame

    def leave(self, why: str) -> None:
        """Counts a frame that is left alone; `why` is "unwanted" or "limited"."""
        with self._changed:
            self._count(received=1, **{why: 1})

    @property
    def counts(self) -> Counts:
        """What became of the frames so far."""
        with self._changed:
            return self._counts

    @property
    def has_labels(self) -> bool:
        """Whether frames can be begun."""
        return self._has_labels

    def _count(self, **more: int) -> None:
        now = {name: getattr(self._counts, name) + value for name, value in more.items()}
        self._counts = replace(self._counts, **now)

    def _run_guarded(self) -> None:
        try:
            self._run()
        except BaseException as error:
            self._on_death(error)
            raise

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(self._has_work)
                if self._stopping:
                    return
                work = self._next()
                self._busy = True
            work()

    def _has_work(self) -> bool:
        frame_ready = self._has_labels and self._frame is not None
        urgent = self._labels is not None or bool(self._jobs)
        return self._stopping or urgent or frame_ready

    def _next(self) -> Callable[[], object]:
        if self._labels is not None:
            labels, self._labels = self._labels, None
            return lambda: self._take_labels(labels)
        if self._jobs:
            job = self._jobs.popleft()
            return lambda: self._attempt(job)
        frame, self._frame = self._frame, None
        if frame is None:
            raise AssertionError("the worker was woken without work")
        return lambda: self._take_frame(frame)

    def _take_labels(self, labels: Labels) -> None:
        if self._attempt(lambda: self._on_labels(labels)):
            with self._changed:
                self._has_labels = True

    def _take_frame(self, frame: Frame) -> None:
        done = self._attempt(lambda: self._on_frame(frame), failed=1, waiting=-1)
        if done:
            with self._changed:
                self._count(processed=1, waiting=-1)

    def _attempt(self, job: Callable[[], None], **counted: int) -> bool:
        try:
            job()
        except Exception as error:  # the node decides whether it can go on
            with self._changed:
                self._count(**counted)
            self._on_error(error)
            return False
        return True
