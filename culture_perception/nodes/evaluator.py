"""Node that scores perception's results against ground truth of exactly the same stamp."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from culture_interfaces.msg import LabelledMaskArray, Scores
from culture_interfaces.msg import LabelSet as LabelSetMessage
from culture_interfaces.srv import GetScores
from std_msgs.msg import Header

from culture_perception.message_records import read_labels, read_result, read_truth
from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import ns_to_stamp, stamp_to_ns
from culture_perception.nodes.parameters import Setting, declare, refuse_unknown
from culture_perception.nodes.running import ManagedNode, run_node
from culture_perception.nodes.score_messages import cell_to_message
from culture_perception.pairing import CAPACITY
from culture_perception.score_book import ScoreBook
from culture_perception.tally import Cell, FrameOutcome

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


class Evaluator(ManagedNode):
    """Publishes /evaluator/scores where they changed; answers /evaluator/get_scores."""

    def __init__(self) -> None:
        super().__init__("evaluator")
        values = declare(self, SETTINGS)
        refuse_unknown(self)
        self._json_path = str(values["json_path"])
        self._last_ns = 0
        self._changed = False
        self._book = ScoreBook(int(values["capacity"]), self._on_frame)
        self._publisher = self.create_publisher(Scores, "evaluator/scores", qos.RESULTS)
        for topic in ("labels/active", "perception/label_set"):
            self.create_subscription(LabelSetMessage, topic, self._on_labels, qos.LABELS)
        self.create_subscription(
            LabelledMaskArray, "ground_truth/labelled_masks", self._on_truth, qos.RESULTS
        )
        self.create_subscription(
            LabelledMaskArray, "perception/labelled_masks", self._on_result, qos.RESULTS
        )
        self.create_timer(PUBLISH_S, self._publish)
        self.create_service(GetScores, "evaluator/get_scores", self._on_get_scores)
        self.get_logger().info("waiting for ground truth and results")

    def close(self) -> None:
        """Writes the JSON file, if one is asked for."""
        if self._json_path:
            record = self._book.tally.to_record()
            Path(self._json_path).write_text(
                json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
            )

    def _on_labels(self, message: LabelSetMessage) -> None:
        self._book.announce(read_labels(message))
        self._changed = True

    def _on_truth(self, message: LabelledMaskArray) -> None:
        self._book.put_truth(stamp_to_ns(message.header.stamp), read_truth(message))
        self._changed = True

    def _on_result(self, message: LabelledMaskArray) -> None:
        stamp_ns, at_ns = stamp_to_ns(message.header.stamp), self.get_clock().now().nanoseconds
        if not self._book.put_results(stamp_ns, [read_result(message)], at_ns):
            self.get_logger().warning(
                "results come after their ground truth made room for newer one, so they are not "
                "scored; raise `capacity` of the evaluator or lower `rate_hz` of sim_bridge",
                once=True,
            )
        self._changed = True

    def _on_frame(self, outcome: FrameOutcome) -> None:
        if outcome.cell is not None:
            self._last_ns = outcome.stamp_ns
        elif outcome.reason == "other_label_set":
            self.get_logger().warning(_dropped(outcome), throttle_duration_sec=WARN_AGAIN_S)
        elif outcome.detail:
            self.get_logger().error(_dropped(outcome), throttle_duration_sec=WARN_AGAIN_S)

    def _publish(self) -> None:
        if self._changed:
            self._changed = False
            self._publisher.publish(self._scores())

    def _scores(self, only: Mapping[str, str] | None = None) -> Scores:
        tally = self._book.tally
        wanted = {name: value for name, value in (only or {}).items() if value}
        return Scores(
            header=Header(stamp=ns_to_stamp(self._last_ns)),
            received=tally.frames.received,
            scored=tally.frames.scored,
            dropped=tally.frames.dropped,
            pending=tally.frames.pending,
            cells=[
                cell_to_message(cell, accumulator.scores())
                for cell, accumulator in sorted(tally.cells.items())
                if wanted.items() <= cell._asdict().items()
            ],
        )

    def _on_get_scores(
        self, request: GetScores.Request, response: GetScores.Response
    ) -> GetScores.Response:
        response.scores = self._scores({name: getattr(request, name) for name in Cell._fields})
        if request.reset:
            self._book.reset()
        return response


def _dropped(outcome: FrameOutcome) -> str:
    return f"frame {outcome.stamp_ns} dropped: {outcome.detail}"


def main() -> int:
    """Runs the evaluator; returns the exit code."""
    return run_node(Evaluator, "evaluator")


if __name__ == "__main__":
    sys.exit(main())
