from __future__ import annotations

from dataclasses import replace

import pytest

from culture_perception.depth_alignment import DepthError, Origin, check_belongs

COLOUR = Origin((3, 4), "optical", 5_000_000_000)


def test_depth_of_the_same_camera_belongs() -> None:
    check_belongs(COLOUR, COLOUR, max_skew_ns=0)
    check_belongs(replace(COLOUR, frame_id="/optical"), COLOUR)


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        pytest.param(
            replace(COLOUR, shape_hw=(3, 5)), r"is 5x3, colour 4x3; .*align_depth", id="size"
        ),
        pytest.param(
            replace(COLOUR, frame_id="depth"), r"'depth', colour in 'optical'; .*align", id="frame"
        ),
        pytest.param(
            replace(COLOUR, stamp_ns=5_010_500_000),
            r"10\.5 ms after colour, 10\.0 ms are allowed.*enable_sync",
            id="later",
        ),
        pytest.param(
            replace(COLOUR, stamp_ns=4_980_000_000), r"20\.0 ms before colour", id="earlier"
        ),
    ],
)
def test_depth_that_does_not_belong_is_refused(depth: Origin, said: str) -> None:
    with pytest.raises(DepthError, match=said):
        check_belongs(depth, COLOUR)


def test_how_far_stamps_may_differ_can_be_said() -> None:
    late = replace(COLOUR, stamp_ns=COLOUR.stamp_ns + 10_000_000)

    check_belongs(late, COLOUR)
    with pytest.raises(DepthError, match=r"10\.0 ms after"):
        check_belongs(late, COLOUR, max_skew_ns=9_999_999)
