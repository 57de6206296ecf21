"""How many items a model answers rightly, group by group, with intervals; the worst and the gap.

An answer from which no option could be read counts as wrong. An item whose picture is broken is no
question: it is left out, and counted. Intervals of 95 % draw concepts anew, with all items of each:
its pictures, languages and questions hang together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.culture_bench.answering import Answer
from culture_perception.culture_bench.items import DIMENSIONS, Item
from culture_perception.experiments.resampling import (
    Clusters,
    Estimate,
    contrast,
    difference,
    ratio,
    share_estimate,
)
from culture_perception.masks import FloatArray

_SHARE: Final = ratio(0, 1)


@dataclass(frozen=True)
class Group:
    """Some of the items.

    Attributes:
        name: for example "JP".
        n: items.
        concepts: different concepts among them.
        accuracy: share answered rightly.
    """

    name: str
    n: int
    concepts: int
    accuracy: Estimate


@dataclass(frozen=True)
class Gap:
    """The best group, the worst, and how far they are apart."""

    best: str
    worst: str
    difference: Estimate


@dataclass(frozen=True)
class Scores:
    """One model's answers, with pictures or without.

    Attributes:
        accuracy: over all items that are questions.
        n: how many these are.
        concepts: different concepts among them.
        broken: items left out for their picture.
        unread: of n, from which no option could be read, by reason.
        groups: dimension -> its groups, by name.
        gaps: dimension -> its gap; where fewer than two groups are large enough there is none.
    """

    accuracy: Estimate
    n: int
    concepts: int
    broken: int
    unread: Mapping[str, int]
    groups: Mapping[str, tuple[Group, ...]]
    gaps: Mapping[str, Gap]


def score(items: Sequence[Item], answers: Sequence[Answer], least: int = 1) -> Scores:
    """The figures of one model.

    Args:
        items: N.
        answers: N, in their order.
        least: items that a group needs to be worst or best: of many small groups one is always
            far off.
    """
    pairs = [pair for pair in zip(items, answers, strict=True) if not pair[1].broken]
    asked, given = [item for item, _ in pairs], [answer for _, answer in pairs]
    right = right_of(asked, given)
    groups = {name: _groups(asked, right, of) for name, of in DIMENSIONS.items()}
    gaps = {
        name: gap
        for name, of in DIMENSIONS.items()
        if (gap := _gap(asked, right, of, [one for one in groups[name] if one.n >= least]))
    }
    return Scores(
        accuracy=share_estimate(right, clusters_of(asked)),
        n=len(asked),
        concepts=len({item.concept for item in asked}),
        broken=len(items) - len(asked),
        unread=_unread(given),
        groups=groups,
        gaps=gaps,
    )


def right_of(items: Sequence[Item], answers: Sequence[Answer]) -> NDArray[np.bool_]:
    """(N,) bool: which answers are right."""
    pairs = zip(items, answers, strict=True)
    return np.array([answer.choice == item.answer for item, answer in pairs], dtype=np.bool_)


def clusters_of(items: Sequence[Item]) -> Clusters:
    """What items hang together by: their concept. All are of one scene, which draws nothing."""
    concepts = np.array([item.concept for item in items], dtype=np.str_)
    return Clusters(np.full(len(items), "", dtype=np.str_), concepts)


def columns_of(right: NDArray[np.bool_]) -> FloatArray:
    """(N, 2): right, and one, of each item; accuracy is the ratio of their sums."""
    return np.stack([right.astype(np.float64), np.ones(len(right))], axis=1)


def paired_difference(
    items: Sequence[Item], first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> Estimate:
    """Accuracy of the first less that of the second, on the same items (N,)."""
    return difference(columns_of(first), columns_of(second), clusters_of(items), _SHARE)


def _groups(
    items: Sequence[Item], right: NDArray[np.bool_], of: Callable[[Item], str]
) -> tuple[Group, ...]:
    found = []
    for name in sorted({of(item) for item in items}):
        own, rights = _part(items, right, of, name)
        accuracy = share_estimate(rights, clusters_of(own))
        found.append(Group(name, len(own), len({item.concept for item in own}), accuracy))
    return tuple(found)


def _part(
    items: Sequence[Item], right: NDArray[np.bool_], of: Callable[[Item], str], name: str
) -> tuple[list[Item], NDArray[np.bool_]]:
    inside = [index for index, item in enumerate(items) if of(item) == name]
    return [items[index] for index in inside], right[inside]


def _gap(
    items: Sequence[Item],
    right: NDArray[np.bool_],
    of: Callable[[Item], str],
    groups: Sequence[Group],
) -> Gap | None:
    """Best less worst; the interval takes them as chosen beforehand, which is a little narrow.

    Where all or nothing of both is right, nothing was learned of the spread: there is no interval.
    """
    if len(groups) < 2:
        return None
    *_, best = ordered = sorted(groups, key=lambda one: one.accuracy.value)
    worst = ordered[0]
    parts = []
    for sign, group in ((1.0, best), (-1.0, worst)):
        own, rights = _part(items, right, of, group.name)
        parts.append((sign, columns_of(rights), clusters_of(own)))
    found = contrast(parts, _SHARE)
    known = found.low < found.high
    return Gap(best.name, worst.name, found if known else Estimate(found.value, np.nan, np.nan))


def _unread(answers: Sequence[Answer]) -> dict[str, int]:
    reasons = [answer.reason.partition(":")[0] for answer in answers if answer.choice is None]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}
