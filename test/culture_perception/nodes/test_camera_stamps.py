from __future__ import annotations

import numpy as np

from culture_perception.cameras.calibration import from_field_of_view
from culture_perception.cameras.frames import Pose, Poses, SourceFrame
from culture_perception.nodes.camera_stamps import Stamps

NOW = 1_000_000


def frame(stamp_ns: int | None, due_ns: int | None = None) -> SourceFrame:
    pixels = np.zeros((1, 1, 3), dtype=np.uint8)
    calibration = from_field_of_view(1, 1, 60.0)
    return SourceFrame(pixels, None, calibration, stamp_ns=stamp_ns, due_ns=due_ns)


def poses(stamp_ns: int, due_ns: int) -> Poses:
    return Poses((Pose("a", "b", (0, 0, 0), (0, 0, 0, 1), stamp_ns),), False, due_ns)


def test_recorded_stamps_stay_and_jump_back_in_a_new_round() -> None:
    stamps = Stamps(recorded=True)

    assert [stamps.of_frame(frame(n, n), True, NOW) for n in (100, 200, 100)] == [100, 200, 100]
    assert stamps.shift_of(poses(50, 50), True, NOW) == 0
    assert stamps.of_frame(frame(None), True, NOW) == NOW  # nothing was recorded


def test_now_keeps_the_distance_of_images_and_transforms() -> None:
    stamps = Stamps(recorded=False)

    # A picture of 100 came at 110, a transform of 105 at 115; the player is a little late.
    first = stamps.of_frame(frame(100, 110), True, NOW)
    shift = stamps.shift_of(poses(105, 115), True, NOW + 7)
    second = stamps.of_frame(frame(200, 210), True, NOW + 103)

    assert first == NOW - 10  # as old as it was when it was recorded
    assert 105 + shift == first + 5
    assert second == first + 100


def test_a_new_round_begins_now_and_time_never_goes_back() -> None:
    stamps = Stamps(recorded=False)
    first = [stamps.of_frame(frame(n, n), True, NOW + n) for n in (100, 200)]

    again = [stamps.of_frame(frame(n, n), True, NOW + 200 + n) for n in (100, 200)]

    assert first == [NOW + 100, NOW + 200]
    assert again == [NOW + 300, NOW + 400]
    assert stamps.of_frame(frame(100, 100), True, NOW) == NOW + 401  # of a clock with jitter


def test_a_clock_that_was_set_back_is_followed() -> None:
    stamps = Stamps(recorded=False)
    hour = 3_600_000_000_000

    assert stamps.of_frame(frame(None), True, NOW + hour) == NOW + hour
    assert stamps.of_frame(frame(None), True, NOW) == NOW


def test_at_another_rate_a_frame_is_stamped_when_it_is_shown() -> None:
    stamps = Stamps(recorded=False)

    assert stamps.of_frame(frame(100, 110), False, NOW) == NOW
    assert stamps.of_frame(frame(None), True, NOW + 5) == NOW + 5
    assert stamps.shift_of(poses(105, 115), False, NOW + 9) == NOW + 9 - 105
    assert stamps.shift_of(Poses((), True, 1), False, NOW) == 0
