"""What the actions of perception have in common: a goal waits for a frame, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Protocol

from rclpy.action.server import ServerGoalHandle
from rclpy.node import Node
from rclpy.task import Future

from culture_perception.nodes.frame_requests import FrameRequest
from culture_perception.nodes.label_messages import stamp_to_ns
from culture_perception.nodes.text_search import TextSearch
from culture_perception.nodes.waiting import steady_clock
from culture_perception.perceiving import Perceiver
from culture_perception.rigid_transform import RigidTransform

TICK_S: Final = 0.02
FEEDBACK_S: Final = 0.2


class Ending(Enum):
    """How the waiting for a frame ended."""

    ANSWERED = "answered"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CANCELED = "canceled"
    NO_IMAGE = "no image"
    STALE = "stale"
    DEADLINE = "deadline"


class Host(Protocol):
    """What the actions need of the perception node."""

    @property
    def node(self) -> Node:
        """The node."""

    @property
    def perceiver(self) -> Perceiver | None:
        """Models and labels; None: not configured."""

    @property
    def search(self) -> TextSearch | None:
        """What texts ask for; None: not configured."""

    def not_ready(self) -> str:
        """Why no frame would be recognised; empty: it would."""

    def why_silent(self) -> str:
        """What /diagnostics says of the silence."""

    def submit(self, request: FrameRequest) -> None:
        """Has a request wait, and hands it the newest frame if that will do."""

    def withdraw(self, request: FrameRequest) -> None:
        """Nobody waits for it any more."""

    def transform_to(self, frame: str, from_frame: str, stamp_ns: int) -> RigidTransform:
        """Waits a little for a transform; TransformError where there is none."""

    def value(self, name: str) -> Any:
        """A parameter."""


def accepted_ns(goal: ServerGoalHandle[Any, Any, Any]) -> int:
    """When a goal was accepted, by the node's clock: before its client hears of it.

    A client that has its camera take a picture as soon as it knows must get that picture.
    """
    # rclpy has no public way to this stamp, which goes out in the answer to the client.
    return stamp_to_ns(goal._goal_info.stamp)


async def wait_for_frame(
    host: Host,
    goal: ServerGoalHandle[Any, Any, Any],
    request: FrameRequest,
    timeout_s: float,
    feedback: Callable[[str, float], Any],
    started_s: float | None = None,
) -> tuple[Ending, str]:
    """Waits until the request has a result, the goal is canceled or its time is over.

    Args:
        host: the node.
        goal: gets feedback.
        request: of the goal.
        timeout_s: from `started_s`.
        feedback: makes the message from the stage and the seconds gone by.
        started_s: time.monotonic() from which to count; None: from now.

    Returns:
        How it ended, and why, for people.
    """
    ended: Future[Ending] = Future(executor=host.node.executor)
    watch = _Watch(goal, request, timeout_s, feedback, ended)
    if started_s is not None:
        watch.started_s = started_s
    host.submit(request)
    timer = host.node.create_timer(TICK_S, watch.tick, clock=steady_clock())
    try:
        watch.tick()
        outcome: Any = await ended
    finally:
        host.node.destroy_timer(timer)
        host.withdraw(request)
    ending: Ending = outcome
    return ending, _why(ending, request, host, timeout_s)


class _Watch:
    """Looks at a goal now and then, in the executor's thread."""

    def __init__(
        self,
        goal: ServerGoalHandle[Any, Any, Any],
        request: FrameRequest,
        timeout_s: float,
        feedback: Callable[[str, float], Any],
        ended: Future[Ending],
    ) -> None:
        self.ended = ended
        self._goal = goal
        self._request = request
        self._timeout_s = timeout_s
        self._feedback = feedback
        self.started_s = time.monotonic()
        self._told_s = -FEEDBACK_S

    def tick(self) -> None:
        if self.ended.done():
            return
        elapsed_s = time.monotonic() - self.started_s
        ending = self._ending(elapsed_s)
        if ending is not None:
            self.ended.set_result(ending)
        elif elapsed_s - self._told_s >= FEEDBACK_S:
            self._told_s = elapsed_s
            stage = "recognising" if self._request.begun else "waiting"
            self._goal.publish_feedback(self._feedback(stage, elapsed_s))

    def _ending(self, elapsed_s: float) -> Ending | None:
        request = self._request
        if self._goal.is_cancel_requested:
            return Ending.CANCELED
        if request.is_done:
            return _ended(request)
        if elapsed_s < self._timeout_s:
            return None
        if request.begun:
            return Ending.DEADLINE
        return Ending.NO_IMAGE if request.stale_s is None else Ending.STALE


def _ended(request: FrameRequest) -> Ending:
    if request.interrupted:
        return Ending.INTERRUPTED
    return Ending.FAILED if request.error else Ending.ANSWERED


def _why(ending: Ending, request: FrameRequest, host: Host, timeout_s: float) -> str:
    if ending in (Ending.FAILED, Ending.INTERRUPTED):
        return request.error
    if ending is Ending.NO_IMAGE:
        return f"no image within {timeout_s:g} s: {host.why_silent()}"
    if ending is Ending.STALE:
        limit = f"max_age_s {request.max_age_s:g}" if request.max_age_s else "0, as max_age_s is 0"
        return (
            f"images come, but the youngest was {request.stale_s:.3f} s old by its stamp (allowed: "
            f"{limit}); check the camera's clock, or allow more"
        )
    if ending is Ending.DEADLINE:
        return f"a frame was begun, but not done within {timeout_s:g} s; allow more time"
    return "canceled" if ending is Ending.CANCELED else ""
