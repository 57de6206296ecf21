"""How much of a trained change is used: new skill against what was known before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

import numpy as np

from culture_perception.adapt.cells import CellTrials
from culture_perception.adapt.gate import ALLOWED_DROP
from culture_perception.measure.outcomes import Cell
from culture_perception.zero_shot import probabilities

GRID: Final = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Scales that are tried, as WiSE-FT does (Wortsman et al. 2022, arXiv 2109.01903)."""

Tried = Mapping[Cell, CellTrials]


def worth(before: Tried, now: Tried, targets: Collection[Cell], logit_scale: float) -> float:
    """How good a state is on validation data: larger is better.

    The mean probability of the true label over the target's cells, less what is lost of it, in the
    mean, in the other cells. It tells more of few crops than top-1 does.
    """
    gained = [_chance(now[cell], logit_scale) for cell in now if cell in targets]
    lost = [
        _chance(before[cell], logit_scale) - _chance(now[cell], logit_scale)
        for cell in now
        if cell not in targets
    ]
    return float(np.mean(gained)) - max(0.0, float(np.mean(lost or [0.0])))


def choose_scale(
    try_at: Callable[[float], Tried], before: Tried, targets: Collection[Cell]
) -> tuple[float, dict[float, tuple[float, float]]]:
    """The scale that is best on validation data.

    Among those at which the other cells lose at most ALLOWED_DROP of top-1 in the mean, the one
    with the best target; the smaller one of equals. Where there is none such, the one with the
    best sum of both.

    Args:
        try_at: sets a scale and compares the validation crops.
        before: the same with the bare base.
        targets: cells that are to be better.

    Returns:
        The scale, and top-1 of the target's and of the other cells at each (NaN for none).
    """
    curve: dict[float, tuple[float, float]] = {}
    for scale in GRID:
        found = try_at(scale)
        curve[scale] = (_top1(found, targets, True), _top1(found, targets, False))
    least = _top1(before, targets, False) - ALLOWED_DROP
    kept = [scale for scale, (_, others) in curve.items() if not others < least]
    if kept:
        return max(kept, key=lambda scale: curve[scale][0]), curve
    return max(curve, key=lambda scale: sum(curve[scale])), curve


def _top1(found: Tried, targets: Collection[Cell], of_target: bool) -> float:
    shares = [one.right.mean() for cell, one in found.items() if (cell in targets) == of_target]
    return float(np.mean(shares)) if shares else float("nan")


def _chance(tried: CellTrials, logit_scale: float) -> float:
    chances = probabilities(tried.trials.similarities, logit_scale)
    return float(chances[np.arange(len(chances)), tried.trials.answers].mean())
