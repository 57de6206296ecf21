"""Pairs what arrives on two topics by exactly the same stamp; knows nothing of ROS."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

Truth = TypeVar("Truth")
Result = TypeVar("Result")

CAPACITY: Final = 1000  # at 10 Hz, a model that takes 100 s a frame
_REMEMBERED: Final = 10_000  # stamps of truths that were pushed out


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


class Pairing(Generic[Truth, Result]):
    """Holds what waits for its partner, oldest first, up to a capacity a side.

    A result without a truth is no frame and is not counted; it waits too, since the two topics
    arrive in any order.
    """

    def __init__(
        self, score: Callable[[int, Truth, Result], bool | None], capacity: int = CAPACITY
    ) -> None:
        """Starts empty.

        Args:
            score: Takes the stamp (nanoseconds) and the pair; whether it could be scored. None:
                not yet, so the pair waits for `retry`.
            capacity: Of each side's buffer, at least 1.
        """
        if capacity < 1:
            raise ValueError(f"capacity {capacity} holds nothing; use at least 1")
        self._score = score
        self._capacity = capacity
        self._truths: OrderedDict[int, Truth] = OrderedDict()
        self._results: OrderedDict[int, Result] = OrderedDict()
        self._pushed_out: OrderedDict[int, None] = OrderedDict()
        self._frames = Frames()

    @property
    def frames(self) -> Frames:
        """The counts now."""
        return replace(self._frames, pending=len(self._truths))

    def reset(self) -> None:
        """Forgets what waits and what was counted."""
        self._truths.clear()
        self._results.clear()
        self._pushed_out.clear()
        self._frames = Frames()

    def put_truth(self, stamp_ns: int, truth: Truth) -> None:
        """Takes a truth. A second one of the same stamp takes the place of the first."""
        replaced = self._truths.pop(stamp_ns, None) is not None
        self._pushed_out.pop(stamp_ns, None)  # a recording is played again
        self._count(received=1, dropped=int(replaced))
        self._truths[stamp_ns] = truth
        self._pair(stamp_ns)
        pushed_out = _trim(self._truths, self._capacity)
        self._count(dropped=len(pushed_out))
        self._pushed_out.update(dict.fromkeys(pushed_out))
        _trim(self._pushed_out, _REMEMBERED)

    def put_result(self, stamp_ns: int, result: Result) -> bool:
        """Takes a result; whether its truth was not pushed out before."""
        self._results[stamp_ns] = result
        self._pair(stamp_ns)
        _trim(self._results, self._capacity)
        return stamp_ns not in self._pushed_out

    def retry(self) -> None:
        """Scores the pairs that could not be scored yet."""
        for stamp_ns in list(self._truths):
            self._pair(stamp_ns)

    def _pair(self, stamp_ns: int) -> None:
        if stamp_ns in self._truths and stamp_ns in self._results:
            scored = self._score(stamp_ns, self._truths[stamp_ns], self._results[stamp_ns])
            if scored is None:
                return
            del self._truths[stamp_ns], self._results[stamp_ns]
            self._count(scored=int(scored), dropped=int(not scored))

    def _count(self, **more: int) -> None:
        now = {name: getattr(self._frames, name) + value for name, value in more.items()}
        self._frames = replace(self._frames, **now)


def _trim(waiting: OrderedDict[int, Any], capacity: int) -> list[int]:
    """Takes the oldest out, down to the capacity; their stamps."""
    excess = max(0, len(waiting) - capacity)
    return [waiting.popitem(last=False)[0] for _ in range(excess)]
