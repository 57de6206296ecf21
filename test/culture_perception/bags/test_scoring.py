"""Scores of recordings made by hand, and of recordings with every kind of fault."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rosbags.rosbag2.enums import CompressionMode

from culture_perception import pairing, score_book
from culture_perception.bags.bag_score import BagScore, ScoreOptions
from culture_perception.bags.scoring import score_bag
from culture_perception.pairing import CAPACITY, Frames
from culture_perception.tally import Cell, FrameOutcome

CELL = Cell("toys", "en", "plain")
BagOf = Callable[..., Path]


def scored(path: Path) -> BagScore:
    return score_bag(path, ScoreOptions())


def figures(score: BagScore) -> dict[str, Any]:
    (cell,) = score.tally.cells
    assert cell == CELL
    return score.tally.cells[cell].scores().to_json()


@pytest.mark.parametrize(
    ("storage", "compression"),
    [
        ("mcap", CompressionMode.NONE),
        ("mcap", CompressionMode.STORAGE),
        ("mcap", CompressionMode.MESSAGE),
        ("mcap", CompressionMode.FILE),
        ("sqlite3", CompressionMode.NONE),
        ("sqlite3", CompressionMode.MESSAGE),
        ("sqlite3", CompressionMode.FILE),
    ],
)
@pytest.mark.parametrize("definitions", [True, False])
def test_figures_are_those_computed_by_hand(
    bag_of: BagOf, storage: str, compression: CompressionMode, definitions: bool
) -> None:
    score = scored(bag_of(3, storage=storage, compression=compression, definitions=definitions))
    assert score.faults.to_record() == {}
    assert score.tally.frames == Frames(received=3, scored=3)
    latency_ms = pytest.approx(20.0, rel=0.005)
    assert figures(score) == {
        "frames": 3,
        "n": 6,
        "mask_recall_iou50": 1.0,
        "mean_iou": 0.75,
        "mean_iou_matched": 0.75,
        "top1": 0.5,
        "precision": 1.0,
        "recall": 0.5,
        "f1": 2 / 3,
        "unknown_rate": 0.5,
        "latency_ms_p50": latency_ms,
        "latency_ms_p99": latency_ms,
    }
    assert score.messages.total() == 7
    assert score.images == 3


def test_frames_are_told_one_by_one(bag_of: BagOf) -> None:
    outcomes: list[FrameOutcome] = []
    score_bag(bag_of(2), ScoreOptions(), outcomes.append)
    assert [one.stamp_ns for one in outcomes] == [1_000_000_000, 1_100_000_000]
    cat, dog = outcomes[0].objects
    assert (cat.concept_id, cat.verdict, cat.iou) == ("toys.cat", "right", 1.0)
    assert (dog.concept_id, dog.verdict, dog.iou) == ("toys.dog", "unknown", 0.5)
    assert outcomes[0].latency_ms == 20.0


def test_the_part_read_rises_to_one(bag_of: BagOf) -> None:
    for storage in ("mcap", "sqlite3"):
        shares: list[float] = []
        path = bag_of(2500, name=storage, storage=storage)
        score_bag(path, ScoreOptions(), on_progress=shares.append)
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        assert len(set(shares)) > 2


def test_frames_without_partner_are_counted_by_name(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 2)
        record.truth(5 * kit.SECOND, kit.TRUE)
        record.result(6 * kit.SECOND, kit.FOUND, kit.LABELS_EN)
        record.result(6 * kit.SECOND + 1, kit.FOUND, kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    assert score.tally.frames == Frames(received=3, scored=2, pending=1)
    assert score.faults.counts == {"truth_without_result": 1, "result_without_truth": 2}
    assert score.faults.examples["truth_without_result"] == ["5000000000"]


def test_duplicate_stamps_are_scored_once(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 2)
        kit.write_run(record, 2)  # the same again
    score = scored(tmp_path / "bag")
    assert figures(score)["frames"] == 2
    assert score.tally.frames == Frames(received=4, scored=2, dropped=2)
    assert score.faults.counts["duplicate_frame"] == 2
    assert score.faults.counts["stamps_out_of_order"] == 2  # one of each topic


def test_stamps_out_of_order_change_no_figure(kit: Any, bag_of: BagOf, tmp_path: Path) -> None:
    stamps = [kit.SECOND * number for number in (3, 1, 2)]
    with kit.recording(tmp_path / "bag") as record:
        for stamp_ns in stamps:
            record.result(stamp_ns, kit.FOUND, kit.LABELS_EN, at_ns=stamp_ns + 20_000_000)
        for stamp_ns in reversed(stamps):
            record.truth(stamp_ns, kit.TRUE)
        record.labels(kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    assert figures(score) == figures(scored(bag_of(3)))
    assert score.faults.counts == {"stamps_out_of_order": 2}


def test_the_same_frame_by_other_labels_is_another_cell(kit: Any, tmp_path: Path) -> None:
    japanese = kit.labels_of(kit.CAT, kit.DOG, language="ja")
    with kit.recording(tmp_path / "bag") as record:
        for labels in (kit.LABELS_EN, japanese):  # a recording that was played twice
            record.labels(labels)
            record.truth(kit.SECOND, kit.TRUE)
            record.result(kit.SECOND, kit.FOUND, labels)
    score = scored(tmp_path / "bag")
    assert [cell.language for cell in score.tally.cells] == ["en", "ja"]
    assert score.tally.frames == Frames(received=2, scored=2)
    assert score.faults.counts == {}


def test_a_frame_named_by_another_label_set_is_dropped(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 1)
        record.truth(5 * kit.SECOND, kit.TRUE, label_set="books")
        record.result(5 * kit.SECOND, kit.FOUND, kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    assert score.tally.frames == Frames(received=2, scored=1, dropped=1)
    assert score.faults.counts == {"other_label_set": 1}
    assert "named by 'toys'; select the same" in score.faults.examples["other_label_set"][0]


def test_labels_that_nobody_announced_are_told(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        record.truth(kit.SECOND, kit.TRUE)
        record.result(kit.SECOND, kit.FOUND, kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    assert score.tally.frames == Frames(received=1, pending=1)
    assert score.faults.counts == {"labels_not_announced": 1, "missing_topic": 1}
    missing = score.faults.examples["missing_topic"]
    assert missing == ["/labels/active or /perception/label_set"]


def test_labels_that_are_installed_need_no_announcement(kit: Any, tmp_path: Path) -> None:
    from culture_perception.labels import load_label_sets
    from culture_perception.resources import share_path

    ycb = load_label_sets(share_path("config", "labels"))["ycb"].select("en", "brand")
    one = ycb.concept_ids[0]
    with kit.recording(tmp_path / "bag") as record:
        record.truth(kit.SECOND, [(one, 0, 10)], label_set="ycb")
        record.result(kit.SECOND, [(one, 0, 10)], ycb)
    score = scored(tmp_path / "bag")
    assert score.tally.cells[Cell("ycb", "en", "brand")].scores().f1 == 1.0
    assert score.faults.counts == {"missing_topic": 1}


@pytest.mark.parametrize("missing", ["truth", "result"])
def test_missing_topics_are_named(kit: Any, tmp_path: Path, missing: str) -> None:
    with kit.recording(tmp_path / "bag") as record:
        record.labels(kit.LABELS_EN)
        if missing == "result":
            record.truth(kit.SECOND, kit.TRUE)
        else:
            record.result(kit.SECOND, kit.FOUND, kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    topic = {"truth": "/ground_truth/labelled_masks", "result": "/perception/labelled_masks"}
    assert score.faults.examples["missing_topic"] == [topic[missing]]
    assert score.tally.cells == {}


def test_masks_and_images_that_contradict_themselves_are_dropped(kit: Any, tmp_path: Path) -> None:
    torn = kit.mask((kit.CAT, 0, 10))
    torn.box.width = 11
    small = kit.make(kit.MASKS, header=kit.header(3 * kit.SECOND), image_height=2, masks=[])
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 1)
        record.truth(2 * kit.SECOND, kit.TRUE)
        record.result(2 * kit.SECOND, [torn], kit.LABELS_EN)
        small.label_set = "toys"
        record.write(kit.TOPICS.truth, kit.MASKS, small, 3 * kit.SECOND)
        record.result(3 * kit.SECOND, kit.FOUND, kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    assert score.faults.counts == {"unreadable_result": 1, "other_image_size": 1}
    assert "does not hold a mask" in score.faults.examples["unreadable_result"][0]
    assert score.tally.frames == Frames(received=3, scored=1, dropped=2)


def test_messages_that_do_not_decode_are_counted(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "bag") as record:
        kit.write_run(record, 2)
        for data in (b"", b"\x00\x01\x00\x00\xff", b"\x28\xb5\x2f\xfdno zstd"):
            record.write_raw(kit.TOPICS.result, kit.MASKS, data, kit.SECOND)
    score = scored(tmp_path / "bag")
    assert score.faults.counts == {"undecodable_message": 3}
    assert figures(score)["frames"] == 2


@pytest.mark.parametrize(
    ("msgtype", "msgdef", "said"),
    [
        ("std_msgs/msg/String", None, "is of type std_msgs/msg/String, not culture_interfaces"),
        ("culture_interfaces/msg/LabelledMaskArray", "int32 count\n", "has no field header"),
        ("culture_interfaces/msg/LabelledMaskArray", "Ghost ghost\n", "lacks"),
        ("culture_interfaces/msg/LabelledMaskArray", "int32 (\n", "is of no use"),
    ],
)
def test_an_unknown_type_is_named(
    kit: Any, tmp_path: Path, msgtype: str, msgdef: str | None, said: str
) -> None:
    with kit.recording(tmp_path / "bag") as record:
        record.labels(kit.LABELS_EN)
        for _ in range(2):
            record.write_raw(kit.TOPICS.result, msgtype, bytes(12), kit.SECOND, msgdef)
        record.write_raw(kit.TOPICS.truth, kit.MASKS, bytes(12), kit.SECOND, msgdef)
    score = scored(tmp_path / "bag")
    assert score.faults.counts["unknown_type"] == (1 if msgdef is None else 2)
    assert score.messages[kit.TOPICS.result] == 2
    assert said in score.faults.examples["unknown_type"][0]


def test_memory_does_not_grow_with_the_bag(
    kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (pairing, score_book):  # reached in both bags
        monkeypatch.setattr(module, "REMEMBERED", 500)

    def peak(frames: int, storage: str) -> int:
        path = tmp_path / f"{storage}_{frames}"
        with kit.recording(path, storage=storage) as record:
            kit.write_run(record, frames)
        scored(path)  # what is loaded once
        tracemalloc.start()
        score = scored(path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert figures(score)["frames"] == frames
        return most

    for storage in ("mcap", "sqlite3"):
        short, long = peak(1500, storage), peak(4500, storage)
        # What is kept of a frame takes more than the 100 bytes that are allowed here.
        assert long < short + 300_000, (storage, short, long)


def test_what_waits_is_bounded(kit: Any, tmp_path: Path) -> None:
    frames = CAPACITY + 50
    with kit.recording(tmp_path / "bag") as record:
        record.labels(kit.LABELS_EN)
        for number in range(frames):
            record.truth(kit.SECOND + number, [])
        record.result(kit.SECOND, [], kit.LABELS_EN)  # too late
        record.result(kit.SECOND + frames - 1, [], kit.LABELS_EN)
    score = scored(tmp_path / "bag")
    assert score.tally.frames == Frames(received=frames, scored=1, dropped=50, pending=frames - 51)


def test_images_of_other_topics_are_not_decoded(kit: Any, bag_of: BagOf, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "with_images") as record:
        kit.write_run(record, 1)
        record.image(kit.SECOND, np.zeros((4, 100, 3), np.uint8))
    assert scored(tmp_path / "with_images").messages == scored(bag_of(1)).messages
