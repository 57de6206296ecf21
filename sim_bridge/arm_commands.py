"""The arm's services and action, for the node that simulates it.

Their callbacks are coroutines: they hand over to the simulation's thread and wait without blocking
the executor.
"""

import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from culture_interfaces.action import MoveTool
from rclpy.action.server import ActionServer, CancelResponse, ServerGoalHandle
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from std_msgs.msg import Header
from std_srvs.srv import SetBool, Trigger

from sim_bridge.arm.kinematics import UnreachableError
from sim_bridge.arm.live_world import LiveWorld
from sim_bridge.arm.messages import message_to_pose, pose_to_message
from sim_bridge.arm.motion import Ending
from sim_bridge.arm.simulation_thread import SimulationStopped, SimulationThread

Result = TypeVar("Result")
FASTEST_M_S: Final = 1.5


class _Turn:
    """Awaiting it lets the executor do what else is ready; the joints' timer wakes it again."""

    def __await__(self) -> Generator[None, None, None]:
        yield


async def done(future: "Future[Result]") -> Result:
    """The result of the simulation's thread, without blocking the executor."""
    while not future.done():
        await _Turn()
    return future.result()


class ArmCommands:
    """Serves arm/move_tool, arm/suction and arm/home as long as the node is there."""

    def __init__(
        self,
        node: Node,
        group: CallbackGroup,
        thread: SimulationThread,
        frame: str,
        speed_m_s: Callable[[], float],
    ) -> None:
        """Advertises them.

        Args:
            node: that serves.
            group: a reentrant one, so that a callback that waits does not stop the others.
            thread: started.
            frame: in which targets are given.
            speed_m_s: of the tool, where a goal gives none.
        """
        self._node, self._thread = node, thread
        self._frame, self._speed_m_s = frame, speed_m_s
        self._busy = False
        node.create_service(SetBool, "arm/suction", self._on_suction, callback_group=group)
        node.create_service(Trigger, "arm/home", self._on_home, callback_group=group)
        self._action = ActionServer(
            node,
            MoveTool,
            "arm/move_tool",
            self._on_move,
            cancel_callback=lambda goal: CancelResponse.ACCEPT,
            callback_group=group,
        )

    async def _on_suction(
        self, request: SetBool.Request, response: SetBool.Response
    ) -> SetBool.Response:
        if request.data:
            seal = await done(self._thread.ask(LiveWorld.grip))
            response.success, response.message = seal.holds, seal.reason
        else:
            await done(self._thread.ask(LiveWorld.release))
            response.success = True
        return response

    async def _on_home(
        self, request: Trigger.Request, response: Trigger.Response
    ) -> Trigger.Response:
        """Up first, so that nothing on the table is swept away, then home by the joints."""
        if self._busy:
            response.message = "the arm moves: cancel that motion first"
            return response
        self._busy = True
        try:
            await self._rise()
            ending = await done(self._thread.move(lambda world: world.go_home(self._speed_m_s())))
        finally:
            self._busy = False
        response.success = ending is Ending.ARRIVED
        response.message = "" if response.success else f"the motion was {ending.value}"
        return response

    async def _rise(self) -> None:
        try:
            await done(self._thread.move(lambda world: world.rise(self._speed_m_s())))
        except UnreachableError as error:
            self._node.get_logger().warning(f"going home without rising first: {error}")

    async def _on_move(self, goal: ServerGoalHandle[Any, Any, Any]) -> MoveTool.Result:
        if self._busy:
            goal.abort()
            return MoveTool.Result(message="the arm moves: cancel that motion first")
        self._busy = True
        try:
            result = await self._moved(goal)
        finally:
            self._busy = False
        header = Header(stamp=self._node.get_clock().now().to_msg(), frame_id=self._frame)
        result.reached = pose_to_message(self._thread.state.tool, header)
        return result

    async def _moved(self, goal: ServerGoalHandle[Any, Any, Any]) -> MoveTool.Result:
        request = goal.request
        speed_m_s = min(request.speed_m_s or self._speed_m_s(), FASTEST_M_S)
        try:
            if speed_m_s < 0 or request.timeout_s < 0:
                raise ValueError("speed_m_s and timeout_s must be 0 or more")
            target = message_to_pose(request.target, self._frame)
            motion = self._thread.move(
                lambda world: world.move_to(target, speed_m_s, request.until_contact)
            )
            late = await self._follow(goal, motion)
        except (ValueError, SimulationStopped) as error:  # UnreachableError is a ValueError
            goal.abort()
            return MoveTool.Result(message=str(error))
        return _finished(goal, motion.result(), late)

    async def _follow(
        self, goal: ServerGoalHandle[Any, Any, Any], motion: "Future[Ending]"
    ) -> bool:
        """Waits for the end, with feedback; whether the deadline ended it."""
        deadline = time.monotonic() + (goal.request.timeout_s or float("inf"))
        late = stopped = False
        while not motion.done():
            state = self._thread.state
            if state.moving:
                goal.publish_feedback(MoveTool.Feedback(distance_m=state.left_m))
            late = late or time.monotonic() > deadline
            if (late or goal.is_cancel_requested) and not stopped:
                stopped = True
                self._thread.ask(LiveWorld.stop)
            await _Turn()
        motion.result()  # raises what kept it from beginning
        return late


def _finished(goal: ServerGoalHandle[Any, Any, Any], ending: Ending, late: bool) -> MoveTool.Result:
    """The result of a motion that began; sets the goal's state."""
    if ending in (Ending.ARRIVED, Ending.CONTACT):
        goal.succeed()
        return MoveTool.Result(success=True, contact=ending is Ending.CONTACT)
    if goal.is_cancel_requested:
        goal.canceled()
        return MoveTool.Result(message="canceled")
    goal.abort()
    if late:
        return MoveTool.Result(message=f"not there within {goal.request.timeout_s:g} s")
    if ending is Ending.BLOCKED:
        return MoveTool.Result(message="something is in the way")
    return MoveTool.Result(message="another command stopped it")
