"""The evaluator as a process, fed with frames whose scores are computed by hand."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from culture_interfaces.msg import Hypothesis, Label, LabelledMask, LabelledMaskArray, LabelSet
from culture_interfaces.srv import GetScores
from std_msgs.msg import Header

from culture_perception.nodes import qos
from culture_perception.nodes.label_messages import ns_to_stamp
from culture_perception.nodes.mask_messages import mask_to_message

MODULE = "culture_perception.nodes.evaluator"
CELL = {"label_set": "toys", "language": "en", "style": "plain"}
CAT, DOG = "toys.cat", "toys.dog"


def mask_of(rows: slice, columns: slice, name: str, top1: str = "") -> LabelledMask:
    mask = np.zeros((10, 10), dtype=np.bool_)
    mask[rows, columns] = True
    message = mask_to_message(mask, Header())
    message.concept_id = name
    if top1:
        message.alternatives = [Hypothesis(concept_id=top1, label=top1)]
    return message


TRUTH = [mask_of(slice(0, 4), slice(0, 4), CAT), mask_of(slice(6, 10), slice(0, 4), DOG)]
FOUND = [
    mask_of(slice(0, 4), slice(0, 4), CAT, top1=CAT),  # IoU 16 / 16
    mask_of(slice(6, 10), slice(0, 2), "", top1=DOG),  # IoU 8 / 16, right but rejected
]


class Script:
    """Publishes what a camera and perception would."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer
        publisher = peer.node.create_publisher
        self.labels = publisher(LabelSet, "/perception/label_set", qos.LATCHED)
        self.truth = publisher(LabelledMaskArray, "/ground_truth/labelled_masks", qos.RESULTS)
        self.result = publisher(LabelledMaskArray, "/perception/labelled_masks", qos.RESULTS)
        both = [Label(concept_id=CAT), Label(concept_id=DOG)]
        self.labels.publish(LabelSet(version="v1", labels=both, **CELL))
        for one in (self.labels, self.truth, self.result):
            peer.wait_for(lambda one=one: one.get_subscription_count() > 0, "the evaluator")

    def send_truth(self, stamp_ns: int, label_set: str = "toys") -> None:
        header = Header(stamp=ns_to_stamp(stamp_ns))
        self.truth.publish(
            LabelledMaskArray(
                header=header,
                label_set=label_set,
                image_height=10,
                image_width=10,
                masks=TRUTH,
            )
        )

    def send_result(
        self, stamp_ns: int, masks: list[LabelledMask], labels_version: str = "v1"
    ) -> None:
        header = Header(stamp=ns_to_stamp(stamp_ns))
        self.result.publish(
            LabelledMaskArray(
                header=header,
                labels_version=labels_version,
                image_height=10,
                image_width=10,
                masks=masks,
                **CELL,
            )
        )

    def scores(self, **request: Any) -> Any:
        answer = self.peer.call(GetScores, "/evaluator/get_scores", GetScores.Request(**request))
        scores = answer.scores
        assert scores.received == scores.scored + scores.dropped + scores.pending
        return scores

    def wait_for_scores(self, **counts: int) -> Any:
        def reached() -> Any:
            scores = self.scores()
            got = {name: getattr(scores, name) for name in counts}
            return scores if got == counts else None

        return self.peer.wait_for(reached, f"counts {counts}", 15.0)


@pytest.fixture
def script(children: Any, peer: Any) -> Script:
    children.start(MODULE, capacity=3)
    return Script(peer)


def test_scores_of_two_frames_are_those_computed_by_hand(script: Script) -> None:
    live = script.peer.collect(type(script.scores()), "/evaluator/scores", qos.RESULTS)
    script.send_truth(1_000)
    script.send_result(1_000, FOUND)
    script.send_result(2_000, [])  # before its truth
    script.send_truth(2_000)
    scores = script.wait_for_scores(received=2, scored=2, dropped=0, pending=0)
    assert scores.header.stamp.nanosec == 2_000
    (cell,) = scores.cells
    assert (cell.label_set, cell.language, cell.style) == ("toys", "en", "plain")
    assert (cell.frames, cell.n) == (2, 4)
    figures = {
        "mask_recall_iou50": 2 / 4,
        "mean_iou": (1.0 + 0.5) / 4,
        "mean_iou_matched": (1.0 + 0.5) / 2,
        "top1": 2 / 2,
        "precision": 1 / 1,
        "recall": 1 / 4,
        "f1": 2 * 1 / (1 + 4),
        "unknown_rate": 1 / 2,
    }
    assert {name: getattr(cell, name) for name in figures} == pytest.approx(figures)
    # The stamps are of 1970, so the latency is the age of the epoch.
    assert cell.latency_ms_p99 >= cell.latency_ms_p50 > 1e12
    script.peer.wait_for(lambda: live and live[-1].scored == 2, "the scores on the topic")


def test_frames_that_can_not_be_scored_are_dropped_or_pending(script: Script) -> None:
    script.send_truth(1_000, label_set="books")
    script.send_result(1_000, FOUND)  # of other labels than the truth
    script.wait_for_scores(received=1, scored=0, dropped=1, pending=0)
    script.send_truth(2_000)
    script.send_result(2_001, FOUND)  # a nanosecond beside it
    script.wait_for_scores(received=2, scored=0, dropped=1, pending=1)
    for stamp_ns in (3_000, 4_000, 5_000):  # the capacity is 3: 2_000 has to go
        script.send_truth(stamp_ns)
    script.wait_for_scores(received=5, scored=0, dropped=2, pending=3)


def test_faults_of_many_frames_are_said_once(script: Script) -> None:
    for stamp_ns in (1_000, 2_000, 3_000):
        script.send_truth(stamp_ns, label_set="books")
        script.send_result(stamp_ns, FOUND)
    script.wait_for_scores(received=3, dropped=3)
    for stamp_ns in (4_000, 5_000, 6_000, 7_000, 8_000):  # the capacity is 3
        script.send_truth(stamp_ns)
    script.wait_for_scores(received=8, dropped=5)
    for stamp_ns in (4_000, 5_000, 6_000):
        script.send_result(stamp_ns, FOUND)
    script.wait_for_scores(scored=1)
    output = script.peer.children.running["evaluator"].output
    assert output.count("select the same") == 1
    assert output.count("raise `capacity` of the evaluator or lower `rate_hz`") == 1


def test_a_result_waits_for_the_announcement_of_its_labels(script: Script) -> None:
    script.send_truth(1_000)
    script.send_result(1_000, FOUND, labels_version="v2")
    script.wait_for_scores(received=1, scored=0, dropped=0, pending=1)
    script.labels.publish(LabelSet(version="v2", labels=[Label(concept_id=CAT)], **CELL))
    scores = script.wait_for_scores(received=1, scored=1, dropped=0, pending=0)
    # The dog is not among these labels: it counts for masks, not for names.
    assert scores.cells[0].recall == 1.0
    assert scores.cells[0].n == 2


def test_reset_and_filter(script: Script) -> None:
    script.send_truth(1_000)
    script.send_result(1_000, FOUND)
    script.wait_for_scores(scored=1)
    assert script.scores(language="ja").cells == []
    assert len(script.scores(language="en", style="plain").cells) == 1
    assert script.scores(reset=True).scored == 1  # answered before it is forgotten
    scores = script.scores()
    assert (scores.received, scores.scored, list(scores.cells)) == (0, 0, [])


def test_scores_are_written_as_json_when_it_stops(children: Any, peer: Any, tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    child = children.start(MODULE, json_path=str(path))
    script = Script(peer)
    script.send_truth(1_000)
    script.send_result(1_000, [])
    script.wait_for_scores(scored=1)
    assert child.interrupt() == 0
    children.running.clear()
    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["frames"] == {"received": 1, "scored": 1, "dropped": 0, "pending": 0}
    (cell,) = record["cells"]
    assert cell["n"] == 2
    assert cell["mask_recall_iou50"] == 0.0
    assert cell["top1"] is None  # nothing was found: a figure without a sample
    assert not math.isnan(cell["latency_ms_p50"])
