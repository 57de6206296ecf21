"""Publishes what perception says about itself, once a second, in every state of its lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.parameter import Parameter
from std_msgs.msg import Header

from culture_perception.adapting import adapters_of
from culture_perception.nodes import qos
from culture_perception.nodes.diagnosis import Facts, Level, Status, diagnose
from culture_perception.nodes.lifecycle import Stage
from culture_perception.nodes.waiting import steady_clock
from culture_perception.nodes.worker import Counts

if TYPE_CHECKING:
    from culture_perception.nodes.perception import Perception

PERIOD_S: Final = 1.0  # REP-107
LABELS_TOPIC: Final = "labels/active"


class PerceptionDiagnostics:
    """Collects facts of the node by a timer of its own."""

    def __init__(self, node: Perception) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", qos.RESULTS)
        # A clock of its own: simulated time may stand still, which is a thing to report.
        node.create_timer(PERIOD_S, self.publish, clock=steady_clock())

    def publish(self) -> None:
        """Says how the node is."""
        header = Header(stamp=self._node.get_clock().now().to_msg())
        statuses = [self._message(one) for one in diagnose(self.facts())]
        self._publisher.publish(DiagnosticArray(header=header, status=statuses))

    def summary(self) -> str:
        """The most telling of what is wrong, or when the last frame came."""
        facts = self.facts()
        status, color = diagnose(facts)[0], facts.color
        if status.level == Level.OK and color is not None and color.age_s is not None:
            return f"the last one on {color.topic} came {color.age_s:.1f} s ago"
        return status.message

    def facts(self) -> Facts:
        """What is known now."""
        node, pipeline = self._node, self._node.pipeline
        listening = node.stage is Stage.ACTIVE
        topic = node.resolve_topic_name(LABELS_TOPIC)
        perceiver = node.perceiver
        return Facts(
            stage=node.stage.value,
            transition_error=node.transition_error,
            counts=Counts() if pipeline is None else pipeline.counts,
            color=node.camera.color_facts() if listening else None,
            depth=node.camera.depth_facts() if listening else None,
            labels=self._labels(),
            label_topic=topic,
            label_publishers=node.count_publishers(topic),
            clock_topic=self._silent_clock(),
            rivals=node.outputs.count_rivals(),
            result_topic=node.outputs.result_topic(),
            models=self._models(),
            adapters=() if perceiver is None else tuple(adapters_of(perceiver.encoder)),
            stage_ms={} if pipeline is None else pipeline.stage_ms,
            last_error="" if pipeline is None else pipeline.last_error,
            notices=self._notices(),
            stale_s=float(node.value("stale_s")),
        )

    def _labels(self) -> str:
        """The active labels, for people; empty: none yet."""
        perceiver = self._node.perceiver
        if perceiver is None or perceiver.bank is None:
            return ""
        labels = perceiver.bank.labels
        return f"{labels.label_set} {labels.language} {labels.style} ({labels.version})"

    def _notices(self) -> tuple[str, ...]:
        """What the models do with less than was asked for, and why, each once."""
        perceiver = self._node.perceiver
        if perceiver is None:
            return ()
        told = (self._node.runtime_notice, perceiver.segmenter.notice, perceiver.encoder.notice)
        return tuple(dict.fromkeys(one for one in told if one))

    def _silent_clock(self) -> str:
        use: Parameter[bool] = self._node.get_parameter("use_sim_time")
        return "/clock" if use.value and self._node.get_clock().now().nanoseconds == 0 else ""

    def _models(self) -> str:
        perceiver = self._node.perceiver
        if perceiver is None:
            return ""
        return f"{perceiver.segmenter.name}, {perceiver.encoder.name}"

    def _message(self, status: Status) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=bytes([status.level]),
            name=f"{self._node.get_fully_qualified_name().lstrip('/')}: {status.name}",
            message=status.message,
            hardware_id=self._models(),
            values=[KeyValue(key=key, value=value) for key, value in status.values.items()],
        )
