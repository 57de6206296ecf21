from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.camera_shift import common_shift
from culture_perception.masks import BoxedMask


def square(x: int, y: int, side: int = 10) -> BoxedMask:
    return BoxedMask((x, y, x + side, y + side), np.ones((side, side), np.bool_))


def moved(masks: list[BoxedMask], dx: int, dy: int) -> list[BoxedMask]:
    return [
        BoxedMask((x0 + dx, y0 + dy, x1 + dx, y1 + dy), one.inside)
        for one in masks
        for x0, y0, x1, y1 in [one.box]
    ]


SCENE = [square(100, 100), square(150, 100, 20), square(100, 170, 12), square(190, 160, 30)]


@given(st.integers(-25, 25), st.integers(-15, 15), st.permutations(range(4)))
def test_what_moves_together_is_the_cameras_shift(dx: int, dy: int, order: list[int]) -> None:
    after = moved(SCENE, dx, dy)

    assert common_shift(SCENE, [after[i] for i in order]) == (dx, dy)


def test_near_things_shift_more_and_the_median_is_taken() -> None:
    after = [
        *moved(SCENE[:1], 20, 0),
        *moved(SCENE[1:2], 22, 0),
        *moved(SCENE[2:3], 21, 0),
        *moved(SCENE[3:], 26, 0),
    ]

    # All agree with 22, each within a quarter of its side: 21.5 is the median.
    assert common_shift(SCENE, after) == (22, 0)


def test_one_that_was_moved_is_no_shift_of_the_camera() -> None:
    after = [*moved(SCENE[:1], 20, 5), *SCENE[1:]]

    assert common_shift(SCENE, after) == (0, 0)
    assert common_shift(SCENE[:1], moved(SCENE[:1], 20, 5)) == (0, 0)


def test_in_a_row_of_equal_things_the_smallest_shift_is_taken() -> None:
    row = [square(20 * i, 0) for i in range(6)]

    assert common_shift(row, moved(row, 3, 0)) == (3, 0)


def test_others_that_come_and_go_do_not_matter() -> None:
    after = [square(300, 10, 40), *moved(SCENE[:3], -8, 4), square(5, 5)]

    assert common_shift(SCENE, after) == (-8, 4)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(SCENE, [], id="all gone"),
        pytest.param([], SCENE, id="all new"),
        pytest.param(SCENE, [square(0, 0, 99)], id="another size"),
        pytest.param(
            [BoxedMask((0, 0, 0, 0), np.zeros((0, 0), np.bool_))] * 2,
            [BoxedMask((5, 5, 5, 5), np.zeros((0, 0), np.bool_))] * 2,
            id="empty masks",
        ),
    ],
)
def test_without_pairs_nothing_moved(before: list[BoxedMask], after: list[BoxedMask]) -> None:
    assert common_shift(before, after) == (0, 0)
