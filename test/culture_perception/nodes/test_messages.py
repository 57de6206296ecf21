"""Between the core's records and messages."""

import numpy as np
import pytest

pytest.importorskip("culture_interfaces")

from std_msgs.msg import Header

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.masks import UNLABELLED, paste
from culture_perception.message_records import (
    Result,
    Truth,
    message_to_mask,
    message_to_results,
    message_to_truth,
    read_labels,
    read_result,
    read_truth,
    recognition_to_result,
)
from culture_perception.metrics import CellAccumulator, Counts
from culture_perception.nodes.label_messages import (
    labels_to_message,
    ns_to_stamp,
    stamp_to_ns,
)
from culture_perception.nodes.mask_messages import (
    mask_to_message,
    recognition_to_message,
    truth_to_message,
)
from culture_perception.nodes.score_messages import cell_to_message, scores_to_record
from culture_perception.protocols import Segment
from culture_perception.results import Hypothesis, NamedMask, Recognition

STAMP_NS = 1_795_000_000_000_000_007
HEADER = Header(stamp=ns_to_stamp(STAMP_NS), frame_id="optical")


def square(top: int, left: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    mask = np.zeros((6, 8), dtype=np.bool_)
    mask[top : top + 2, left : left + 3] = True
    return mask


@pytest.mark.parametrize("stamp_ns", [0, 1, 999_999_999, 1_000_000_000, STAMP_NS])
def test_a_stamp_keeps_its_nanoseconds(stamp_ns: int) -> None:
    assert stamp_to_ns(ns_to_stamp(stamp_ns)) == stamp_ns


def test_labels_survive_the_way_there_and_back() -> None:
    texts = (
        LabelText("a.tea", "お茶", ("お茶の写真", "お茶"), "JP", "drink", "ja"),
        LabelText("a.salt", "salt", (), "JP", "food", "en"),
    )
    labels = ActiveLabels.of("a", "ja", "plain", texts)
    message = labels_to_message(labels, ns_to_stamp(1))
    assert read_labels(message) == labels


@pytest.mark.parametrize(
    "mask",
    [square(0, 0), square(4, 5), np.zeros((6, 8), dtype=np.bool_), np.ones((6, 8), dtype=np.bool_)],
    ids=["corner", "other corner", "empty", "full"],
)
def test_a_mask_survives_the_way_there_and_back(
    mask: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> None:
    message = mask_to_message(mask, HEADER)
    assert message.area == np.count_nonzero(mask)
    assert np.array_equal(paste(message_to_mask(message), (6, 8)), mask)


def test_a_mask_that_does_not_fit_its_box_is_refused() -> None:
    message = mask_to_message(square(0, 0), HEADER)
    message.box.width = 9
    with pytest.raises(ValueError, match="does not hold a mask"):
        message_to_mask(message)


def test_a_recognition_keeps_names_scores_and_the_images_header() -> None:
    tea, salt = Hypothesis("a.tea", "お茶", 0.75, 0.5), Hypothesis("a.salt", "塩", 0.25, 0.25)
    masks = (
        NamedMask(1, Segment(square(0, 0), 0.5, 0.25), "a.tea", "お茶", 0.75, 0.5, (tea, salt)),
        NamedMask(UNLABELLED, Segment(square(3, 3)), "", "", 0.25, 0.25, (salt,)),
    )
    found = Recognition("a", "0123", "ja", "plain", (6, 8), masks, {})
    message = recognition_to_message(found, HEADER)
    assert message.header == HEADER
    assert (message.label_set, message.labels_version) == ("a", "0123")
    assert (message.language, message.style) == ("ja", "plain")
    assert (message.image_height, message.image_width) == (6, 8)
    named, unknown = message.masks
    assert (named.instance_id, named.concept_id, named.label) == (1, "a.tea", "お茶")
    assert (named.probability, named.similarity) == (0.75, 0.5)
    assert (named.predicted_iou, named.stability) == (0.5, 0.25)
    assert [one.concept_id for one in named.alternatives] == ["a.tea", "a.salt"]
    assert (unknown.instance_id, unknown.concept_id, unknown.label) == (65535, "", "")
    assert named.mask.header == HEADER
    first, second = message_to_results(message.masks)
    assert (first.concept_id, first.top1_concept_id) == ("a.tea", "a.tea")
    assert (second.concept_id, second.top1_concept_id) == ("", "a.salt")
    by_message, without_message = read_result(message), recognition_to_result(found)
    assert isinstance(by_message, Result)
    for name in ("label_set", "labels_version", "language", "style"):
        assert getattr(by_message, name) == getattr(without_message, name)
    for one, other in zip(by_message.objects, without_message.objects, strict=True):
        assert (one.concept_id, one.top1_concept_id) == (other.concept_id, other.top1_concept_id)
        assert np.array_equal(paste(one.mask, (6, 8)), paste(other.mask, (6, 8)))


@pytest.mark.parametrize(("predicted", "sent"), [(1.25, 1.0), (0.5, 0.5), (-0.25, 0.0)])
def test_a_predicted_iou_is_sent_as_a_share(predicted: float, sent: float) -> None:
    unknown = NamedMask(UNLABELLED, Segment(square(0, 0), predicted), "", "", 0.0, 0.0, ())
    found = Recognition("a", "v1", "ja", "plain", (6, 8), (unknown,), {})
    assert recognition_to_message(found, HEADER).masks[0].predicted_iou == sent


def test_truth_is_numbered_in_order_and_read_back() -> None:
    message = truth_to_message("a", ["a.tea", "a.salt"], [square(0, 0), square(3, 3)], HEADER)
    assert [mask.instance_id for mask in message.masks] == [1, 2]
    assert message.labels_version == ""
    truth = message_to_truth(message.masks)
    assert [one.concept_id for one in truth] == ["a.tea", "a.salt"]
    assert np.array_equal(paste(truth[1].mask, (6, 8)), square(3, 3))
    record = read_truth(message)
    assert isinstance(record, Truth)
    assert (record.label_set, len(record.objects)) == ("a", 2)


def test_a_record_has_null_for_a_figure_without_a_sample() -> None:
    from culture_interfaces.msg import Scores

    nothing_found = CellAccumulator()
    nothing_found.add(Counts(frames=1, objects=2, nameable=2), latency_ms=12.0)
    cell = cell_to_message(("a", "ja", "plain"), nothing_found.scores())
    record = scores_to_record(Scores(received=2, scored=1, pending=1, cells=[cell]))
    assert record["frames"] == {"received": 2, "scored": 1, "dropped": 0, "pending": 1}
    (only,) = record["cells"]
    assert (only["label_set"], only["language"], only["style"]) == ("a", "ja", "plain")
    assert (only["n"], only["mask_recall_iou50"], only["frames"]) == (2, 0.0, 1)
    assert only["latency_ms_p50"] == pytest.approx(12.0, rel=0.005)
    assert only["top1"] is only["precision"] is None
