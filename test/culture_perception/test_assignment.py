from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from culture_perception.assignment import UNKNOWN, Assignment, assign
from culture_perception.masks import FloatArray

CONTESTED = np.array([[0.6, 0.4], [0.9, 0.1]])
"""Both masks are most like label 0; mask 1 more so."""


def everything(probabilities: FloatArray) -> np.ndarray:
    return np.ones(probabilities.shape, dtype=np.bool_)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        pytest.param("greedy", [UNKNOWN, 0], id="the better mask overwrites, the other loses"),
        pytest.param("one_to_one", [1, 0], id="the loser gets what is left"),
        pytest.param("independent", [0, 0], id="nobody competes"),
    ],
)
def test_two_masks_want_one_label(kind: Assignment, names: list[int]) -> None:
    assert assign(CONTESTED, everything(CONTESTED), kind).tolist() == names


def test_one_to_one_gives_up_a_best_label_for_a_better_sum() -> None:
    probabilities = np.array([[0.5, 0.45], [0.4, 0.0]])

    assert assign(probabilities, everything(probabilities), "one_to_one").tolist() == [1, 0]


@pytest.mark.parametrize("kind", ["greedy", "one_to_one", "independent"])
def test_a_name_that_is_not_allowed_is_not_given(kind: Assignment) -> None:
    allowed = np.array([[False, False], [True, True]])

    assert assign(CONTESTED, allowed, kind).tolist() == [UNKNOWN, 0]


def test_greedy_does_not_fall_to_the_second_best_label() -> None:
    allowed = np.array([[False, True], [True, True]])

    assert assign(CONTESTED, allowed, "greedy").tolist() == [UNKNOWN, 0]


@pytest.mark.parametrize("kind", ["greedy", "one_to_one", "independent"])
@pytest.mark.parametrize(("masks", "labels"), [(0, 3), (2, 0), (0, 0)])
def test_without_masks_or_labels_nothing_is_named(
    kind: Assignment, masks: int, labels: int
) -> None:
    probabilities = np.zeros((masks, labels))

    assert assign(probabilities, everything(probabilities), kind).tolist() == [UNKNOWN] * masks


def test_more_masks_than_labels_leave_some_unknown() -> None:
    probabilities = np.array([[0.2], [0.7], [0.5]])

    assert assign(probabilities, everything(probabilities), "one_to_one").tolist() == [-1, 0, -1]


@pytest.mark.parametrize("kind", ["greedy", "independent"])
def test_equal_scores_go_to_the_first(kind: Assignment) -> None:
    probabilities = np.full((2, 2), 0.5)

    assert assign(probabilities, everything(probabilities), kind)[0] == 0


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'best'.*greedy, one_to_one, independent"):
        assign(CONTESTED, everything(CONTESTED), "best")  # type: ignore[arg-type]


SCORES = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 4), st.just(4)), elements=st.integers(1, 9).map(float)
)


@given(SCORES, st.sampled_from(["greedy", "one_to_one"]))
def test_no_label_is_given_twice(scores: FloatArray, kind: Assignment) -> None:
    names = assign(scores, everything(scores), kind)

    given_names = names[names != UNKNOWN]
    assert len(set(given_names)) == len(given_names)


@given(SCORES)
def test_no_other_deal_is_worth_more_than_one_to_one(scores: FloatArray) -> None:
    rows = np.arange(len(scores))
    names = assign(scores, everything(scores), "one_to_one")

    best = max(scores[rows, list(deal)].sum() for deal in permutations(range(4), len(scores)))
    assert scores[rows, names].sum() == best
