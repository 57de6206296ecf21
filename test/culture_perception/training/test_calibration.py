"""Calibration, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from culture_perception.protocols import Calibration
from culture_perception.training.calibration import (
    Trials,
    accuracy,
    calibration_error,
    expected_calibration_error,
    fit_logit_scale,
    fit_thresholds,
    joined,
    judged,
    rejected,
)


def _trials(rows: list[list[float]], answers: list[int]) -> Trials:
    return Trials(np.array(rows), np.array(answers))


def test_accuracy() -> None:
    trials = _trials([[0.9, 0.1], [0.2, 0.8], [0.6, 0.5], [0.1, 0.3]], [0, 1, 1, 1])
    assert accuracy(trials) == 0.75


def test_no_crops_have_no_figures() -> None:
    empty = Trials(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
    assert math.isnan(accuracy(empty))
    assert math.isnan(expected_calibration_error(empty, 10.0))


@pytest.mark.parametrize(
    ("confidence", "right", "expected", "reason"),
    [
        ([0.5, 0.5], [True, False], 0.0, "half sure, half right"),
        ([1.0, 1.0], [True, True], 0.0, "sure and right; 1 is in the last bin"),
        ([1.0, 1.0], [False, False], 1.0, "sure and wrong"),
        ([0.95, 0.15], [True, False], 0.1, "gaps .05 and .15 in two bins of one crop each"),
        ([0.62, 0.68], [True, False], 0.15, "one bin: mean .65 against .5"),
    ],
)
def test_calibration_error(
    confidence: list[float], right: list[bool], expected: float, reason: str
) -> None:
    found = calibration_error(np.array(confidence), np.array(right))
    assert found == pytest.approx(expected), reason


def test_error_at_a_scale() -> None:
    # A gap of ln(3)/10 at scale 10: probabilities 3/4 and 1/4, always right.
    trials = _trials([[math.log(3) / 10, 0.0]] * 4, [0] * 4)
    assert expected_calibration_error(trials, 10.0) == pytest.approx(0.25)


def test_scale_makes_probabilities_match_frequencies() -> None:
    # Right 3 times of 4 at a gap of .1: the best probability is 3/4, at scale ln(3)/.1 = 10.99.
    trials = _trials([[0.1, 0.0]] * 4 + [[0.0, 0.3]], [0, 0, 0, 1, -1])
    assert fit_logit_scale(trials) == pytest.approx(math.log(3) / 0.1, rel=0.02)


def test_scale_needs_known_crops() -> None:
    with pytest.raises(ValueError, match="no crop has a true label"):
        fit_logit_scale(_trials([[0.1, 0.2]], [-1]))


def test_thresholds_reject_unknown_crops_within_the_price() -> None:
    known = [[0.8, 0.0]] * 19 + [[0.1, 0.0]]
    unknown = [[0.3, 0.25]] * 10  # as similar as no known crop but the last
    found = fit_thresholds(_trials(known + unknown, [0] * 20 + [-1] * 10), 10.0, 0.05)
    assert found.false_rejection == pytest.approx(0.05)
    assert found.unknown_rejection == 1.0
    accepted = [row for row in known if row[0] >= found.min_similarity]
    assert len(accepted) in (19, 20)


def test_no_price_rejects_no_right_name() -> None:
    rng = np.random.default_rng(0)
    similarities = rng.normal(0.2, 0.1, (50, 3))
    trials = Trials(similarities, similarities.argmax(axis=1))
    assert fit_thresholds(trials, 20.0, 0.0).false_rejection == 0.0


def test_price_is_never_exceeded() -> None:
    rng = np.random.default_rng(1)
    similarities = rng.normal(0.2, 0.1, (400, 5))
    answers = np.where(rng.random(400) < 0.5, similarities.argmax(axis=1), -1)
    for price in (0.01, 0.05, 0.2):
        found = fit_thresholds(Trials(similarities, answers), 20.0, price)
        assert found.false_rejection <= price


def test_verifier_tells_what_cosines_cannot() -> None:
    """Known and unknown crops are equally like their labels; the verifier believes the known."""
    trials = _trials([[0.6, 0.0]] * 40, [0] * 20 + [-1] * 20)
    assert fit_thresholds(trials, 10.0).unknown_rejection == 0.0
    matches = np.array([[0.9, 0.0]] * 20 + [[0.2, 0.99]] * 20)
    found = fit_thresholds(replace(trials, matches=matches), 10.0)
    assert (found.unknown_rejection, found.false_rejection) == (1.0, 0.0)
    assert (found.min_match, found.min_similarity) == (0.9, -1.0)


def test_rejected_as_recognition_judges() -> None:
    trials = _trials([[0.9, 0.0], [0.9, 0.8], [0.5, 0.0]], [0, 0, -1])
    own = Calibration(10.0, min_probability=0.8, min_similarity=0.6)
    assert judged(trials, own).tolist() == [0.9, -math.inf, 0.5]  # the second is a toss-up
    assert rejected(trials, own).tolist() == [False, True, True]
    verified = replace(trials, matches=np.array([[0.2, 1.0], [0.9, 1.0], [0.7, 1.0]]))
    assert rejected(verified, replace(own, min_similarity=-1.0, min_match=0.6)).tolist() == [
        True,
        True,
        False,
    ]


def test_trials_are_joined() -> None:
    one, other = _trials([[0.6, 0.0]], [0]), _trials([[0.1, 0.2]], [-1])
    assert joined([one, other]).answers.tolist() == [0, -1]
    assert joined([one, other]).matches is None


def test_thresholds_need_a_right_name() -> None:
    with pytest.raises(ValueError, match="no crop is named rightly"):
        fit_thresholds(_trials([[0.1, 0.9]], [0]), 10.0)


def test_answers_must_be_columns() -> None:
    with pytest.raises(ValueError, match="1 labels"):
        _trials([[0.5]], [1])
