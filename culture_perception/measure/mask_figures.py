"""How good a segmenter's masks are, and how far its own scores can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from culture_perception.masks import FloatArray
from culture_perception.matching import MIN_IOU, match_by_iou
from culture_perception.measure.figures import Figure, share
from culture_perception.measure.intervals import clustered
from culture_perception.measure.outcomes import Masks

MASKS: Final = "Masks"
SCORES: Final = "The segmenter's own scores"
PAPER_STABILITY: Final = 0.9
"""The paper keeps masks whose stability is above this."""


def mask_figures(name: str, title: str, results: Sequence[Masks]) -> list[Figure]:
    """Recall, IoU, spurious masks and time over the scenes of a set.

    Masks and objects are paired one to one. A mask is spurious if no object, however hidden, has
    an IoU of .5 with it.

    Args:
        name: of the set, for the keys.
        title: of the set, for people.
        results: of each scene.
    """
    found, scene_of, matched, matched_in = [], [], [], []
    for number, result in enumerate(results):
        pairs = match_by_iou(result.overlaps.T)
        for column in np.flatnonzero(result.counts):
            found.append(int(column) in pairs)
            scene_of.append(number)
            if int(column) in pairs:
                matched.append(pairs[int(column)][1])
                matched_in.append(number)
    spurious = [int((_best_overlap(result) < MIN_IOU).sum()) for result in results]
    seconds = [result.seconds for result in results]
    left_out = sum(int((~result.counts).sum()) for result in results)
    hidden = f" ({left_out} less than half visible left out)" if left_out else ""
    key = f"segmenter.{name}"
    return [
        share(MASKS, f"{key}.recall_iou50", f"{title}: recall at IoU .5{hidden}", found, scene_of),
        _mean(f"{key}.matched_iou", f"{title}: IoU of matched masks", matched, matched_in),
        _mean(f"{key}.spurious", f"{title}: spurious masks an image", spurious, unit="images"),
        _mean(f"{key}.seconds", f"{title}: seconds an image, here", seconds, unit="images"),
    ]


def score_figures(
    name: str, title: str, candidates: Sequence[Masks], offset: float | None
) -> list[Figure]:
    """Whether predicted IoU and stability tell good masks from bad ones.

    Args:
        name: of the set, for the keys.
        title: of the set, for people.
        candidates: of each scene, with every mask that the segmenter proposes: no threshold, no
            suppression.
        offset: of the stability score, logits; None where it is not known.
    """
    if not candidates:
        return []
    best = np.concatenate([_best_overlap(result) for result in candidates])
    predicted = np.concatenate([result.predicted_iou for result in candidates])
    stability = np.concatenate([result.stability for result in candidates])
    good = best >= MIN_IOU
    stable = stability > PAPER_STABILITY
    at = "" if offset is None else f" at offset {offset:g}"
    n, key = len(best), f"scores.{name}"

    def figure(part: str, what: str, value: float, count: int = n) -> Figure:
        return Figure(SCORES, f"{key}.{part}", f"{title}: {what}", value, count, unit="masks")

    return [
        figure("good", "share of proposed masks with IoU .5", _mean_of(good)),
        figure("iou_auc", "predicted IoU, AUC of good against bad", auc(predicted, good)),
        figure("iou_error", "predicted IoU, mean absolute error", _mean_of(abs(predicted - best))),
        figure("iou_correlation", "predicted IoU, correlation", _correlation(predicted, best)),
        figure("stability_auc", f"stability{at}, AUC", auc(stability, good)),
        figure(
            "stability_median",
            f"stability{at}, median of good masks",
            float(np.median(stability[good])) if good.any() else math.nan,
            int(good.sum()),
        ),
        figure(
            "stable_good",
            f"good masks with stability{at} > .9",
            _mean_of(stable[good]),
            int(good.sum()),
        ),
        figure(
            "stable_bad",
            f"bad masks with stability{at} > .9",
            _mean_of(stable[~good]),
            int((~good).sum()),
        ),
        figure(
            "stable_precision",
            f"share of good among masks with stability{at} > .9",
            _mean_of(good[stable]),
            int(stable.sum()),
        ),
    ]


def auc(scores: FloatArray, good: NDArray[np.bool_]) -> float:
    """How often a good case has a higher score than a bad one; equal scores count half.

    NaN if there are no good or no bad ones.
    """
    goods, bads = int(good.sum()), int((~good).sum())
    if not goods or not bads:
        return math.nan
    ranks = float(rankdata(scores)[good].sum())
    return (ranks - goods * (goods + 1) / 2) / (goods * bads)


def _best_overlap(result: Masks) -> FloatArray:
    """(N,) IoU of each mask with the object that it covers best; 0 where there is none."""
    return np.asarray(result.overlaps.max(axis=1, initial=0.0))


def _mean(
    key: str,
    what: str,
    values: Sequence[float],
    clusters: Sequence[int] | None = None,
    unit: str = "objects",
) -> Figure:
    groups = np.asarray(range(len(values)) if clusters is None else clusters, dtype=np.int64)
    value = float(np.mean(values)) if len(values) else math.nan
    interval = clustered(np.bincount(groups, weights=values), np.bincount(groups))
    return Figure(MASKS, key, what, value, len(values), interval, unit=unit)


def _mean_of(values: FloatArray | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _correlation(a: FloatArray, b: FloatArray) -> float:
    if len(a) < 2 or not a.std() or not b.std():
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])
