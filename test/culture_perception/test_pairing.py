"""Pairing by exact stamp: every truth is scored, dropped or pending."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.pairing import Frames, Pairing


def accept_all(stamp_ns: int, truth: str, result: str) -> bool:
    return True


def test_a_pair_is_scored_in_either_order() -> None:
    pairs: list[tuple[int, str, str]] = []

    def score(*pair: int | str) -> bool:
        pairs.append(pair)  # type: ignore[arg-type]
        return True

    pairing: Pairing[str, str] = Pairing(score)
    pairing.put_truth(1, "t1")
    pairing.put_result(1, "r1")
    pairing.put_result(2, "r2")
    pairing.put_truth(2, "t2")
    assert pairs == [(1, "t1", "r1"), (2, "t2", "r2")]
    assert pairing.frames == Frames(received=2, scored=2)


def test_a_nanosecond_apart_is_no_pair() -> None:
    pairing: Pairing[str, str] = Pairing(accept_all)
    pairing.put_truth(1, "t")
    pairing.put_result(2, "r")
    assert pairing.frames == Frames(received=1, pending=1)


def test_a_refused_pair_is_dropped() -> None:
    pairing: Pairing[str, str] = Pairing(lambda *pair: False)
    pairing.put_truth(1, "t")
    pairing.put_result(1, "r")
    assert pairing.frames == Frames(received=1, dropped=1)


def test_a_pair_that_can_not_be_scored_yet_is_retried() -> None:
    verdicts: list[bool | None] = [None, None, True]
    pairing: Pairing[str, str] = Pairing(lambda *pair: verdicts.pop(0))
    pairing.put_truth(1, "t")
    pairing.put_result(1, "r")
    pairing.retry()
    assert pairing.frames == Frames(received=1, pending=1)
    pairing.retry()
    assert pairing.frames == Frames(received=1, scored=1)


def test_the_oldest_truth_makes_room() -> None:
    pairing: Pairing[str, str] = Pairing(accept_all, capacity=2)
    for stamp_ns in (1, 2, 3):
        pairing.put_truth(stamp_ns, "t")
    assert not pairing.put_result(1, "r")  # too late
    assert pairing.put_result(2, "r")
    assert pairing.put_result(4, "r")  # before its truth
    assert pairing.frames == Frames(received=3, scored=1, dropped=1, pending=1)


def test_the_oldest_result_makes_room_uncounted() -> None:
    pairing: Pairing[str, str] = Pairing(accept_all, capacity=1)
    pairing.put_result(1, "r")
    pairing.put_result(2, "r")
    pairing.put_truth(1, "t")
    assert pairing.frames == Frames(received=1, pending=1)


def test_of_two_truths_of_one_stamp_the_first_stays() -> None:
    seen: list[str] = []
    losses: list[tuple[str, int]] = []

    def score(stamp_ns: int, truth: str, result: str) -> bool:
        seen.append(truth + result)
        return True

    pairing: Pairing[str, str] = Pairing(score, on_loss=lambda *loss: losses.append(loss))
    pairing.put_truth(1, "t1")
    pairing.put_truth(1, "t2")
    assert pairing.frames == Frames(received=2, dropped=1, pending=1)
    pairing.put_result(2, "r1")
    pairing.put_result(2, "r2")
    pairing.put_result(1, "r")
    pairing.put_truth(2, "t")
    assert seen == ["t1r", "tr1"]
    assert losses == [("duplicate_truth", 1), ("duplicate_result", 2)]


def test_at_the_end_everything_that_waits_is_told() -> None:
    losses: list[tuple[str, int]] = []
    pairing: Pairing[str, str] = Pairing(
        lambda stamp_ns, *pair: None if stamp_ns == 3 else True,
        on_loss=lambda *loss: losses.append(loss),
    )
    pairing.put_truth(1, "no result comes")
    pairing.put_result(2, "no truth comes")
    pairing.put_truth(3, "can not be scored yet")
    pairing.put_result(3, "can not be scored yet")
    for _ in range(2):
        pairing.put_truth(4, "scored")  # and once more, without a result
    pairing.put_result(4, "scored")
    pairing.put_truth(4, "again")
    pairing.finish()
    assert losses == [
        ("duplicate_truth", 4),
        ("truth_without_result", 1),
        ("labels_not_announced", 3),
        ("duplicate_truth", 4),
        ("result_without_truth", 2),
    ]
    assert pairing.held == (0, 0)
    assert pairing.frames == Frames(received=5, scored=1, dropped=2, pending=2)


def test_a_pair_that_comes_again_is_offered_again() -> None:
    verdicts = [True, False]
    pairing: Pairing[str, str] = Pairing(lambda *pair: verdicts.pop(0))
    for _ in range(2):
        pairing.put_truth(1, "t")
        pairing.put_result(1, "r")
    assert pairing.frames == Frames(received=2, scored=1, dropped=1)


def test_reset_forgets_counts_and_what_waits() -> None:
    pairing: Pairing[str, str] = Pairing(accept_all)
    pairing.put_truth(1, "t")
    pairing.reset()
    pairing.put_result(1, "r")
    assert pairing.frames == Frames()


def test_no_capacity_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity 0 holds nothing; use at least 1"):
        Pairing(accept_all, capacity=0)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.sampled_from([True, False, None]))),
    st.integers(1, 4),
)
def test_every_truth_is_scored_dropped_or_pending(
    events: list[tuple[bool, int, bool | None]], capacity: int
) -> None:
    verdict: list[bool | None] = [None]
    pairing: Pairing[str, str] = Pairing(lambda *pair: verdict[0], capacity)
    for is_truth, stamp_ns, verdict[0] in events:
        put = pairing.put_truth if is_truth else pairing.put_result
        put(stamp_ns, "")
        pairing.retry()
        frames = pairing.frames
        assert frames.received == frames.scored + frames.dropped + frames.pending
        assert 0 <= frames.pending <= capacity
        assert max(pairing.held) <= capacity
    pairing.finish()
    assert pairing.frames.received == len([event for event in events if event[0]])
    assert pairing.held == (0, 0)
    frames = pairing.frames
    assert frames.received == frames.scored + frames.dropped + frames.pending


def test_frames_add_up() -> None:
    assert Frames(3, 1, 1, 1) + Frames(2, 2) == Frames(5, 3, 1, 1)
