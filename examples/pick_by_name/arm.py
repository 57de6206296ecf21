"""The arm's action and services, as functions to await."""

from __future__ import annotations

from typing import Any

from asking import act, call
from culture_interfaces.action import MoveTool
from rclpy.action.client import ActionClient
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from std_srvs.srv import SetBool, Trigger

DOWN_XYZW = (0.0, 1.0, 0.0, 0.0)
MOTION_S = 60.0
ANSWER_S = 2 * MOTION_S


class ArmError(RuntimeError):
    """The arm did not do what it was told; the message says why."""


class Arm:
    """Moves a suction cup that points down. Where nobody answers: NoAnswerError."""

    def __init__(self, node: Node, group: CallbackGroup, world: str) -> None:
        self._node, self._world = node, world
        self._move: Any = ActionClient(node, MoveTool, "arm/move_tool", callback_group=group)
        self._suction: Any = node.create_client(SetBool, "arm/suction", callback_group=group)
        self._home: Any = node.create_client(Trigger, "arm/home", callback_group=group)

    def is_there(self) -> bool:
        """Whether everything is served."""
        services = (self._suction, self._home)
        return self._move.server_is_ready() and all(one.service_is_ready() for one in services)

    async def move(
        self, x: float, y: float, z: float, speed_m_s: float = 0.0, until_contact: bool = False
    ) -> bool:
        """Moves the cup in a straight line; whether a contact stopped it. ArmError: it did not."""
        goal = MoveTool.Goal(speed_m_s=speed_m_s, until_contact=until_contact, timeout_s=MOTION_S)
        goal.target.header.frame_id = self._world
        place, turn = goal.target.pose.position, goal.target.pose.orientation
        place.x, place.y, place.z = x, y, z
        turn.x, turn.y, turn.z, turn.w = DOWN_XYZW
        result = await act(self._node, self._move, "arm/move_tool", goal, ANSWER_S)
        if not result.success:
            raise ArmError(f"to ({x:.3f}, {y:.3f}, {z:.3f}): {result.message}")
        return bool(result.contact)

    async def suction(self, on: bool) -> tuple[bool, str]:
        """Switches the suction; whether it holds something then, and why not."""
        answer = await call(self._node, self._suction, SetBool.Request(data=on), ANSWER_S)
        return answer.success, answer.message

    async def home(self) -> None:
        """Up and out of the camera's view. ArmError: it did not get there."""
        answer = await call(self._node, self._home, Trigger.Request(), ANSWER_S)
        if not answer.success:
            raise ArmError(f"home: {answer.message}")
