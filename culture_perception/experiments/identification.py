"""Table I: objects cut by their true masks, each named by the labels of its set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.experiments.options import IdentificationOptions
from culture_perception.experiments.resampling import (
    Clusters,
    Estimate,
    estimate,
    ratio,
    share_estimate,
)
from culture_perception.experiments.sightings import Known
from culture_perception.experiments.texts import Named
from culture_perception.masks import Float32Array, FloatArray, IntArray
from culture_perception.measure.scene_sets import Scene
from culture_perception.training.calibration import calibration_error
from culture_perception.zero_shot import probabilities, similarity

FIGURES: Final = ("top1", "score")
"""top1: share of objects whose best label is the right one. score: mean of the score of the best
label, 0 where it is the wrong one."""


@dataclass(frozen=True, eq=False)
class Cases:
    """The objects that count, in the order of the scenes.

    Attributes:
        rows: (N, D) embeddings.
        concepts: (N,) what each is.
        clusters: scene and object of each.
        among: for each the concept ids in its scene.
    """

    rows: Float32Array
    concepts: NDArray[np.str_]
    clusters: Clusters
    among: tuple[frozenset[str], ...]


@dataclass(frozen=True, eq=False)
class Answers:
    """How the labels of a cell name the cases.

    Attributes:
        labels: concept ids of the columns.
        best: (N,) column of the best label.
        truth: (N,) column of the right label; -1 where the labels lack it.
        confidence: (N,) probability of the best label.
        score: (N,) what is averaged: that probability, or its cosine.
    """

    labels: tuple[str, ...]
    best: IntArray
    truth: IntArray
    confidence: FloatArray
    score: FloatArray

    @property
    def right(self) -> NDArray[np.bool_]:
        """(N,) bool."""
        return np.asarray(self.best == self.truth)


@dataclass(frozen=True)
class Identified:
    """A cell of Table I.

    Attributes:
        figures: one Estimate for each of FIGURES.
        calibration_error: of the probabilities; NaN for no cases.
        n: cases.
        scenes: they come from.
        objects: different products.
    """

    figures: Mapping[str, Estimate]
    calibration_error: float
    n: int
    scenes: int
    objects: int


def cases_of(
    scenes: Sequence[Scene], known: Sequence[Known], options: IdentificationOptions
) -> Cases:
    """The objects that count, from what the encoder saw of each scene."""
    rows, concepts, numbers, among = [], [], [], []
    for scene, seen in zip(scenes, known, strict=True):
        there = frozenset(thing.concept_id for thing in scene.objects)
        for i, thing in enumerate(scene.objects):
            if options.judged == "all" or thing.concept_id == scene.target:
                rows.append(seen.embeddings[options.crop][i])
                concepts.append(thing.concept_id)
                numbers.append(str(scene.seed))
                among.append(there)
    names = np.array(concepts, dtype=np.str_)
    clusters = Clusters(np.array(numbers, dtype=np.str_), names)
    empty = np.zeros((0, 0), np.float32)
    return Cases(np.stack(rows) if rows else empty, names, clusters, tuple(among))


def answer(
    cases: Cases, named: Named, logit_scale: float, options: IdentificationOptions
) -> Answers:
    """Names the cases by a cell's labels.

    Args:
        cases: N objects.
        named: C labels.
        logit_scale: the encoder's own.
        options: `over` and `score` count here.
    """
    labels = named.bank.labels.concept_ids
    cosines = similarity(cases.rows, named.bank.embeddings)
    if options.over == "scene":
        asked = np.array([[one in there for one in labels] for there in cases.among], np.bool_)
        cosines = np.where(asked.reshape(cosines.shape), cosines, -np.inf)
    chances = probabilities(cosines, logit_scale)
    best, each = cosines.argmax(axis=1), np.arange(len(cosines))
    scored = chances if options.score == "probability" else cosines
    column = {concept: i for i, concept in enumerate(labels)}
    return Answers(
        labels=labels,
        best=best,
        truth=np.array([column.get(one, -1) for one in cases.concepts], dtype=np.intp),
        confidence=chances[each, best],
        score=scored[each, best],
    )


def identified(cases: Cases, answers: Answers) -> Identified:
    """The figures of a cell."""
    right = answers.right
    scores = np.stack([np.where(right, answers.score, 0.0), np.ones(len(right))], axis=1)
    return Identified(
        figures={
            "top1": share_estimate(right, cases.clusters),
            "score": estimate(scores, cases.clusters, ratio(0, 1)),
        },
        calibration_error=calibration_error(answers.confidence, right),
        n=len(right),
        scenes=len(np.unique(cases.clusters.scenes)),
        objects=len(np.unique(cases.clusters.objects)),
    )
