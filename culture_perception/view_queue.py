"""What waits to be shown: of each kind the newest message, and the picture that a result is of.

A result comes some time after its image; shown together with a newer one its masks would lie
beside the objects. So pictures are kept until the result of the same stamp comes, or shown alone
where no results come.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

COLOUR: Final = "colour"
DEPTH: Final = "depth"
MASKS: Final = "masks"
_PICTURES: Final = (COLOUR, DEPTH)
_TOLERANCE_NS: Final = 15_000_000  # a camera's depth may be stamped beside its colour


@dataclass(frozen=True, eq=False)
class Waiting:
    """A message, its kind and its stamp in nanoseconds."""

    kind: str
    stamp_ns: int
    message: Any


class ViewQueue:
    """Any thread may put, another takes; nothing grows."""

    def __init__(self, keep: int = 20, silence_s: float = 1.0) -> None:
        """Starts empty.

        Args:
            keep: pictures of each kind that wait for a result; then the oldest goes.
            silence_s: so long without a result, and pictures are shown without.
        """
        self._keep = keep
        self._silence_s = silence_s
        self._lock = threading.Lock()
        self._pictures: dict[str, OrderedDict[int, Any]] = {k: OrderedDict() for k in _PICTURES}
        self._newest: dict[str, Waiting] = {}
        self._last_result_s: float | None = None

    def put(self, kind: str, stamp_ns: int, message: Any) -> None:
        """Hands over a message; one of the same kind that still waits makes room."""
        with self._lock:
            if kind not in _PICTURES:
                self._newest[kind] = Waiting(kind, stamp_ns, message)
                return
            pictures = self._pictures[kind]
            pictures[stamp_ns] = message
            pictures.move_to_end(stamp_ns)
            if len(pictures) > self._keep:
                pictures.popitem(last=False)

    def take(self, now_s: float) -> list[Waiting]:
        """Takes what is to be shown now, pictures first; empty where there is nothing.

        Args:
            now_s: of a clock that only runs forward.
        """
        with self._lock:
            newest, self._newest = self._newest, {}
            others = list(newest.values())
            if MASKS in newest:
                self._last_result_s = now_s
                return [*self._of(newest[MASKS].stamp_ns), *others]
            if self._last_result_s is None or now_s - self._last_result_s > self._silence_s:
                return [*self._latest(), *others]
            return others

    def _of(self, stamp_ns: int) -> list[Waiting]:
        """The pictures of a stamp; they and what came before them wait no longer."""
        found = []
        for kind, pictures in self._pictures.items():
            near = min(pictures, key=lambda one: abs(one - stamp_ns), default=None)
            if near is not None and abs(near - stamp_ns) <= _TOLERANCE_NS:
                found.append(Waiting(kind, stamp_ns, pictures[near]))
                while pictures.popitem(last=False)[0] != near:
                    pass
        return found

    def _latest(self) -> list[Waiting]:
        found = []
        for kind, pictures in self._pictures.items():
            if pictures:
                found.append(Waiting(kind, *pictures.popitem()))
                pictures.clear()
        return found
