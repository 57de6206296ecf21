"""Asks the planner from outside, and judges by the simulator's truth, which it alone reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import TracebackType
from typing import Final

from culture_interfaces.srv import NewScene
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from culture_perception.nodes.system_client import SystemClient
from culture_perception.runner import SystemFailure

PLANNER: Final = "pick_by_name"
SERVICES: Final = (
    "sim_bridge/new_scene",
    "sim_bridge/basket",
    "labels/select",
    "pick_by_name/pick",
)
PICK_TIMEOUT_S: Final = 300.0


class PickClient:
    """A context manager, as SystemClient."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self._system = SystemClient(check, overlays=False)

    def __enter__(self) -> PickClient:
        self._system.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._system.__exit__(kind, error, trace)

    def start(self, timeout_s: float) -> None:
        """Waits until everything is there. SystemFailure: it is not within the timeout."""
        self._system.wait_until_up(timeout_s, SERVICES)

    def facts(self) -> dict[str, str]:
        """What figures depend on."""
        return {
            "models": self._system.models(),
            "adapters": self._system.adapters(),
            "renderer": self._system.parameter("sim_bridge", "renderer_in_use"),
        }

    def select(self, label_set: str, language: str, style: str) -> None:
        """Changes what perception names by."""
        self._system.select(label_set, language, style)

    def new_scene(self, label_set: str, seed: int, count: int) -> tuple[str, ...]:
        """Concept ids of the products on the table; none where the seed gives no scene."""
        request = NewScene.Request(label_set=label_set, seed=seed, count=count)
        return tuple(self._system.call(NewScene, "sim_bridge/new_scene", request).placed)

    def pick(self, text: str, language: str) -> tuple[bool, str]:
        """Whether the planner says that it picked what the text says, and what it says.

        Raises:
            SystemFailure: it does not take the text, or does not answer within PICK_TIMEOUT_S.
        """
        parameters = [
            Parameter(name, value=value).to_parameter_msg()
            for name, value in (("text", text), ("language", language))
        ]
        request = SetParameters.Request(parameters=parameters)
        for result in self._system.call(
            SetParameters, f"{PLANNER}/set_parameters", request
        ).results:
            if not result.successful:
                raise SystemFailure(f"the planner does not take {text!r}: {result.reason}")
        answer = self._system.call(
            Trigger, f"{PLANNER}/pick", Trigger.Request(), timeout_s=PICK_TIMEOUT_S
        )
        return answer.success, answer.message

    def basket(self) -> tuple[str, ...]:
        """Concept ids of what lies in the basket."""
        answer = self._system.call(Trigger, "sim_bridge/basket", Trigger.Request())
        return tuple(json.loads(answer.message))
