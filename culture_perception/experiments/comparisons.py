"""What language, brand and culture do to a figure: paired differences, contrasts, the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culture_perception.concepts import STYLES
from culture_perception.experiments.resampling import (
    Clusters,
    Estimate,
    Statistic,
    contrast,
    difference,
)
from culture_perception.experiments.significance import holm, mcnemar
from culture_perception.experiments.texts import FUSED, Cell
from culture_perception.masks import FloatArray

VERBATIM: Final = "verbatim"
FEW_OBJECTS: Final = 30
"""With fewer different products a figure says little of others: it is told beside it."""


@dataclass(frozen=True, eq=False)
class Series:
    """A cell's answers, case by case.

    Attributes:
        cell: whose.
        columns: (N, F) what the figure is made of.
        clusters: scene and object of each case.
        statistic: the figure, of sums of the columns.
        right: (N,) bool, for McNemar's test; cases that are no question are False in all cells.
    """

    cell: Cell
    columns: FloatArray
    clusters: Clusters
    statistic: Statistic
    right: NDArray[np.bool_]

    @property
    def value(self) -> float:
        """The figure over all cases."""
        return float(self.statistic(self.columns.sum(axis=0)))


@dataclass(frozen=True)
class Comparison:
    """Two cells that differ in one thing.

    Attributes:
        first: the one that the other is taken off.
        second: of the same cases where `paired`.
        changed: "language", "style", "arm" or "products".
        difference: of the figure, first less second.
        paired: same masks; then p is of McNemar's exact test.
        only_first: cases that only the first got right; 0 where not paired.
        only_second: the same of the second.
        p: None where not paired: only the interval tells.
        p_holm: over all paired comparisons of the list.
    """

    first: Cell
    second: Cell
    changed: str
    difference: Estimate
    paired: bool
    only_first: int = 0
    only_second: int = 0
    p: float | None = None
    p_holm: float | None = None


def compare(series: Sequence[Series]) -> list[Comparison]:
    """The pairs of cells that differ in one thing.

    Languages are compared within each arm; styles and products where the texts are verbatim, and
    other arms with the verbatim one: every further question would weaken Holm's answers.
    """
    found = []
    for one, other in combinations(series, 2):
        changed = _changed(one.cell, other.cell)
        if changed == "products":
            parts = [(1.0, one.columns, one.clusters), (-1.0, other.columns, other.clusters)]
            gap = contrast(parts, one.statistic)
            found.append(Comparison(one.cell, other.cell, changed, gap, paired=False))
        elif changed:
            found.append(_paired(one, other, changed))
    adjusted = iter(holm([one.p for one in found if one.p is not None]))
    return [one if one.p is None else replace(one, p_holm=float(next(adjusted))) for one in found]


def _changed(one: Cell, other: Cell) -> str:
    """The only thing that differs; "" for none, several, or one that is not asked about."""
    if FUSED in one.language or FUSED in other.language:
        return ""
    # The name of the label set follows from products and arm.
    names = ("products", "arm", "language", "style")
    different = [name for name in names if getattr(one, name) != getattr(other, name)]
    if different == ["products"]:
        return "products" if one.arm == VERBATIM else ""
    if len(different) != 1:
        return ""
    asked = different[0] == "language" or VERBATIM in (one.arm, other.arm)
    return different[0] if asked else ""


def _paired(one: Series, other: Series, changed: str) -> Comparison:
    test = mcnemar(one.right, other.right)
    return Comparison(
        first=one.cell,
        second=other.cell,
        changed=changed,
        difference=difference(one.columns, other.columns, one.clusters, one.statistic),
        paired=True,
        only_first=test.only_first,
        only_second=test.only_second,
        p=test.p,
    )


@dataclass(frozen=True)
class Effect:
    """What a factor does to the figure, all else alike: a difference of means of cells."""

    name: str
    what: str
    estimate: Estimate


_Weights: TypeAlias = "list[tuple[float, Series]]"


def effects(series: Sequence[Series]) -> list[Effect]:
    """Language, brand and culture, and how far brand depends on the other two.

    Differences of shares, not odds: where a cell has no right answer, odds are infinite. Only
    verbatim texts count. Culture is compared in a language that both sets have, languages within
    a set that has both.
    """
    plain = [one for one in series if one.cell.arm == VERBATIM and FUSED not in one.cell.language]
    sets = list(dict.fromkeys(one.cell.products for one in plain))
    found = []
    for name in sets:
        own = [one for one in plain if one.cell.products == name]
        found += _within(name, own)
    for first, second in combinations(sets, 2):
        found += _between(first, second, plain)
    return found


def _within(name: str, own: Sequence[Series]) -> list[Effect]:
    tags = list(dict.fromkeys(one.cell.language for one in own))
    found = [_effect(f"brand, {name} {tag}", "brand less plain", _brand(own, tag)) for tag in tags]
    for one, other in combinations(tags, 2):
        what = f"{one} less {other}"
        apart = _styles(own, one, 0.5) + _styles(own, other, -0.5)
        found.append(_effect(f"language, {name}", f"{what}, mean of both styles", apart))
        crossed = _brand(own, one) + [(-weight, cell) for weight, cell in _brand(own, other)]
        found.append(_effect(f"language x brand, {name}", f"gain by brand in {what}", crossed))
    return found


def _between(first: str, second: str, series: Sequence[Series]) -> list[Effect]:
    groups = [[one for one in series if one.cell.products == name] for name in (first, second)]
    shared = [
        tag
        for tag in dict.fromkeys(one.cell.language for one in groups[0])
        if any(other.cell.language == tag for other in groups[1])
    ]
    found = []
    for tag in shared:
        what = f"{first} less {second}"
        apart = _styles(groups[0], tag, 0.5) + _styles(groups[1], tag, -0.5)
        found.append(_effect(f"culture, {tag}", f"{what}, mean of both styles", apart))
        crossed = _brand(groups[0], tag)
        crossed += [(-weight, one) for weight, one in _brand(groups[1], tag)]
        found.append(_effect(f"culture x brand, {tag}", f"gain by brand in {what}", crossed))
    return found


def _styles(own: Sequence[Series], tag: str, weight: float) -> _Weights:
    return [(weight, one) for one in own if one.cell.language == tag]


def _brand(own: Sequence[Series], tag: str) -> _Weights:
    sign = {STYLES[0]: -1.0, STYLES[1]: 1.0}
    return [(sign[one.cell.style], one) for one in own if one.cell.language == tag]


def _effect(name: str, what: str, parts: _Weights) -> Effect:
    groups = [(weight, one.columns, one.clusters) for weight, one in parts]
    return Effect(name, what, contrast(groups, parts[0][1].statistic))


@dataclass(frozen=True)
class Gap:
    """The headline: the best and the worst group, and how far they lie apart."""

    best: Cell
    worst: Cell
    best_value: float
    worst_value: float
    difference: Estimate


def gap(series: Sequence[Series]) -> Gap | None:
    """Of the cells with a figure, verbatim texts alone; None for fewer than two."""
    known = [one for one in series if one.cell.arm == VERBATIM and np.isfinite(one.value)]
    if len(known) < 2:
        return None
    best = max(known, key=lambda one: one.value)
    worst = min(known, key=lambda one: one.value)
    parts = [(1.0, best.columns, best.clusters), (-1.0, worst.columns, worst.clusters)]
    apart = contrast(parts, best.statistic)
    return Gap(best.cell, worst.cell, best.value, worst.value, apart)
