"""Node that scores perception's results against ground truth of exactly the same stamp."""

import json
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from culture_interfaces.msg import LabelledMaskArray, Scores
from culture_interfaces.msg import LabelSet as LabelSetMessage
from culture_interfaces.srv import GetScores
from std_msgs.msg import Header

from culture_perception.metrics import CellAccumulator, score_frame
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import ns_to_stamp, stamp_to_ns
from culture_perception.nodes.pairing import CAPACITY, Pairing
from culture_perception.nodes.parameters import Setting, declare, refuse_unknown
from culture_perception.nodes.running import ManagedNode, run_node
from culture_perception.nodes.score_messages import (
    cell_to_message,
    message_to_results,
    message_to_truth,
    scores_to_record,
)

SETTINGS: Final = (
    Setting(
        "capacity",
        CAPACITY,
        "frames that wait for their partner; beyond it the oldest is dropped",
        minimum=1,
        maximum=10000,
    ),
    Setting("json_path", "", "file that gets the scores when the node stops; empty: none"),
)
PUBLISH_S: Final = 0.2  # summing up for each of many frames would cost more than scoring them
WARN_AGAIN_S: Final = 30.0  # every frame may have the same fault
MAX_VERSIONS: Final = 100  # of labels, remembered for scoring


class Cell(NamedTuple):
    """What is scored apart."""

    label_set: str
    language: str
    style: str


class Arrived(NamedTuple):
    """A result and when it arrived, nanoseconds of the node's clock."""

    message: LabelledMaskArray
    at_ns: int


class Evaluator(ManagedNode):
    """Publishes /evaluator/scores where they changed; answers /evaluator/get_scores."""

    def __init__(self) -> None:
        super().__init__("evaluator")
        values = declare(self, SETTINGS)
        refuse_unknown(self)
        self._json_path = str(values["json_path"])
        self._cells: dict[Cell, CellAccumulator] = {}
        self._concept_ids: OrderedDict[str, frozenset[str]] = OrderedDict()  # by labels version
        self._last_ns = 0
        self._changed = False
        self._pairing: Pairing[LabelledMaskArray, Arrived] = Pairing(
            self._score, int(values["capacity"])
        )
        self._publisher = self.create_publisher(Scores, "/evaluator/scores", qos.RESULTS)
        for topic in ("/labels/active", "/perception/label_set"):
            self.create_subscription(LabelSetMessage, topic, self._on_labels, qos.LABELS)
        self.create_subscription(
            LabelledMaskArray, "/ground_truth/labelled_masks", self._on_truth, qos.RESULTS
        )
        self.create_subscription(
            LabelledMaskArray, "/perception/labelled_masks", self._on_result, qos.RESULTS
        )
        self.create_timer(PUBLISH_S, self._publish)
        self.create_service(GetScores, "/evaluator/get_scores", self._on_get_scores)
        self.get_logger().info("waiting for ground truth and results")

    def close(self) -> None:
        """Writes the JSON file, if one is asked for."""
        if self._json_path:
            record = scores_to_record(self._scores())
            Path(self._json_path).write_text(
                json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
            )

    def _on_labels(self, message: LabelSetMessage) -> None:
        self._concept_ids[message.version] = frozenset(one.concept_id for one in message.labels)
        self._concept_ids.move_to_end(message.version)
        while len(self._concept_ids) > MAX_VERSIONS:
            self._concept_ids.popitem(last=False)
        self._pairing.retry()
        self._changed = True

    def _on_truth(self, message: LabelledMaskArray) -> None:
        self._pairing.put_truth(stamp_to_ns(message.header.stamp), message)
        self._changed = True

    def _on_result(self, message: LabelledMaskArray) -> None:
        arrived = Arrived(message, self.get_clock().now().nanoseconds)
        if not self._pairing.put_result(stamp_to_ns(message.header.stamp), arrived):
            self.get_logger().warning(
                "results come after their ground truth made room for newer one, so they are not "
                "scored; raise `capacity` of the evaluator or lower `rate_hz` of sim_bridge",
                once=True,
            )
        self._changed = True

    def _publish(self) -> None:
        if self._changed:
            self._changed = False
            self._publisher.publish(self._scores())

    def _score(self, stamp_ns: int, truth: LabelledMaskArray, arrived: Arrived) -> bool | None:
        """Scores a pair; whether that was possible, None before its labels are announced."""
        result = arrived.message
        if truth.label_set != result.label_set:
            self.get_logger().warning(
                f"frame {stamp_ns} dropped: on the table is {truth.label_set!r}, but it was named "
                f"by {result.label_set!r}; select the same",
                throttle_duration_sec=WARN_AGAIN_S,
            )
            return False
        if result.labels_version not in self._concept_ids:
            return None  # on another topic, so the announcement may be later than the result
        try:
            counts = score_frame(
                message_to_truth(truth.masks),
                message_to_results(result.masks),
                self._concept_ids[result.labels_version],
            )
        except ValueError as error:
            self.get_logger().error(
                f"frame {stamp_ns} dropped: {error}", throttle_duration_sec=WARN_AGAIN_S
            )
            return False
        cell = Cell(result.label_set, result.language, result.style)
        latency_ms = (arrived.at_ns - stamp_ns) / 1e6
        self._cells.setdefault(cell, CellAccumulator()).add(counts, latency_ms)
        self._last_ns = stamp_ns
        return True

    def _scores(self, only: Mapping[str, str] | None = None) -> Scores:
        frames = self._pairing.frames
        wanted = {name: value for name, value in (only or {}).items() if value}
        return Scores(
            header=Header(stamp=ns_to_stamp(self._last_ns)),
            received=frames.received,
            scored=frames.scored,
            dropped=frames.dropped,
            pending=frames.pending,
            cells=[
                cell_to_message(cell, accumulator.scores())
                for cell, accumulator in sorted(self._cells.items())
                if wanted.items() <= cell._asdict().items()
            ],
        )

    def _on_get_scores(
        self, request: GetScores.Request, response: GetScores.Response
    ) -> GetScores.Response:
        response.scores = self._scores({name: getattr(request, name) for name in Cell._fields})
        if request.reset:
            self._cells.clear()
            self._pairing.reset()
        return response


def main() -> int:
    """Runs the evaluator; returns the exit code."""
    return run_node(Evaluator, "evaluator")


if __name__ == "__main__":
    sys.exit(main())
