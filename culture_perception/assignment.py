"""Which mask gets which name, when masks compete for names and some should get none."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import numpy as np
from scipy.optimize import linear_sum_assignment

from culture_perception.masks import FloatArray, IntArray, MaskArray

Assignment: TypeAlias = Literal["greedy", "one_to_one", "independent"]
"""greedy: each mask takes its best label, and of the masks with one label only the best keeps it,
as in the paper, where a higher score overwrites. one_to_one: the names are dealt out so that the
sum of probabilities is highest, each label at most once. independent: each mask takes its best
label, whatever others took."""

UNKNOWN: Final = -1


def check_assignment(kind: str) -> None:
    """Raises ValueError, naming what there is, unless kind is one of Assignment's."""
    if kind not in get_args(Assignment):
        raise ValueError(f"unknown assignment {kind!r}; use {', '.join(get_args(Assignment))}")


def assign(probabilities: FloatArray, allowed: MaskArray, kind: Assignment = "greedy") -> IntArray:
    """Label of each mask: (N,) int, a column or UNKNOWN.

    Equal scores go to the label and the mask that come first (one_to_one: to one of the best
    deals, always the same). No masks give (0,); no labels give only UNKNOWN.

    Args:
        probabilities: (N, C) of masks and labels.
        allowed: (N, C) bool, False where a score is too low to be believed.
        kind: see Assignment.

    Raises:
        ValueError: kind is none of Assignment's.
    """
    check_assignment(kind)
    if probabilities.size == 0:
        return np.full(len(probabilities), UNKNOWN, dtype=np.intp)
    if kind == "one_to_one":
        return _one_to_one(probabilities, allowed)
    best = _independent(probabilities, allowed)
    return _overwrite(best, probabilities) if kind == "greedy" else best


def _independent(probabilities: FloatArray, allowed: MaskArray) -> IntArray:
    best = probabilities.argmax(axis=1)
    return np.where(allowed[np.arange(len(best)), best], best, UNKNOWN)


def _overwrite(best: IntArray, probabilities: FloatArray) -> IntArray:
    kept = np.full_like(best, UNKNOWN)
    for label in np.unique(best[best != UNKNOWN]):
        takers = np.flatnonzero(best == label)
        kept[takers[probabilities[takers, label].argmax()]] = label
    return kept


def _one_to_one(probabilities: FloatArray, allowed: MaskArray) -> IntArray:
    # A forbidden pair is worth nothing, so the best deal is also best among the allowed pairs.
    masks, labels = linear_sum_assignment(np.where(allowed, probabilities, 0.0), maximize=True)
    names = np.full(len(probabilities), UNKNOWN, dtype=np.intp)
    given = allowed[masks, labels]
    names[masks[given]] = labels[given]
    return names
