"""Intervals whose cases share scenes and objects."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.experiments.resampling import (
    RESAMPLES,
    Clusters,
    contrast,
    difference,
    divided,
    estimate,
    ratio,
    share_estimate,
)
from culture_perception.masks import FloatArray
from culture_perception.measure.intervals import wilson

SHARE = ratio(0, 1)


def clusters(scenes: str, objects: str) -> Clusters:
    return Clusters(np.array(list(scenes)), np.array(list(objects)))


def columns(right: str) -> FloatArray:
    return np.array([[float(one), 1.0] for one in right])


class TestDraws:
    """How often cases count."""

    def test_cases_of_one_scene_and_object_count_alike(self) -> None:
        drawn = clusters("AABB", "xyxy").drawn(50)
        scenes, objects = drawn[:, 0] * drawn[:, 3], drawn[:, 1] * drawn[:, 2]
        assert drawn.shape == (50, 4)
        assert np.array_equal(scenes, objects)  # (A x)(B y) = (A y)(B x)

    def test_scenes_are_drawn_as_many_as_there_are(self) -> None:
        drawn = clusters("ABC", "xxx").drawn(100)
        assert (drawn.sum(axis=1) == 3).all()  # one object, always drawn once

    def test_one_seed_gives_one_draw(self) -> None:
        cases = clusters("ABC", "xyz")
        assert np.array_equal(cases.drawn(10, 1), cases.drawn(10, 1))
        assert not np.array_equal(cases.drawn(10, 1), cases.drawn(10, 2))

    def test_different_lengths_are_refused(self) -> None:
        with pytest.raises(ValueError, match="scenes"):
            Clusters(np.array(["A"]), np.array(["x", "y"]))


class TestEstimates:
    """Figures and their ends."""

    def test_value_is_of_all_cases(self) -> None:
        found = estimate(columns("1100"), clusters("ABCD", "wxyz"), SHARE)
        assert found.value == 0.5
        assert found.low < 0.5 < found.high

    def test_objects_widen_the_interval(self) -> None:
        # 40 scenes of two objects, one of which is always right: with other objects it may be
        # none or all.
        right = "10" * 40
        scenes = np.repeat(np.arange(40), 2).astype(str)
        same = Clusters(scenes, np.array(["x", "y"] * 40))
        found = estimate(columns(right), same, SHARE)
        assert (found.low, found.high) == (0.0, 1.0)

    def test_only_right_answers_get_the_interval_of_their_objects(self) -> None:
        found = share_estimate(np.ones(10, np.bool_), clusters("ABCDEFGHIJ", "xxxxxyyyyy"))
        assert (found.low, found.high) == pytest.approx(wilson(2, 2))

    def test_figure_that_never_changes_has_no_interval(self) -> None:
        found = estimate(columns("0000"), clusters("ABCD", "wxyz"), SHARE)
        assert found.value == 0.0
        assert math.isnan(found.low)
        assert math.isnan(found.high)

    def test_no_cases_are_no_figure(self) -> None:
        nothing = Clusters(np.zeros(0, np.str_), np.zeros(0, np.str_))
        found = estimate(np.zeros((0, 2)), nothing, SHARE)
        assert math.isnan(found.value)
        assert math.isnan(found.low)

    def test_division_by_nothing_is_no_number(self) -> None:
        assert np.isnan(divided(np.array([1.0]), np.array([0.0]))).all()


class TestDifferences:
    """Paired and unpaired."""

    def test_equal_answers_never_differ(self) -> None:
        found = difference(columns("1010"), columns("1010"), clusters("ABCD", "xxyy"), SHARE)
        assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)

    def test_constant_difference_has_no_width(self) -> None:
        found = difference(columns("1111"), columns("0000"), clusters("ABCD", "xxyy"), SHARE)
        assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)

    def test_pairing_narrows(self) -> None:
        rng = np.random.default_rng(0)
        first = rng.random(60) < 0.5
        second = first.copy()
        second[:3] = ~second[:3]
        numbers = np.arange(60).astype(str)
        cases = Clusters(numbers, numbers)
        wide = Clusters(np.char.add("other", numbers), np.char.add("other", numbers))
        a, b = (np.stack([one.astype(float), np.ones(60)], axis=1) for one in (first, second))
        paired = difference(a, b, cases, SHARE)
        unpaired = contrast([(1.0, a, cases), (-1.0, b, wide)], SHARE)
        assert paired.high - paired.low < 0.5 * (unpaired.high - unpaired.low)

    def test_contrast_of_the_same_cases_is_paired(self) -> None:
        cases = clusters("ABCD", "xxyy")
        found = contrast([(1.0, columns("1111"), cases), (-1.0, columns("0000"), cases)], SHARE)
        assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


@given(st.lists(st.booleans(), min_size=2, max_size=20))
def test_interval_holds_the_figure(right: list[bool]) -> None:
    numbers = np.arange(len(right)).astype(str)
    found = share_estimate(np.array(right), Clusters(numbers, numbers))
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_resamples_are_enough_for_ends_of_a_percent() -> None:
    assert RESAMPLES >= 1000
