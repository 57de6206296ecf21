"""Looks for the thing that the parameters name, until it is found or given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asking import NoAnswerError
from culture_interfaces.action import FindObject
from culture_interfaces.msg import LabelledMask
from eyes import Eyes
from grasp import Points
from handling import PickError

MOVED_M = 0.05
CLEAR_LEAD = 0.3  # by which probability a doubtful thing has to lead
AGAIN = (  # another frame may do
    FindObject.Result.OK,
    FindObject.Result.NOT_FOUND,
    FindObject.Result.NO_IMAGE,
    FindObject.Result.STALE,
    FindObject.Result.DEADLINE,
    FindObject.Result.NOT_READY,
    FindObject.Result.NO_TRANSFORM,
)
REASONS = {
    FindObject.Result.NOT_FOUND: "not found",
    FindObject.Result.AMBIGUOUS: "ambiguous",
}


class Looker:
    """Decides what to make of perception's answers."""

    def __init__(self, eyes: Eyes, value: Callable[[str], Any], warn: Callable[[str], Any]) -> None:
        self._eyes, self._value, self._warn = eyes, value, warn

    async def look(self) -> Any:
        """FindObject's result; None while perception is not there."""
        asked = self._value("text"), self._value("language"), self._value("find_timeout_s")
        try:
            result = await self._eyes.find(*asked)
        except NoAnswerError as error:
            self._warn(str(error))
            return None
        return None if result.code == FindObject.Result.NOT_READY else result

    async def find(self) -> Points:
        """Looks until the thing is found, in this frame or in another; its points in the world."""
        why = "perception is not ready"
        for _ in range(self._value("looks")):
            result = await self.look()
            if result is None:
                continue
            points = self._located(result)
            if points is not None:
                return points
            why = f"{REASONS.get(result.code, 'no view')} ({result.message})"
            if result.code not in AGAIN:
                break
        raise PickError(why)

    def _located(self, result: Any) -> Points | None:
        """The points of what is to be picked; None where it is not found, or has no place."""
        mask = self._chosen(result)
        if mask is None:
            return None
        try:
            return self._eyes.points(result, mask)
        except LookupError as error:
            self._warn(f"found, but without a place: {error}")
            return None

    def _chosen(self, result: Any) -> LabelledMask | None:
        """The mask to pick; one of several that fit, or a doubtful one, where that is allowed."""
        if result.code == FindObject.Result.OK:
            return result.mask
        if result.code == FindObject.Result.AMBIGUOUS and self._value("take_best"):
            return result.candidates[0]
        if result.code == FindObject.Result.NOT_FOUND and result.candidates:
            best, *others = result.candidates
            clear = all(one.probability < best.probability - CLEAR_LEAD for one in others)
            if clear and best.probability > self._value("take_doubtful"):
                return best
        return None

    async def still_there(self, before: Points) -> bool:
        """Whether it is found again where it was; elsewhere it is something else."""
        result = await self.look()
        now = None if result is None else self._located(result)
        if now is None:
            return False
        return bool(((now.mean(axis=0) - before.mean(axis=0)) ** 2).sum() < MOVED_M**2)
