"""Which frame answers a request, and what becomes of the others."""

from typing import Any

import pytest

from culture_perception.nodes.frame_requests import FrameRequest, RequestBook

SECOND = 1_000_000_000
FRAME: Any = object()  # requests hand it on and look at nothing of it


def request(max_age_s: float = 0.0, received_ns: int = 10 * SECOND) -> FrameRequest:
    return FrameRequest(received_ns, max_age_s, lambda perceived: ("answer", perceived))


def test_without_an_age_only_a_newer_frame_will_do() -> None:
    one = request()
    assert not one.accepts(10 * SECOND - 1, 10 * SECOND)
    assert not one.begun
    assert one.stale_s == pytest.approx(1e-9)
    assert one.accepts(10 * SECOND, 11 * SECOND)
    assert one.begun


def test_with_an_age_an_older_frame_will_do() -> None:
    one = request(max_age_s=0.5)
    assert not one.accepts(9 * SECOND, 10 * SECOND)
    assert not one.accepts(8 * SECOND, 10 * SECOND)
    assert one.stale_s == pytest.approx(1.0)  # the youngest that was refused
    assert one.accepts(9 * SECOND + SECOND // 2, 10 * SECOND)


def test_the_first_answer_counts() -> None:
    one = request()
    one.fulfil(FRAME)
    one.fail("too late")
    assert (one.is_done, one.result, one.error) == (True, ("answer", FRAME), "")


def test_an_answer_that_fails_is_an_error_and_no_exception() -> None:
    def fail(perceived: Any) -> None:
        raise ValueError("no such thing")

    one = FrameRequest(0, 0.0, fail)
    one.fulfil(FRAME)
    assert (one.is_done, one.result, one.error) == (True, None, "ValueError: no such thing")


def test_a_frame_is_begun_for_those_that_accept_it_and_a_stop_ends_all() -> None:
    book = RequestBook()
    begun, waiting = request(), request(received_ns=99 * SECOND)
    book.add(begun)
    book.add(waiting)
    assert book.accepting(20 * SECOND, 20 * SECOND) == [begun]
    assert book.begun_for(19 * SECOND) == []
    assert book.begun_for(20 * SECOND) == [begun]
    begun.fail("out of memory")
    book.interrupt_all("deactivated")
    assert (waiting.error, waiting.interrupted) == ("deactivated", True)
    assert not begun.interrupted
    book.remove(begun)
    assert len(book) == 1


def test_a_frame_that_will_do_does_not_become_too_old_in_work() -> None:
    one = request(max_age_s=0.5)
    assert one.accepts(10 * SECOND, 10 * SECOND)
    assert one.accepts(10 * SECOND, 99 * SECOND)
    assert not one.accepts(11 * SECOND, 99 * SECOND)
    assert (one.has_accepted(10 * SECOND), one.has_accepted(11 * SECOND)) == (True, False)


def test_after_a_jump_back_in_time_it_waits_for_a_frame_of_the_new_time() -> None:
    book, one = RequestBook(), request()
    book.add(one)
    assert one.accepts(11 * SECOND, 11 * SECOND)
    assert not one.accepts(2 * SECOND, 2 * SECOND)
    book.restart_all(3 * SECOND)
    assert (one.begun, one.stale_s) == (False, None)
    assert not one.accepts(2 * SECOND, 3 * SECOND)
    assert one.accepts(4 * SECOND, 4 * SECOND)
