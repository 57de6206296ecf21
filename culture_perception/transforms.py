"""Frames and where they were: what tf2 does, in numpy and scipy.

tf2's Python module is in no package index, so that a machine without a ROS installation has none;
hence this. Behaviour and limits are tf2's: a tree, 10 s of history, linear interpolation of places
and spherical of turns, and no guess before the first or after the last known transform.
"""

from __future__ import annotations

import bisect
import threading
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from culture_perception.message_records import NANOSECONDS
from culture_perception.rigid_transform import RigidTransform, interpolate

__all__ = ["HISTORY_NS", "RigidTransform", "TransformError", "TransformTree"]

HISTORY_NS: Final = 10 * NANOSECONDS
"""How much of a moving frame's past is kept, as in tf2."""


class TransformError(LookupError):
    """No transform; the message says which frame or stamp is missing, and what to do."""


@dataclass
class _Edge:
    """Where a frame was in its parent; stamps rise."""

    parent: str
    static: bool
    stamps_ns: list[int] = field(default_factory=list)
    transforms: list[RigidTransform] = field(default_factory=list)

    def put(self, stamp_ns: int, transform: RigidTransform) -> None:
        if self.static or (self.stamps_ns and stamp_ns < self.stamps_ns[-1] - HISTORY_NS):
            # So far back that the clock was set back: what came before is of another time.
            self.stamps_ns, self.transforms = [], []
        at = bisect.bisect_left(self.stamps_ns, stamp_ns)
        same = at < len(self.stamps_ns) and self.stamps_ns[at] == stamp_ns
        self.stamps_ns[at : at + same] = [stamp_ns]
        self.transforms[at : at + same] = [transform]
        old = bisect.bisect_left(self.stamps_ns, self.stamps_ns[-1] - HISTORY_NS)
        del self.stamps_ns[:old], self.transforms[:old]

    def at(self, stamp_ns: int, child: str) -> RigidTransform:
        if self.static:
            return self.transforms[0]
        stamps = self.stamps_ns
        if not stamps[0] <= stamp_ns <= stamps[-1]:
            raise TransformError(f"{child!r} in {self.parent!r} {_why_not(stamp_ns, stamps)}")
        after = bisect.bisect_left(stamps, stamp_ns)
        if stamps[after] == stamp_ns:
            return self.transforms[after]
        share = (stamp_ns - stamps[after - 1]) / (stamps[after] - stamps[after - 1])
        return interpolate(self.transforms[after - 1], self.transforms[after], share)


def _why_not(stamp_ns: int, stamps: list[int]) -> str:
    late_s, early_s = (stamp_ns - stamps[-1]) / NANOSECONDS, (stamps[0] - stamp_ns) / NANOSECONDS
    clocks = "check that both use the same clock (use_sim_time)"
    if late_s > 0:
        return (
            f"is known only up to {late_s:.3f} s before the stamp asked for; wait for it, or check "
            f"that its publisher runs, and {clocks}"
        )
    return (
        f"is known only from {early_s:.3f} s after the stamp asked for; "
        f"{HISTORY_NS // NANOSECONDS} s are kept: ask sooner, or {clocks}"
    )


class TransformTree:
    """Frames and where they were. Any thread may call it."""

    def __init__(self) -> None:
        self._edges: dict[str, _Edge] = {}
        self._changed = threading.Condition()

    def put(
        self,
        parent: str,
        child: str,
        stamp_ns: int,
        transform: RigidTransform,
        static: bool = False,
    ) -> None:
        """Says where a frame was at a stamp; where `static`, always.

        A child that gets another parent, or becomes static or moving, starts anew.

        Raises:
            TransformError: a name is empty, or the frames would make a ring.
        """
        parent, child = parent.lstrip("/"), child.lstrip("/")
        if not parent or not child:
            raise TransformError(f"frame {child!r} in {parent!r}: a frame needs a name")
        with self._changed:
            if child in self._ancestors(parent):
                raise TransformError(
                    f"frame {child!r} in {parent!r} would make a ring, as {parent!r} is already "
                    f"below it; give each frame one place"
                )
            edge = self._edges.get(child)
            if edge is None or (edge.parent, edge.static) != (parent, static):
                edge = self._edges[child] = _Edge(parent, static)
            edge.put(stamp_ns, transform)
            self._changed.notify_all()

    def lookup(
        self, target: str, source: str, stamp_ns: int, timeout_s: float = 0.0
    ) -> RigidTransform:
        """How coordinates in `source` become those in `target`, at a stamp.

        Args:
            target: frame.
            source: frame.
            stamp_ns: nanoseconds; an image's own, not the time of the call.
            timeout_s: how long to wait for it, seconds; transforms may come later than the image.

        Raises:
            TransformError: a frame is not known, the two are not connected, or the stamp is
                before the first or after the last known transform.
        """
        found: list[RigidTransform] = []

        def try_it() -> bool:
            try:
                found.append(self._lookup(target.lstrip("/"), source.lstrip("/"), stamp_ns))
            except TransformError:
                return False
            return True

        with self._changed:
            if timeout_s > 0 and self._changed.wait_for(try_it, timeout_s):
                return found[0]
            return self._lookup(target.lstrip("/"), source.lstrip("/"), stamp_ns)

    def frames(self) -> list[str]:
        """All known frames, sorted."""
        with self._changed:
            return sorted({*self._edges, *(edge.parent for edge in self._edges.values())})

    def clear_moving(self) -> None:
        """Forgets what is not static: after a time jump it is of another time."""
        with self._changed:
            self._edges = {child: edge for child, edge in self._edges.items() if edge.static}

    def _ancestors(self, frame: str) -> list[str]:
        """The frame, its parent and so on up to the root."""
        chain = [frame]
        while edge := self._edges.get(chain[-1]):
            chain.append(edge.parent)
        return chain

    def _lookup(self, target: str, source: str, stamp_ns: int) -> RigidTransform:
        for frame in (target, source):
            self._check_known(frame)
        up, down = self._ancestors(source), self._ancestors(target)
        shared = next((frame for frame in up if frame in down), None)
        if shared is None:
            raise TransformError(
                f"frames {source!r} (below {up[-1]!r}) and {target!r} (below {down[-1]!r}) are "
                "not connected; publish the transform that joins the two trees"
            )

        def to_shared(chain: list[str]) -> RigidTransform:
            steps = [
                self._edges[frame].at(stamp_ns, frame) for frame in chain[: chain.index(shared)]
            ]
            return reduce(lambda inner, outer: outer.compose(inner), steps, RigidTransform())

        return to_shared(down).inverse().compose(to_shared(up))

    def _check_known(self, frame: str) -> None:
        known = self.frames()
        if frame not in known:
            raise TransformError(
                f"no transform names frame {frame!r}; known: {', '.join(known) or 'none yet'}; "
                "check the name, and that its publisher runs"
            )
