"""McNemar's and Holm's, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from culture_perception.experiments.significance import holm, mcnemar


def answers(right: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([one == "1" for one in right])


class TestMcNemar:
    """Only where the two differ is anything learned."""

    @pytest.mark.parametrize(
        ("first", "second", "p"),
        [
            ("1111", "1111", 1.0),  # never differ
            ("11111", "00000", 2 / 32),  # five of five one way: 2 * (1/2)^5
            ("11110", "00001", 12 / 32),  # four to one: 2 * (1 + 5) / 32
            ("10", "01", 1.0),  # one each way
        ],
    )
    def test_exact(self, first: str, second: str, p: float) -> None:
        assert mcnemar(answers(first), answers(second)).p == pytest.approx(p)

    def test_counts(self) -> None:
        found = mcnemar(answers("1101"), answers("0111"))
        assert (found.only_first, found.only_second) == (1, 1)

    def test_different_cases_are_refused(self) -> None:
        with pytest.raises(ValueError, match="same cases"):
            mcnemar(answers("1"), answers("11"))


class TestHolm:
    """Step down."""

    def test_by_hand(self) -> None:
        # Sorted .01, .02, .03, .04: times 4, 3, 2, 1 is .04, .06, .06, .04, never falling.
        assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])

    def test_one_stays(self) -> None:
        assert holm([0.3]) == pytest.approx([0.3])

    def test_never_above_one(self) -> None:
        assert holm([0.9, 0.8]).max() == 1.0

    def test_none(self) -> None:
        assert holm([]).shape == (0,)
