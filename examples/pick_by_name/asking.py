"""Actions and services to await, with a deadline: nothing that has died is waited for."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node

from culture_perception.nodes.waiting import within


class NoAnswerError(RuntimeError):
    """Nobody serves it, or nothing came in time; the message says what was asked."""


async def act(node: Node, client: Any, name: str, goal: Any, timeout_s: float) -> Any:
    """The result of an action. NoAnswerError: none came, or the goal was not accepted."""
    if not client.server_is_ready():
        raise NoAnswerError(f"action {name} is not there: does its node run?")
    handle = await answered(node, client.send_goal_async(goal), name, timeout_s)
    if not handle.accepted:
        raise NoAnswerError(f"action {name} does not accept the goal")
    return (await answered(node, handle.get_result_async(), name, timeout_s)).result


async def call(node: Node, client: Any, request: Any, timeout_s: float) -> Any:
    """The answer of a service. NoAnswerError: none came."""
    if not client.service_is_ready():
        raise NoAnswerError(f"service {client.srv_name} is not there: does its node run?")
    return await answered(node, client.call_async(request), client.srv_name, timeout_s)


async def answered(node: Node, future: Any, name: str, timeout_s: float) -> Any:
    """What a future holds. NoAnswerError: nothing in time."""
    if not await within(node, future, timeout_s):
        raise NoAnswerError(f"{name} did not answer within {timeout_s:g} s")
    return future.result()
