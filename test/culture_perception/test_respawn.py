"""How long to wait before a process is started again; the clock is a number here."""

from culture_perception.respawn import Respawn


def respawn() -> Respawn:
    return Respawn(_started_s=0.0)


def test_the_wait_doubles_up_to_half_a_minute() -> None:
    one, delays, now_s = respawn(), [], 0.0
    for _ in range(7):
        delays.append(one.ended(now_s))
        assert one.due_s == now_s + delays[-1]
        now_s += delays[-1]
        one.started(now_s)
    assert delays == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert (one.count, one.due_s) == (7, None)


def test_after_a_minute_that_went_well_the_wait_is_short_again() -> None:
    one = respawn()
    assert [one.ended(1.0), one.ended(2.0)] == [1.0, 2.0]
    one.started(4.0)
    assert one.ended(4.0 + 59.0) == 4.0
    one.started(100.0)
    assert one.ended(100.0 + 60.0) == 1.0
