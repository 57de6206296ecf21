"""Waits in a callback without blocking the executor."""

from __future__ import annotations

from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future


def steady_clock() -> Clock:
    """A clock that runs on where simulated time stands still."""
    return Clock(clock_type=ClockType.STEADY_TIME)


async def within(node: Node, future: Future[Any], timeout_s: float) -> bool:
    """Whether a future is done within so many seconds; to be awaited in a callback of `node`."""
    either: Future[bool] = Future(executor=node.executor)

    def conclude(done: bool) -> None:
        if not either.done():
            either.set_result(done)

    future.add_done_callback(lambda _: conclude(True))
    timer = node.create_timer(timeout_s, lambda: conclude(False), clock=steady_clock())
    try:
        return bool(await either)
    finally:
        node.destroy_timer(timer)
