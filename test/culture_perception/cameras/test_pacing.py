from __future__ import annotations

import pytest

from culture_perception.cameras.pacing import OWN_PACE, Pace

MS = 1_000_000


def test_a_rate_gives_even_times_whatever_the_source_says() -> None:
    pace = Pace(10.0)
    now_s = 100.0

    due = []
    for number in range(4):
        due_s = max(now_s, pace.due_s(number * MS, now_s))
        pace.shown(due_s, 0.0, due_s + 0.03)  # showing takes a while, and the beat stays
        due.append(due_s)
        now_s = due_s + 0.03

    assert due == pytest.approx([100.0, 100.1, 100.2, 100.3])


def test_who_is_late_by_more_than_a_frame_begins_a_new_beat_and_is_counted() -> None:
    pace = Pace(10.0)
    assert not pace.shown(100.0, 0.0, 100.0)
    assert not pace.shown(100.1, 0.0, 100.15)
    assert pace.due_s(None, 100.15) == pytest.approx(100.2)

    assert pace.shown(100.2, 0.0, 100.5)

    assert pace.due_s(None, 100.5) == pytest.approx(100.6)  # no burst to catch up


def test_the_own_pace_is_that_of_the_recording() -> None:
    pace = Pace(OWN_PACE)
    pace.begin_round()

    assert pace.due_s(7_000 * MS, 100.0) == 100.0  # the first one comes at once
    assert pace.due_s(7_040 * MS, 100.0) == pytest.approx(100.04)
    assert pace.due_s(7_300 * MS, 100.2) == pytest.approx(100.3)


def test_a_new_round_begins_a_frames_time_after_the_last_one() -> None:
    pace = Pace(OWN_PACE)
    for due_ns in (0, 50 * MS):
        due_s = pace.due_s(due_ns, 100.0)
        pace.shown(due_s, 0.0, due_s)

    pace.begin_round()

    assert pace.due_s(0, 100.05) == pytest.approx(100.1)
    assert pace.due_s(50 * MS, 100.1) == pytest.approx(100.15)


def test_a_source_without_times_is_shown_at_its_own_rate_or_at_once() -> None:
    pace = Pace(OWN_PACE)
    assert pace.due_s(None, 100.0) <= 100.0
    pace.shown(100.0, 10.0, 100.0)
    assert pace.due_s(None, 100.0) == pytest.approx(100.1)

    live = Pace(OWN_PACE)
    live.shown(100.0, 0.0, 100.0)
    assert live.due_s(None, 100.0) <= 100.0


def test_another_rate_counts_from_the_next_frame_on() -> None:
    pace = Pace(0.1)
    pace.shown(100.0, 0.0, 100.0)
    assert pace.due_s(None, 100.0) == pytest.approx(110.0)

    pace.set_rate(20.0)

    assert pace.due_s(None, 100.5) <= 100.5
    pace.shown(100.5, 0.0, 100.5)
    assert pace.due_s(None, 100.5) == pytest.approx(100.55)
