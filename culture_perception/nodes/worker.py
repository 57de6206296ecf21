"""One thread that does a node's heavy work: what is most urgent first, the newest frame next.

Nothing here knows ROS, so that its counting can be tested alone.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Labels = TypeVar("Labels")
Frame = TypeVar("Frame")


@dataclass(frozen=True)
class Counts:
    """What became of the frames: received = processed + dropped + failed + waiting.

    Attributes:
        received: Frames handed over.
        processed: Frames whose result is out.
        dropped: Frames that a newer one replaced before they were begun.
        failed: Frames that could not be processed.
        waiting: Frames begun or next; at most 2.
    """

    received: int = 0
    processed: int = 0
    dropped: int = 0
    failed: int = 0
    waiting: int = 0


class NewestFirstWorker(Generic[Labels, Frame]):
    """Calls `on_labels` and `on_frame` from one thread, never both at a time.

    Label changes go first. Of several frames only the newest is kept; without labels it waits.
    An exception from a callback goes to `on_error` and does not end the thread.
    """

    def __init__(
        self,
        on_labels: Callable[[Labels], None],
        on_frame: Callable[[Frame], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._on_labels = on_labels
        self._on_frame = on_frame
        self._on_error = on_error
        self._labels: Labels | None = None
        self._frame: Frame | None = None
        self._has_labels = False
        self._stopping = False
        self._counts = Counts()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 30.0) -> bool:
        """Ends the thread after the job in hand; whether it ended within the timeout."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def put_labels(self, labels: Labels) -> None:
        """Replaces the labels before the next frame is begun."""
        with self._changed:
            self._labels = labels
            self._changed.notify()

    def put_frame(self, frame: Frame) -> None:
        """Makes `frame` the next one, in place of one that still waits."""
        with self._changed:
            replaced = self._frame is not None
            self._frame = frame
            self._count(received=1, dropped=int(replaced), waiting=int(not replaced))
            self._changed.notify()

    @property
    def counts(self) -> Counts:
        """What became of the frames so far."""
        with self._changed:
            return self._counts

    def _count(self, **more: int) -> None:
        now = {name: getattr(self._counts, name) + value for name, value in more.items()}
        self._counts = replace(self._counts, **now)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                if self._stopping:
                    return
                labels, self._labels = self._labels, None
                frame = None
                if labels is None:
                    frame, self._frame = self._frame, None
            if labels is not None:
                self._take_labels(labels)
            elif frame is not None:
                self._take_frame(frame)

    def _has_work(self) -> bool:
        frame_ready = self._has_labels and self._frame is not None
        return self._stopping or self._labels is not None or frame_ready

    def _take_labels(self, labels: Labels) -> None:
        try:
            self._on_labels(labels)
        except Exception as error:  # the node decides whether it can go on
            self._on_error(error)
            return
        with self._changed:
            self._has_labels = True

    def _take_frame(self, frame: Frame) -> None:
        try:
            self._on_frame(frame)
        except Exception as error:  # the node decides whether it can go on
            with self._changed:
                self._count(failed=1, waiting=-1)
            self._on_error(error)
            return
        with self._changed:
            self._count(processed=1, waiting=-1)
