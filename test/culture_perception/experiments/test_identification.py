"""Table I on four colours, counted by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from culture_perception.concepts import LabelSet
from culture_perception.experiments.failures import confusion, reliability
from culture_perception.experiments.identification import (
    Answers,
    Cases,
    answer,
    cases_of,
    identified,
)
from culture_perception.experiments.options import IdentificationOptions
from culture_perception.experiments.sightings import Known
from culture_perception.experiments.texts import Named, banks_of
from culture_perception.measure.scene_sets import Scene
from culture_perception.protocols import Encoder

PLAIN = IdentificationOptions()
SCALE = 10.0
SURE = math.exp(SCALE) / (math.exp(SCALE) + 3)
"""Probability of the best of four labels whose cosines are 1, 0, 0, 0."""


@pytest.fixture
def english(encoder: Encoder, label_set: LabelSet) -> Named:
    return banks_of("toy", {"verbatim": label_set}, encoder, "ensemble")[0]


@pytest.fixture
def cases(make_scene: Callable[..., Scene], known_as: Callable[..., Known]) -> Cases:
    """Two scenes: of red, which looks red, and of green among blue, which looks white."""
    scenes = [make_scene(1, "toy.red"), make_scene(2, "toy.green", "toy.blue")]
    known = [known_as("toy.red"), known_as("toy.white", "toy.blue")]
    return cases_of(scenes, known, PLAIN)


class TestCases:
    """Which objects count."""

    def test_target_alone(self, cases: Cases) -> None:
        assert cases.concepts.tolist() == ["toy.red", "toy.green"]
        assert cases.clusters.scenes.tolist() == ["1", "2"]

    def test_all(self, make_scene: Callable[..., Scene], known_as: Callable[..., Known]) -> None:
        scene = make_scene(2, "toy.green", "toy.blue")
        seen = known_as("toy.white", "toy.blue")
        both = cases_of([scene], [seen], IdentificationOptions(judged="all"))
        assert both.concepts.tolist() == ["toy.green", "toy.blue"]

    def test_no_scenes(self) -> None:
        assert len(cases_of([], [], PLAIN).concepts) == 0


class TestAnswers:
    """Naming and scoring."""

    def test_half_is_right(self, cases: Cases, english: Named) -> None:
        answers = answer(cases, english, SCALE, PLAIN)
        found = identified(cases, answers)
        assert answers.right.tolist() == [True, False]
        assert found.figures["top1"].value == 0.5
        assert (found.n, found.scenes, found.objects) == (2, 2, 2)

    def test_score_is_zero_on_a_mismatch(self, cases: Cases, english: Named) -> None:
        found = identified(cases, answer(cases, english, SCALE, PLAIN))
        assert found.figures["score"].value == pytest.approx(SURE / 2)

    def test_cosine_as_score(self, cases: Cases, english: Named) -> None:
        options = IdentificationOptions(score="cosine")
        found = identified(cases, answer(cases, english, SCALE, options))
        assert found.figures["score"].value == pytest.approx(0.5)

    def test_labels_of_the_scene_alone_may_be_asked_for(self, cases: Cases, english: Named) -> None:
        # Green looks white, but white is not in its scene: green and blue are equal, first wins.
        answers = answer(cases, english, SCALE, IdentificationOptions(over="scene"))
        assert answers.right.tolist() == [True, True]
        assert answers.confidence == pytest.approx([1.0, 0.5])

    def test_calibration_error(self, cases: Cases, english: Named) -> None:
        found = identified(cases, answer(cases, english, SCALE, PLAIN))
        assert found.calibration_error == pytest.approx(SURE - 0.5)

    def test_concept_without_label_is_wrong(self, cases: Cases, english: Named) -> None:
        answers = answer(cases, english, SCALE, PLAIN)
        strange = Cases(
            cases.rows, np.array(["toy.red", "other.thing"]), cases.clusters, cases.among
        )
        assert answer(strange, english, SCALE, PLAIN).truth.tolist() == [answers.truth[0], -1]


class TestFailures:
    """What is taken for what, and how sure."""

    def test_confusion(self, cases: Cases, english: Named) -> None:
        counts = confusion(answer(cases, english, SCALE, PLAIN))
        assert counts[0, 0] == 1  # red as red
        assert counts[1, 3] == 1  # green as white
        assert counts.sum() == 2

    def test_reliability(self) -> None:
        answers = Answers(
            labels=("a", "b"),
            best=np.array([0, 0, 1]),
            truth=np.array([0, 1, 1]),
            confidence=np.array([0.55, 0.57, 1.0]),
            score=np.zeros(3),
        )
        low, high = reliability(answers)
        assert (low.n, low.accuracy) == (2, 0.5)
        assert low.confidence == pytest.approx(0.56)
        assert (high.low, high.high, high.n, high.accuracy) == (0.9, 1.0, 1, 1.0)
