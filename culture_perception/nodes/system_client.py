"""Talks to a running system from outside: services, and what it says on its topics."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Final, NamedTuple

import rclpy
from culture_interfaces.msg import LabelSet as LabelSetMessage
from culture_interfaces.msg import Scores
from culture_interfaces.srv import GetScores, NewScene, SelectLabels
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_srvs.srv import Trigger

from culture_perception.images import to_rgb
from culture_perception.masks import Uint8Array
from culture_perception.message_records import NANOSECONDS
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import stamp_to_ns
from culture_perception.runner import SystemFailure

ANSWER_TIMEOUT_S: Final = 60.0
SERVICES: Final = ("sim_bridge/new_scene", "labels/select", "evaluator/get_scores")
WARM_UP_S: Final = 3.0


class Frame(NamedTuple):
    """One captured frame: its stamp in nanoseconds and its overlay, uint8 (H, W, 3)."""

    stamp_ns: int
    overlay_rgb: Uint8Array


class SystemClient:
    """A node of its own that waits, with a deadline, for what the system does.

    Use it as a context manager. While it waits it calls `check`, which raises where waiting has
    become pointless.
    """

    def __init__(
        self,
        check: Callable[[], None] = lambda: None,
        overlays: bool = True,
        namespace: str = "",
    ) -> None:
        """Joins the system.

        Args:
            check: called while waiting.
            overlays: whether `capture` will be used; perception draws only what somebody reads.
            namespace: the system's, absolute; empty for the global one.
        """
        self._check = check
        self._context = Context()
        # Signals are the caller's: it has processes to stop.
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node(
            "culture_perception_client", context=self._context, namespace=namespace or None
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._labels_version = ""
        self._scores = Scores()
        self._overlays: dict[int, Image] = {}
        self._models = ""
        self._adapters = ""
        self._diagnosed = f"{namespace}/perception: recognition".lstrip("/")
        subscribe = self._node.create_subscription
        subscribe(LabelSetMessage, "perception/label_set", self._on_labels, qos.LABELS)
        subscribe(Scores, "evaluator/scores", self._on_scores, qos.RESULTS)
        if overlays:
            subscribe(Image, "perception/overlay", self._on_overlay, qos.IMAGES)
        subscribe(DiagnosticArray, "/diagnostics", self._on_diagnostics, qos.RESULTS)

    def __enter__(self) -> SystemClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _on_labels(self, message: LabelSetMessage) -> None:
        self._labels_version = message.version

    def _on_scores(self, message: Scores) -> None:
        self._scores = message

    def _on_overlay(self, message: Image) -> None:
        # Only the newest is asked for; older ones are of frames that were given up.
        self._overlays = {stamp_to_ns(message.header.stamp): message}

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == self._diagnosed:
                self._models = status.hardware_id
                values = {one.key: one.value for one in status.values}
                self._adapters = values.get("adapters", "")

    def wait_for(
        self, condition: Callable[[], bool], what: str, timeout_s: float = ANSWER_TIMEOUT_S
    ) -> None:
        """Waits until the condition holds.

        Raises:
            SystemFailure: It does not within the timeout.
        """
        if not self._holds_within(condition, timeout_s):
            raise SystemFailure(f"{what}: nothing within {timeout_s:g} s")

    def _holds_within(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._check()
            self._executor.spin_once(timeout_sec=0.05)
        return True

    def call(
        self, kind: Any, service: str, request: Any, timeout_s: float = ANSWER_TIMEOUT_S
    ) -> Any:
        """The answer of a service; SystemFailure where it is not there or does not answer."""
        client: Any = self._node.create_client(kind, service)
        try:
            self.wait_for(client.service_is_ready, f"service {service} (is the system running?)")
            future = client.call_async(request)
            self.wait_for(future.done, f"answer of {service}", timeout_s)
            return future.result()
        finally:
            self._node.destroy_client(client)

    def wait_until_up(
        self, timeout_s: float, services: Sequence[str] = SERVICES, labels: bool = True
    ) -> None:
        """Waits until services are there and, with `labels`, perception has taken the active ones.

        Raises:
            SystemFailure: One of that is not within the timeout.
        """
        for service in services:
            self.wait_for(partial(self.is_offered, service), f"service {service}", timeout_s)
        if labels:
            self.wait_for(lambda: self._labels_version != "", "perception's labels", timeout_s)

    def is_offered(self, service: str) -> bool:
        """Whether somebody offers a service, relative to the namespace."""
        name = self._node.resolve_service_name(service)
        return name in dict(self._node.get_service_names_and_types())

    def new_scene(
        self, label_set: str, seed: int, count: int = 0, concept_ids: Sequence[str] = ()
    ) -> str:
        """Puts products on the table; gives what was placed, for people."""
        request = NewScene.Request(
            label_set=label_set, seed=seed, count=count, concept_ids=list(concept_ids)
        )
        return str(_checked(self.call(NewScene, "sim_bridge/new_scene", request)).message)

    def select(self, label_set: str = "", language: str = "", style: str = "") -> Any:
        """Changes the active labels; gives the answer of /labels/select."""
        request = SelectLabels.Request(label_set=label_set, language=language, style=style)
        return _checked(self.call(SelectLabels, "labels/select", request))

    def scores(self, reset: bool = False) -> Scores:
        """The evaluator's scores; `reset` makes it forget them."""
        return self.call(GetScores, "evaluator/get_scores", GetScores.Request(reset=reset)).scores

    def parameter(self, node: str, name: str) -> str:
        """A text parameter of a node."""
        request = GetParameters.Request(names=[name])
        answer = self.call(GetParameters, f"{node}/get_parameters", request)
        return str(answer.values[0].string_value)

    def models(self) -> str:
        """The models that perception uses, with the adapter of the labels in use."""
        self.wait_for(lambda: self._models != "", "perception's diagnostics")
        return self._models

    def adapters(self) -> str:
        """The culture adapters that perception has, with commas between; empty: none."""
        self.models()
        return self._adapters

    def warm_up(self, timeout_s: float) -> None:
        """Captures until a frame was scored and drawn, so that all are connected.

        Those scores are forgotten.
        """
        deadline = time.monotonic() + timeout_s
        while not self._holds_within(
            lambda: self._scores.scored > 0 and bool(self._overlays), WARM_UP_S
        ):
            if time.monotonic() > deadline:
                raise SystemFailure(f"no frame was recognised and scored within {timeout_s:g} s")
            self._trigger()
        self.scores(reset=True)
        self._scores = Scores()

    def capture(self) -> Frame:
        """Takes one frame and waits until it is scored, or counted as dropped, and drawn."""
        decided = self._scores.scored + self._scores.dropped
        stamp_ns = self._trigger()
        self.wait_for(
            lambda: self._scores.scored + self._scores.dropped > decided, f"score of {stamp_ns}"
        )
        self.wait_for(lambda: stamp_ns in self._overlays, f"overlay of {stamp_ns}")
        return Frame(stamp_ns, to_rgb(self._overlays.pop(stamp_ns)))

    def _trigger(self) -> int:
        answer = _checked(self.call(Trigger, "sim_bridge/capture", Trigger.Request()))
        sec, nanosec = answer.message.split(".")
        return int(sec) * NANOSECONDS + int(nanosec)


def _checked(answer: Any) -> Any:
    if not answer.success:
        raise SystemFailure(answer.message)
    return answer
