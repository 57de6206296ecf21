"""Hears results as a robot's own node would, in a thread of its own, and keeps what they tell."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final

import rclpy
from culture_interfaces.msg import LabelledMaskArray
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import stamp_to_ns
from culture_perception.soak.summary import Result

COUNTS: Final = ("received", "processed", "dropped", "failed")


class ResultListener:
    """Context manager: listens from entry to exit.

    Attributes:
        results: what arrived, in order; the times are seconds from entry.
        notices: what /diagnostics said other than that all is well, each once.
    """

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.notices: list[str] = []
        self._counts: list[dict[str, int]] = []
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node("culture_perception_listener", context=self._context)
        self._node.create_subscription(
            LabelledMaskArray, "perception/labelled_masks", self._on_result, qos.RESULTS
        )
        self._node.create_subscription(
            DiagnosticArray, "/diagnostics", self._on_diagnostics, qos.RESULTS
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name="listener", daemon=True)
        self._started_ns = time.time_ns()

    def __enter__(self) -> ResultListener:
        self._started_ns = time.time_ns()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        rclpy.shutdown(context=self._context)
        self._thread.join(5.0)
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()

    def frames(self) -> dict[str, int]:
        """Perception's own counts, from the first diagnostics heard to the last."""
        if not self._counts:
            return dict.fromkeys(COUNTS, 0)
        first, last = self._counts[0], self._counts[-1]
        return {name: last[name] - first[name] for name in COUNTS}

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return

    def _on_result(self, message: LabelledMaskArray) -> None:
        now_ns = time.time_ns()
        named = sum(bool(mask.concept_id) for mask in message.masks)
        self.results.append(
            Result(
                at_s=(now_ns - self._started_ns) / 1e9,
                latency_ms=(now_ns - stamp_to_ns(message.header.stamp)) / 1e6,
                masks=len(message.masks),
                named=named,
            )
        )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            values = {one.key: one.value for one in status.values}
            if all(name in values for name in COUNTS):
                self._counts.append({name: int(values[name]) for name in COUNTS})
            if status.level != b"\x00" and status.message not in self.notices:
                self.notices.append(status.message)
