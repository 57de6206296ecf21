"""Where it fails: which rung of the chain loses an object, and what is taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from culture_perception.experiments.identification import Answers
from culture_perception.masks import IntArray

Rung: TypeAlias = Literal[
    "right",
    "segmenter missed",
    "wrong language",
    "encoder wrong",
    "mask wrong",
    "not claimed",
]
RUNGS: Final[tuple[Rung, ...]] = get_args(Rung)
MEANING: Final[Mapping[Rung, str]] = {
    "right": "found and rightly named",
    "segmenter missed": "no mask covers it",
    "wrong language": "wrong even with the perfect mask, but right by another language's labels",
    "encoder wrong": "wrong even with the perfect mask, in every language",
    "mask wrong": "right with the perfect mask, wrong with the mask that was found",
    "not claimed": "right with the mask found, but another mask won the label, or too unsure",
}
"""Asked in the order of RUNGS' chain: the first that applies takes the object."""


@dataclass(frozen=True, eq=False)
class Chain:
    """What each link made of the objects of a cell; all (N,) bool.

    Attributes:
        hit: the label ended on the object's mask.
        covered: some mask covers the object.
        right_if_perfect: best label of the object's true mask is right.
        right_if_found: best label of the mask that covers it best is right.
        right_elsewhere: right_if_perfect by the labels of another language of the same set.
    """

    hit: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    right_if_perfect: NDArray[np.bool_]
    right_if_found: NDArray[np.bool_]
    right_elsewhere: NDArray[np.bool_]


def rungs(chain: Chain) -> list[Rung]:
    """The rung of each object."""
    return [
        _rung(*map(bool, links))
        for links in zip(
            chain.hit,
            chain.covered,
            chain.right_if_perfect,
            chain.right_if_found,
            chain.right_elsewhere,
            strict=True,
        )
    ]


def _rung(hit: bool, covered: bool, perfect: bool, found: bool, elsewhere: bool) -> Rung:
    if hit:
        return "right"
    if not covered:
        return "segmenter missed"
    if found:
        return "not claimed"
    if perfect:
        return "mask wrong"
    return "wrong language" if elsewhere else "encoder wrong"


def count_rungs(found: Sequence[Rung]) -> dict[Rung, int]:
    """How many objects each rung took, all rungs included."""
    counts = Counter(found)
    return {rung: counts[rung] for rung in RUNGS}


def confusion(answers: Answers) -> IntArray:
    """(C, C) counts: row the true concept, column the best label, both in the order of the labels.

    Objects of a concept that the labels lack are left out.
    """
    size = len(answers.labels)
    known = answers.truth >= 0
    flat = answers.truth[known] * size + answers.best[known]
    return np.bincount(flat, minlength=size * size).reshape(size, size)


@dataclass(frozen=True)
class ReliabilityBin:
    """Cases whose confidence lies from low to high."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def reliability(answers: Answers, bins: int = 10) -> list[ReliabilityBin]:
    """Mean confidence and accuracy by bins of equal width; bins without a case are left out."""
    index = np.minimum((answers.confidence * bins).astype(np.int64), bins - 1)
    right = answers.right
    return [
        ReliabilityBin(
            low=number / bins,
            high=(number + 1) / bins,
            n=int((index == number).sum()),
            confidence=float(answers.confidence[index == number].mean()),
            accuracy=float(right[index == number].mean()),
        )
        for number in np.unique(index).tolist()
    ]
