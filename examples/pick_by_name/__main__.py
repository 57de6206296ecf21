"""A planner: finds a thing by its name, picks it with a suction cup and puts it in the basket.

    python examples/pick_by_name --ros-args -p text:="tuna can"

What it knows comes from perception (perception/find_object), the depth camera, /tf and the arm;
of a simulator it knows nothing. It goes to work at once if `text` is given, and again at each call
of pick_by_name/pick, with the text and language that its parameters have then.
"""

import sys
from typing import Any

from arm import Arm, ArmError
from asking import NoAnswerError
from eyes import Eyes
from grasp import suction_grasps
from handling import Handler, PickError
from looking import Looker
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future
from settings import SETTINGS
from std_srvs.srv import Trigger

from culture_perception.nodes.parameters import Values, declare, refuse_unknown, watch
from culture_perception.nodes.running import ManagedNode, run_node
from culture_perception.nodes.waiting import within

WORLD = "world"


class PickByName(ManagedNode):
    """All callbacks are coroutines of one executor: none blocks another while it waits."""

    def __init__(self) -> None:
        super().__init__("pick_by_name")
        self._values = declare(self, SETTINGS)
        refuse_unknown(self)
        watch(self, SETTINGS, self._apply)
        group = ReentrantCallbackGroup()
        self._arm = Arm(self, group, WORLD)
        self._eyes = Eyes(self, group, WORLD)
        self._looker = Looker(self._eyes, self._values.__getitem__, self.get_logger().warning)
        self._handler = Handler(self._arm)
        self._busy = False
        self.create_service(Trigger, "pick_by_name/pick", self._on_pick, callback_group=group)
        if self._values["text"]:
            first: Any = self._pick_first  # rclpy awaits it, though its types do not say so
            self._first = self.create_timer(0.5, first, callback_group=group)

    def _apply(self, values: Values) -> None:
        self._values.update(values)

    async def _pick_first(self) -> None:
        self._first.cancel()
        while not self._arm.is_there() or await self._looker.look() is None:
            await within(self, Future(executor=self.executor), 1.0)
        await self._on_pick(Trigger.Request(), Trigger.Response())

    async def _on_pick(self, request: Trigger.Request, response: Trigger.Response) -> Any:
        if self._busy:
            response.message = "busy: the last pick is not over"
            return response
        self._busy = True
        try:
            response.message = await self._pick()
            response.success = True
        except (PickError, ArmError, NoAnswerError, LookupError) as error:
            response.message = f"arm: {error}" if isinstance(error, ArmError) else str(error)
            await self._give_up()
        finally:
            self._busy = False
        self.get_logger().info(f"{self._values['text']!r}: {response.message}")
        return response

    async def _give_up(self) -> None:
        """Lets go and gets out of the way, as far as the arm still can."""
        try:
            await self._arm.suction(False)
            await self._arm.home()
        except (ArmError, NoAnswerError) as error:
            self.get_logger().error(str(error))

    async def _pick(self) -> str:
        """The whole task; one of the errors that _on_pick knows where a step of it fails."""
        await self._arm.home()
        seen = await self._looker.find()
        await self._handler.take(suction_grasps(seen)[: int(self._values["tries"])])
        await self._handler.put_into_basket(self._eyes.frame("basket").translation)
        await self._arm.home()
        if await self._looker.still_there(seen):
            raise PickError("still there: it is seen where it was")
        return "in the basket"


def main() -> int:
    """Runs the planner; returns the exit code."""
    return run_node(PickByName, "pick_by_name")


if __name__ == "__main__":
    sys.exit(main())
