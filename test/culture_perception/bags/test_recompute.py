"""Results made anew by the embedded models, and the labels that they are named by."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from culture_perception.bags.bag import Bag
from culture_perception.bags.bag_score import BagScore, ScoreOptions
from culture_perception.bags.chosen_labels import choose_labels
from culture_perception.bags.errors import BagError
from culture_perception.bags.faults import Faults
from culture_perception.bags.label_timeline import LabelTimeline
from culture_perception.bags.messages import Messages
from culture_perception.bags.recompute import (
    ModelChoice,
    Recomputation,
    RecomputeOptions,
    load_models,
)
from culture_perception.bags.scoring import score_bag
from culture_perception.bags.topics import COMPRESSED_IMAGE, IMAGE, Topics
from culture_perception.concepts import ActiveLabels
from culture_perception.masks import BoxedMask
from culture_perception.message_records import (
    Result,
    Truth,
    Unreadable,
    recognition_to_result,
)
from culture_perception.metrics import TruthObject, score_frame
from culture_perception.pairing import Frames
from culture_perception.perceiving import Perceiver
from culture_perception.recognition import Options, recognise
from culture_perception.tally import Cell
from culture_perception.tracking import Tracker
from culture_perception.zero_shot import embed_labels

SIZE = 240, 320
BOXES = {"ycb.mustard_bottle": (40, 60, 100, 140), "ycb.pudding_box": (180, 80, 260, 170)}
COLOURS = ((250, 200, 20), (120, 40, 30))


def table() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Two things, yellow and brown, on a grey table."""
    image = np.full((*SIZE, 3), 128, np.uint8)
    for (x0, y0, x1, y1), colour in zip(BOXES.values(), COLOURS, strict=True):
        image[y0:y1, x0:x1] = colour
    return image


def truth_message(kit: Any, stamp_ns: int, label_set: str = "ycb") -> Any:
    masks = []
    for concept_id, (x0, y0, x1, y1) in BOXES.items():
        one = kit.mask((concept_id, x0, x1))
        one.box.y_offset, one.box.height = y0, y1 - y0
        one.mask = kit.image(0, np.full((y1 - y0, x1 - x0), 255, np.uint8), "mono8")
        masks.append(one)
    return kit.make(
        kit.MASKS,
        header=kit.header(stamp_ns),
        label_set=label_set,
        image_height=SIZE[0],
        image_width=SIZE[1],
        masks=masks,
    )


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory, kit: Any) -> Path:
    """Three frames: English labels, then others, then an image without truth."""
    path = tmp_path_factory.mktemp("footage") / "bag"
    plain, brand = choose_labels(["ycb"], ["en"], ["plain", "brand"])
    with kit.recording(path) as record:
        for number, labels in enumerate((plain, brand), start=1):
            stamp_ns = number * kit.SECOND
            record.labels(labels, at_ns=stamp_ns - 1)
            truth = truth_message(kit, stamp_ns)
            record.write(kit.TOPICS.truth, kit.MASKS, truth, stamp_ns)
            record.image(stamp_ns, table())
        record.image(3 * kit.SECOND, table())
    return path


def scored(path: Path, *label_sets: str) -> BagScore:
    labels = choose_labels(label_sets, [], [])
    return score_bag(path, ScoreOptions(recompute=RecomputeOptions(labels=labels)))


def test_images_are_named_by_the_labels_of_their_time(footage: Path) -> None:
    score = scored(footage)
    assert set(score.tally.cells) == {Cell("ycb", "en", "plain"), Cell("ycb", "en", "brand")}
    assert score.tally.frames == Frames(received=2, scored=2)
    assert score.faults.counts == {"result_without_truth": 1}
    assert score.images == 3
    assert score.image_ms.percentile(50) > 0
    for accumulator in score.tally.cells.values():
        figures = accumulator.scores()
        assert figures.mask_recall_iou50 == 1.0  # the models see what is there
        assert np.isnan(figures.latency_ms_p50)


def test_it_is_what_recognition_itself_gives(footage: Path) -> None:
    (labels,) = choose_labels(["ycb"], ["en"], ["plain"])
    segmenter, encoder = load_models(ModelChoice())
    result = recognition_to_result(
        recognise(table(), segmenter, encoder, embed_labels(encoder, labels))
    )
    objects = [
        TruthObject(concept_id, BoxedMask(box, np.ones((box[3] - box[1], box[2] - box[0]), bool)))
        for concept_id, box in BOXES.items()
    ]
    truth = Truth("ycb", SIZE, tuple(objects))
    expected = score_frame(truth.objects, result.objects, labels.concept_ids)
    found = scored(footage).tally.cells[Cell("ycb", "en", "plain")].counts
    assert found == expected
    assert found.covered == 2


def test_with_adapters_it_is_what_perception_itself_gives(kit: Any, tmp_path: Path) -> None:
    path, frames = tmp_path / "bag", {}
    labels = choose_labels(["konbini", "ycb"], ["ja", "en"], ["plain"])
    segmenter, encoder = load_models(ModelChoice())
    perceiver = Perceiver(segmenter, encoder, Options(), Tracker())
    with kit.recording(path) as record:
        for number, one in enumerate((*labels, labels[0]), start=1):
            stamp_ns = number * kit.SECOND
            record.labels(one, at_ns=stamp_ns - 1)
            record.image(stamp_ns, table())
            perceiver.take_labels(one)
            perceived = perceiver.perceive(table(), stamp_ns, "optical")
            frames[stamp_ns] = recognition_to_result(perceived.recognition)
    assert {one.language for one in labels} == {"en", "ja"}

    def anew(adapters: str, *chosen: ActiveLabels) -> list[list[Result | Unreadable]]:
        options = RecomputeOptions(ModelChoice(adapters=adapters), chosen)
        recomputation = Recomputation(path, options, Topics())
        images = Messages(Bag(path, Faults()), {Topics().image: (IMAGE,)}, Faults())
        found = [list(recomputation.results(message)) for message in images]
        assert len(recomputation.adapters) == (adapters != "none")
        return found

    expected = [named_alike(one) for one in frames.values()]
    assert [named_alike(*found) for found in anew("shipped")] == expected
    assert [named_alike(*found) for found in anew("none")] != expected
    for found in anew("shipped", *labels):  # all labels of each image: the masks are found once
        assert [named_alike(one) for one in found] == expected[: len(labels)]


def named_alike(result: Result | Unreadable) -> list[tuple[Any, ...]]:
    """All that a result says of its masks, pixels included."""
    assert isinstance(result, Result)
    return [
        (one.concept_id, one.top1_concept_id, one.mask.box, one.mask.inside.tobytes())
        for one in result.objects
    ]


def test_chosen_labels_are_a_cell_each_of_every_image(footage: Path) -> None:
    score = scored(footage, "ycb", "konbini")
    # What is on the table is of one set, so the other one's cells stay empty.
    assert set(score.tally.cells) == {Cell("ycb", "en", "plain"), Cell("ycb", "en", "brand")}
    assert [one.counts.frames for one in score.tally.cells.values()] == [2, 2]
    assert score.tally.frames == Frames(received=2, scored=2)
    only_other = scored(footage, "konbini")
    assert only_other.tally.frames == Frames(received=2, dropped=2)
    assert only_other.faults.counts["other_label_set"] == 2


def test_compressed_images_are_read_too(kit: Any, tmp_path: Path) -> None:
    packed = io.BytesIO()
    Image.fromarray(table()).save(packed, format="png")
    with kit.recording(tmp_path / "bag") as record:
        kit.TYPES.register(kit.installed_types(COMPRESSED_IMAGE))
        for number, data in enumerate((packed.getvalue(), b"no picture"), start=1):
            stamp_ns = number * kit.SECOND
            message = kit.TYPES.types[COMPRESSED_IMAGE](
                header=kit.header(stamp_ns), format="png", data=np.frombuffer(data, np.uint8)
            )
            record.write("/camera/compressed", COMPRESSED_IMAGE, message, stamp_ns)
            truth = truth_message(kit, stamp_ns)
            record.write(kit.TOPICS.truth, kit.MASKS, truth, stamp_ns)
    options = ScoreOptions(
        topics=Topics(image="/camera/compressed"),
        recompute=RecomputeOptions(labels=choose_labels(["ycb"], ["en"], ["plain"])),
    )
    score = score_bag(tmp_path / "bag", options)
    assert score.tally.frames == Frames(received=2, scored=1, dropped=1)
    assert score.faults.counts == {"unreadable_result": 1}
    assert "10 bytes are no image in 'png'" in score.faults.examples["unreadable_result"][0]


def test_without_labels_or_images_it_is_said(kit: Any, tmp_path: Path) -> None:
    with kit.recording(tmp_path / "no_labels") as record:
        record.write(kit.TOPICS.truth, kit.MASKS, truth_message(kit, 1), 1)
        record.image(1, table())
    score = scored(tmp_path / "no_labels")
    assert score.faults.counts == {"unreadable_result": 1, "missing_topic": 1}
    assert "choose some by --label-set" in score.faults.examples["unreadable_result"][0]
    with kit.recording(tmp_path / "no_images") as record:
        kit.write_run(record, 1)
    score = scored(tmp_path / "no_images")
    assert score.faults.examples["missing_topic"] == ["/camera/color/image_raw"]


def test_the_last_of_the_label_topics_counts(kit: Any, tmp_path: Path) -> None:
    first, second = kit.labels_of(kit.CAT), kit.labels_of(kit.DOG)
    active, in_use = kit.TOPICS.labels
    with kit.recording(tmp_path / "bag") as record:
        record.labels(second, at_ns=5, topic=active)  # chosen, and taken later
        for at_ns, labels in ((10, first), (20, first), (30, second)):
            record.labels(labels, at_ns=at_ns, topic=in_use)
    timeline = LabelTimeline(tmp_path / "bag", Topics())
    expected = {0: first, 10: first, 29: first, 30: second, 99: second}
    assert {at_ns: timeline.at(at_ns) for at_ns in expected} == expected
    with kit.recording(tmp_path / "chosen_only") as record:
        record.labels(second, at_ns=5, topic=active)
    assert LabelTimeline(tmp_path / "chosen_only", Topics()).at(0) == second
    with kit.recording(tmp_path / "none") as record:
        record.truth(1, [])
    assert LabelTimeline(tmp_path / "none", Topics()).at(0) is None


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ModelChoice(segmenter="no_such"), "segmenter 'no_such': known are embedded"),
        (ModelChoice(encoder="no_such"), "no_such"),
        (ModelChoice(device="abacus"), "unknown device 'abacus'"),
    ],
)
def test_a_model_that_is_not_there_is_said(choice: ModelChoice, said: str) -> None:
    with pytest.raises(BagError, match=said):
        load_models(choice)


def test_labels_are_chosen_by_set_language_and_style(tmp_path: Path) -> None:
    chosen = choose_labels(["ycb", "konbini"], ["en"], [])
    assert [(one.label_set, one.language, one.style) for one in chosen] == [
        ("ycb", "en", "plain"),
        ("ycb", "en", "brand"),
        ("konbini", "en", "plain"),
        ("konbini", "en", "brand"),
    ]
    assert {one.language for one in choose_labels(["konbini"], [], ["plain"])} == {"en", "ja"}
    assert choose_labels([], [], []) == ()
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\nculture: JP\ndescription: one\nlanguages: [en]\nconcepts:\n"
        "  - id: own.bun\n    category: food\n    texts: {en: {plain: bun, brand: Bun}}\n",
        encoding="utf-8",
    )
    assert choose_labels([str(own)], [], ["plain"])[0].concept_ids == ("own.bun",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([], ["en"], []), "add --label-set"),
        (([], [], ["plain"]), "add --label-set"),
        ((["garden"], [], []), "no label set 'garden'; there is konbini, ycb"),
        ((["ycb"], ["tlh"], []), "unknown language 'tlh'"),
        ((["ycb"], [], ["loud"]), "unknown style 'loud'"),
    ],
)
def test_labels_that_are_not_there_are_said(arguments: Any, said: str) -> None:
    with pytest.raises((BagError, ValueError), match=said):
        choose_labels(*arguments)
