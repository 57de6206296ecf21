"""Pairs what arrives on two topics by exactly the same stamp; knows nothing of ROS."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

Truth = TypeVar("Truth")
Result = TypeVar("Result")

Loss: TypeAlias = Literal[
    "truth_without_result",
    "result_without_truth",
    "duplicate_truth",
    "duplicate_result",
    "labels_not_announced",
]
"""Why something was never paired, or its pair never scored."""

CAPACITY: Final = 1000  # at 10 Hz, a model that takes 100 s a frame
REMEMBERED: Final = 10_000  # stamps of what is over: 100 s at 100 Hz


@dataclass(frozen=True)
class Frames:
    """What became of the truths: received = scored + dropped + pending.

    Attributes:
        received: Truths that arrived.
        scored: Of these, paired and accepted.
        dropped: Of these, given up: pushed out of the full buffer, or refused after pairing.
        pending: Of these, still waiting for their result.
    """

    received: int = 0
    scored: int = 0
    dropped: int = 0
    pending: int = 0

    def __add__(self, other: Frames) -> Frames:
        """Both together."""
        return Frames(**{key: value + getattr(other, key) for key, value in asdict(self).items()})


class Pairing(Generic[Truth, Result]):
    """Holds what waits for its partner, oldest first, up to a capacity a side.

    A result without a truth is no frame and is not counted; it waits too, since the two topics
    arrive in any order. Of two truths (or results) of one stamp that wait together, the first one
    stays. After a pair is decided, its stamp may come again on both topics, as where a recording
    is played twice: whether that is to be scored again is for `score` to say.
    """

    def __init__(
        self,
        score: Callable[[int, Truth, Result], bool | None],
        capacity: int = CAPACITY,
        on_loss: Callable[[Loss, int], None] = lambda loss, stamp_ns: None,
    ) -> None:
        """Starts empty.

        Args:
            score: Takes the stamp (nanoseconds) and the pair; whether it could be scored. None:
                not yet, so the pair waits for `retry`.
            capacity: Of each side's buffer, at least 1.
            on_loss: Takes each loss and its stamp (nanoseconds).
        """
        if capacity < 1:
            raise ValueError(f"capacity {capacity} holds nothing; use at least 1")
        self._score = score
        self._capacity = capacity
        self._on_loss = on_loss
        self._truths: OrderedDict[int, Truth] = OrderedDict()
        self._results: OrderedDict[int, Result] = OrderedDict()
        self._pushed_out: OrderedDict[int, None] = OrderedDict()
        self._decided: OrderedDict[int, None] = OrderedDict()
        self._frames = Frames()

    @property
    def frames(self) -> Frames:
        """The counts now."""
        return replace(self._frames, pending=self._frames.pending + len(self._truths))

    @property
    def held(self) -> tuple[int, int]:
        """How many truths and results wait; neither is above the capacity."""
        return len(self._truths), len(self._results)

    def reset(self) -> None:
        """Forgets what waits, what is over and what was counted."""
        for memory in (self._truths, self._results, self._pushed_out, self._decided):
            memory.clear()
        self._frames = Frames()

    def put_truth(self, stamp_ns: int, truth: Truth) -> None:
        """Takes a truth; one whose stamp waits already is a duplicate and dropped."""
        self._count(received=1)
        if stamp_ns in self._truths:
            self._count(dropped=1)
            self._on_loss("duplicate_truth", stamp_ns)
            return
        self._pushed_out.pop(stamp_ns, None)  # a recording is played again
        self._truths[stamp_ns] = truth
        self._pair(stamp_ns)
        while len(self._truths) > self._capacity:
            self._push_out(next(iter(self._truths)))

    def put_result(self, stamp_ns: int, result: Result) -> bool:
        """Takes a result; whether its truth was not pushed out before."""
        if stamp_ns in self._results:
            self._on_loss("duplicate_result", stamp_ns)
            return True
        self._results[stamp_ns] = result
        self._pair(stamp_ns)
        while len(self._results) > self._capacity:
            self._lose_result(next(iter(self._results)))
        return stamp_ns not in self._pushed_out

    def retry(self) -> None:
        """Scores the pairs that could not be scored yet."""
        for stamp_ns in list(self._truths):
            self._pair(stamp_ns)

    def finish(self) -> None:
        """Says of all that still waits what it lacks, and holds it no longer.

        Such truths stay counted as pending, but for the duplicates, which are dropped.
        """
        for stamp_ns in list(self._truths):
            duplicate = self._lose_truth(stamp_ns) == "duplicate_truth"
            self._count(dropped=int(duplicate), pending=int(not duplicate))
        for stamp_ns in list(self._results):
            self._lose_result(stamp_ns)

    def _pair(self, stamp_ns: int) -> None:
        if stamp_ns in self._truths and stamp_ns in self._results:
            scored = self._score(stamp_ns, self._truths[stamp_ns], self._results[stamp_ns])
            if scored is None:
                return
            del self._truths[stamp_ns], self._results[stamp_ns]
            self._count(scored=int(scored), dropped=int(not scored))
            _remember(self._decided, stamp_ns)

    def _push_out(self, stamp_ns: int) -> None:
        self._lose_truth(stamp_ns)
        self._count(dropped=1)
        _remember(self._pushed_out, stamp_ns)

    def _lose_truth(self, stamp_ns: int) -> Loss:
        del self._truths[stamp_ns]
        loss: Loss = "truth_without_result"
        if self._results.pop(stamp_ns, None) is not None:
            loss = "labels_not_announced"  # all that a pair can wait for
        elif stamp_ns in self._decided:
            loss = "duplicate_truth"
        self._on_loss(loss, stamp_ns)
        return loss

    def _lose_result(self, stamp_ns: int) -> None:
        del self._results[stamp_ns]
        # Its truth, if it is there, waits on: another result of the stamp may come.
        decided = stamp_ns in self._decided
        self._on_loss("duplicate_result" if decided else "result_without_truth", stamp_ns)

    def _count(self, **more: int) -> None:
        now = {name: getattr(self._frames, name) + value for name, value in more.items()}
        self._frames = replace(self._frames, **now)


def _remember(stamps: OrderedDict[int, Any], stamp_ns: int) -> None:
    stamps[stamp_ns] = None
    stamps.move_to_end(stamp_ns)
    while len(stamps) > REMEMBERED:
        stamps.popitem(last=False)
