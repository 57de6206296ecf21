"""The thread that plays; every wait is for a condition, and short."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from culture_perception.cameras.calibration import from_field_of_view
from culture_perception.cameras.frames import CameraError, Item, Poses, Problem, SourceFrame
from culture_perception.cameras.pacing import ON_TRIGGER, OWN_PACE
from culture_perception.cameras.playing import Player

TIMEOUT_S = 20.0


def frame(number: int, due_ns: int | None = None) -> SourceFrame:
    pixels = np.full((2, 2, 3), number, dtype=np.uint8)
    return SourceFrame(pixels, None, from_field_of_view(2, 2, 60.0), due_ns=due_ns)


@dataclass
class Source:
    """Gives what it was made with; an exception among it is raised."""

    given: Sequence[Item | Exception]
    is_live: bool = False
    pace_hz: float = 1000.0
    has_depth: bool = False
    described: str = "what a test made"

    def items(self) -> Iterator[Item]:
        for one in self.given:
            if isinstance(one, Exception):
                raise one
            yield one


@dataclass
class Shown:
    """What a player showed and how it ended."""

    items: list[Item] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    ends: list[Exception | None] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def show(self, item: Item) -> None:
        self.times_s.append(time.monotonic())
        self.items.append(item)

    def end(self, failure: Exception | None) -> None:
        self.ends.append(failure)
        self.ended.set()

    @property
    def numbers(self) -> list[int]:
        """Of the frames."""
        return [int(one.image_rgb[0, 0, 0]) for one in self.items if isinstance(one, SourceFrame)]


@contextmanager
def playing(
    source: Source, rate_hz: float = OWN_PACE, loop: bool = False
) -> Iterator[tuple[Player, Shown]]:
    shown = Shown()
    player = Player(source, shown.show, shown.end, rate_hz, loop)
    player.start()
    try:
        yield player, shown
    finally:
        assert player.stop()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def test_all_frames_are_shown_once_and_the_end_is_told() -> None:
    with playing(Source([frame(1), Problem("two is bad"), frame(3)])) as (player, shown):
        assert shown.ended.wait(TIMEOUT_S)
        time.sleep(0.02)

    played = player.played
    assert shown.numbers == [1, 3]
    assert shown.ends == [None]
    assert (played.frames, played.problems, played.rounds, played.ended) == (2, 1, 1, True)
    assert played.last_problem == "two is bad"


def test_a_loop_goes_on_until_it_is_stopped() -> None:
    with playing(Source([frame(1), frame(2)]), loop=True) as (player, shown):
        wait_for(lambda: player.played.rounds >= 3)

    assert shown.numbers[:4] == [1, 2, 1, 2]
    assert shown.ends == []  # it was asked to stop


def test_times_are_those_of_the_recording_for_transforms_as_well() -> None:
    given: list[Item] = [frame(1, 0), Poses((), False, 60_000_000), frame(2, 120_000_000)]
    with playing(Source(given, pace_hz=0.0)) as (_, shown):
        assert shown.ended.wait(TIMEOUT_S)

    passed = np.array(shown.times_s) - shown.times_s[0]
    assert (passed >= [0.0, 0.06, 0.12]).all()
    assert [type(one) for one in shown.items] == [SourceFrame, Poses, SourceFrame]


def test_a_rate_overrides_the_recording() -> None:
    given = [frame(number, number * 3_600_000_000_000) for number in range(4)]  # hours
    with playing(Source(given), rate_hz=100.0) as (_, shown):
        assert shown.ended.wait(TIMEOUT_S)

    assert shown.numbers == [0, 1, 2, 3]
    assert shown.times_s[-1] - shown.times_s[0] >= 0.03


def test_the_rate_can_change_while_a_frame_waits() -> None:
    with playing(Source([frame(1), frame(2)]), rate_hz=0.001) as (player, shown):
        wait_for(lambda: len(shown.items) == 1)
        player.set_rate(1000.0)
        assert shown.ended.wait(TIMEOUT_S)

    assert shown.numbers == [1, 2]


def test_each_trigger_shows_one_frame() -> None:
    with playing(Source([frame(1), frame(2)]), rate_hz=ON_TRIGGER) as (player, shown):
        assert player.trigger(TIMEOUT_S)
        assert shown.numbers == [1]
        assert player.trigger(TIMEOUT_S)
        assert shown.numbers == [1, 2]
        assert shown.ended.wait(TIMEOUT_S)
        assert not player.trigger(0.01)  # there is nothing left


def test_a_live_source_does_not_wait_so_frames_go_by() -> None:
    class Live(Source):
        def items(self) -> Iterator[Item]:
            for number in range(40):
                time.sleep(0.005)
                yield frame(number)

    live = Live([], is_live=True, pace_hz=0.0)
    with playing(live, rate_hz=20.0) as (player, shown):
        assert shown.ended.wait(TIMEOUT_S)

    played = player.played
    assert played.frames + played.passed == 40
    assert played.passed > 20
    assert shown.numbers == sorted(shown.numbers)


@pytest.mark.parametrize("error", [CameraError("unplugged"), RuntimeError("a bug")])
def test_a_failure_is_never_silent(error: Exception) -> None:
    given: list[Item | Exception] = [frame(1), error]
    with playing(Source(given), loop=True) as (player, shown):
        assert shown.ended.wait(TIMEOUT_S)

    assert shown.numbers == [1]
    assert shown.ends == [error]
    assert player.played.ended


def test_a_source_without_one_usable_frame_is_a_failure_not_a_busy_loop() -> None:
    with playing(Source([Problem("bad")]), loop=True) as (player, shown):
        assert shown.ended.wait(TIMEOUT_S)

    assert player.played.rounds == 1
    assert "no frame of what a test made" in str(shown.ends[0])


def test_a_failure_while_showing_is_one_of_the_player() -> None:
    ended = threading.Event()
    failures: list[Exception | None] = []

    def show(item: Item) -> None:
        raise OSError("no space")

    def end(failure: Exception | None) -> None:
        failures.append(failure)
        ended.set()

    player = Player(Source([frame(1)]), show, end)
    player.start()
    assert ended.wait(TIMEOUT_S)
    assert player.stop()
    assert str(failures[0]) == "no space"


def test_stopping_does_not_wait_for_a_frame_that_is_far_away() -> None:
    with playing(Source([frame(1, 0), frame(2, 3_600_000_000_000)])) as (_, shown):
        wait_for(lambda: len(shown.items) == 1)
        before_s = time.monotonic()
    assert time.monotonic() - before_s < 5.0
