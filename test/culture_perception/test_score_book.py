"""The evaluation of a run: any order of arrival, any division into parts, the same figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.masks import BoxedMask
from culture_perception.message_records import Result, Truth, Unreadable
from culture_perception.metrics import ResultObject, TruthObject
from culture_perception.pairing import Frames
from culture_perception.score_book import MAX_VERSIONS, ScoreBook
from culture_perception.tally import Cell, FrameOutcome, Tally

CAT, DOG, OWL = "toys.cat", "toys.dog", "toys.owl"
SHAPE_HW = (1, 60)


def labels(*concept_ids: str, language: str = "en", label_set: str = "toys") -> ActiveLabels:
    texts = tuple(LabelText(one, one[5:].upper(), (), "", "", language) for one in concept_ids)
    return ActiveLabels.of(label_set, language, "plain", texts)


EN, JA = labels(CAT, DOG), labels(CAT, DOG, language="ja")


def strip(x0: int, x1: int) -> BoxedMask:
    return BoxedMask((x0, 0, x1, 1), np.ones((1, x1 - x0), np.bool_))


def truth(*objects: tuple[str, int, int], label_set: str | None = "toys") -> Truth:
    return Truth(label_set, SHAPE_HW, tuple(TruthObject(id_, strip(*x)) for id_, *x in objects))


def result(by: ActiveLabels, *objects: tuple[str, int, int]) -> Result:
    found = tuple(ResultObject(id_, id_, strip(*x)) for id_, *x in objects)
    return Result(by.label_set, by.version, by.language, by.style, SHAPE_HW, found)


def book_of(*labels_known: ActiveLabels, **options: int) -> tuple[ScoreBook, list[FrameOutcome]]:
    outcomes: list[FrameOutcome] = []
    book = ScoreBook(on_frame=outcomes.append, **options)
    for one in labels_known:
        book.announce(one)
    return book, outcomes


def test_a_frame_by_hand() -> None:
    book, outcomes = book_of(EN)
    book.put_truth(5_000_000, truth((CAT, 0, 10), (DOG, 20, 30), (OWL, 40, 50)))
    book.put_results(5_000_000, [result(EN, (CAT, 0, 8), (CAT, 20, 30))], at_ns=25_000_000)
    cell = Cell("toys", "en", "plain")
    scores = book.tally.cells[cell].scores()
    assert (scores.n, scores.mask_recall_iou50, scores.mean_iou_matched) == (3, 2 / 3, 0.9)
    assert (scores.precision, scores.recall, scores.f1) == (0.5, 0.5, 0.5)  # no label: no owl
    assert scores.latency_ms_p50 == pytest.approx(20.0, rel=0.005)
    (outcome,) = outcomes
    assert (outcome.cell, outcome.reason, outcome.latency_ms) == (cell, "", 20.0)
    assert [one.verdict for one in outcome.objects] == ["right", "wrong", "missed"]
    record = book.tally.to_record()
    assert record["frames"] == {"received": 1, "scored": 1, "dropped": 0, "pending": 0}
    assert list(record["cells"][0])[:5] == ["label_set", "language", "style", "frames", "n"]


def test_several_results_of_a_frame_are_cells_of_their_own() -> None:
    book, outcomes = book_of(EN, JA)
    other_set = labels(CAT, label_set="books")
    book.put_truth(1, truth((CAT, 0, 10)))
    book.put_results(1, [result(EN, (CAT, 0, 10)), result(JA), result(other_set, (CAT, 0, 10))])
    figures = {cell.language: one.scores().recall for cell, one in book.tally.cells.items()}
    assert figures == {"en": 1.0, "ja": 0.0}  # and nothing of the set that is not on the table
    assert book.tally.frames == Frames(received=1, scored=1)
    assert len(outcomes) == 2


def test_truth_of_no_set_may_be_named_by_texts() -> None:
    book, _ = book_of(EN)
    book.put_truth(1, truth(("CAT", 0, 10), (DOG, 20, 30), ("ghost", 40, 50), label_set=None))
    book.put_results(1, [result(EN, (CAT, 0, 10), (DOG, 20, 30), (CAT, 40, 50))])
    (accumulator,) = book.tally.cells.values()
    counts = accumulator.counts
    assert (counts.objects, counts.nameable, counts.right_names, counts.names) == (3, 2, 2, 3)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (Unreadable("torn"), result(EN), "unreadable_truth"),
        (truth(), Unreadable("torn"), "unreadable_result"),
        (truth(label_set="books"), result(EN), "other_label_set"),
        (truth(), replace(result(EN), shape_hw=(1, 61)), "other_image_size"),
    ],
)
def test_a_pair_that_can_not_be_scored_is_dropped(
    one: Truth | Unreadable, other: Result | Unreadable, reason: str
) -> None:
    book, outcomes = book_of(EN)
    book.put_truth(1, one)
    book.put_results(1, [other])
    assert book.tally.frames == Frames(received=1, dropped=1)
    assert [(each.reason, bool(each.detail)) for each in outcomes] == [(reason, True)]
    assert book.tally.cells == {}


def test_a_result_waits_for_its_labels() -> None:
    book, _ = book_of()
    book.put_truth(1, truth((CAT, 0, 10)))
    book.put_results(1, [result(EN, (CAT, 0, 10))])
    assert book.tally.frames == Frames(received=1, pending=1)
    book.announce(EN)
    assert book.tally.frames == Frames(received=1, scored=1)


def test_labels_are_remembered_up_to_a_number() -> None:
    book, outcomes = book_of(EN, *(labels(f"toys.n{i}") for i in range(MAX_VERSIONS)))
    book.put_truth(1, truth())
    book.put_results(1, [result(EN)])
    book.finish()
    assert [one.reason for one in outcomes] == ["labels_not_announced"]


def test_a_late_result_is_told() -> None:
    book, _ = book_of(EN, capacity=1)
    book.put_truth(1, truth())
    book.put_truth(2, truth())
    assert not book.put_results(1, [result(EN)])
    assert book.put_results(2, [result(EN)])


def test_reset_forgets_all_but_the_labels() -> None:
    book, _ = book_of(EN)
    for _ in range(2):
        book.put_truth(1, truth())
        book.put_results(1, [result(EN)])
        assert book.tally.frames == Frames(received=1, scored=1)
        book.reset()
        assert book.tally.frames == Frames()
        assert book.tally.cells == {}


Event = Callable[[ScoreBook], object]


def _put_truth(stamp_ns: int, one: Truth) -> Event:
    return lambda book: book.put_truth(stamp_ns, one)


def _put_result(stamp_ns: int, one: Result) -> Event:
    return lambda book: book.put_results(stamp_ns, [one], at_ns=1001 * stamp_ns)


def _events(frames: int) -> list[Event]:
    """Frames in two cells, some without partner, some of which all comes twice."""
    events: list[Event] = [lambda book: book.announce(EN), lambda book: book.announce(JA)]
    for i in range(frames):
        by = (EN, JA)[i % 2]
        one = truth((CAT, 0, 10 + i), (DOG, 30, 40))
        other = result(by, (CAT, 0, 7 + i), ((DOG, "", CAT)[i % 3], 30, 37))
        for _ in range(2 if i % 4 == 3 else 1):
            events += [_put_truth(i, one)] if i % 5 != 4 else []
            events += [_put_result(i, other)] if i % 7 != 6 else []
    return events


EVENTS = _events(16)


def _tally(events: list[Event]) -> Tally:
    book = ScoreBook()
    for event in events:
        event(book)
    book.finish()
    return book.tally


@given(st.permutations(EVENTS))
def test_the_order_of_arrival_changes_no_figure(events: list[Event]) -> None:
    expected, found = _tally(EVENTS), _tally(events)
    assert found.to_record() == expected.to_record()
    assert found.cells == expected.cells  # exact sums, not only what is shown of them


@given(st.lists(st.integers(0, 2), min_size=40, max_size=40))
def test_parts_add_up_to_the_whole(part_of: list[int]) -> None:
    whole, parts = ScoreBook(), [ScoreBook() for _ in range(3)]
    for book in (whole, *parts):
        book.announce(EN)
    for i, part in enumerate(part_of):
        for book in (whole, parts[part]):
            book.put_truth(i, truth((CAT, 0, 10 + i % 9)))
            book.put_results(i, [result(EN, (CAT, 0, 8))], at_ns=1000 * i)
    total = Tally()
    for part_book in parts:
        total.merge(part_book.tally)
    assert total.to_record() == whole.tally.to_record()
