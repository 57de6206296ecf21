"""Calibration of an encoder: the scale of its cosines, and when to call something unknown.

Everything here is fitted on validation data, never on the products of an evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import FloatArray
from culture_perception.protocols import Calibration
from culture_perception.zero_shot import probabilities

_SCALES = np.geomspace(2.0, 100.0, 157)
_THRESHOLD_STEPS = 21


@dataclass(frozen=True)
class Trials:
    """Crops that were each compared with the labels of a set.

    Attributes:
        similarities: (N, C) cosines of each crop with each of its set's labels.
        answers: (N,) column of the true label; -1 where no label of the set is true of the crop.
        matches: (N, C) probability that each label is true, by a verifier; None: there is none.
    """

    similarities: FloatArray
    answers: NDArray[np.int64]
    matches: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuses answers that are not columns.

        Raises:
            ValueError: the arrays do not fit each other.
        """
        count, labels = self.similarities.shape
        if self.answers.shape != (count,) or (count and int(self.answers.max()) >= labels):
            raise ValueError(f"{self.answers.shape} answers for {count} crops and {labels} labels")

    def of_best(self, values: FloatArray) -> FloatArray:
        """(N,) of values (N, C), those of each crop's most similar label."""
        return np.asarray(values[np.arange(len(values)), self.similarities.argmax(axis=1)])


@dataclass(frozen=True)
class Thresholds:
    """When the best label is rejected as unknown, and what that costs and gains.

    Attributes:
        min_probability: least probability that is accepted.
        min_similarity: least cosine that is accepted; -1 where a verifier judges.
        min_match: least probability of the verifier's that is accepted; 0 without one.
        false_rejection: share of rightly named crops that are rejected, 0 to 1.
        unknown_rejection: share of crops of no label that are rejected, 0 to 1; NaN for none.
    """

    min_probability: float
    min_similarity: float
    min_match: float
    false_rejection: float
    unknown_rejection: float


def joined(several: Sequence[Trials]) -> Trials:
    """All trials one after the other; they need as many labels each, and a verifier all or none."""
    matches = [one.matches for one in several if one.matches is not None]
    return Trials(
        np.concatenate([one.similarities for one in several]),
        np.concatenate([one.answers for one in several]),
        np.concatenate(matches) if matches else None,
    )


def accuracy(trials: Trials) -> float:
    """Share of crops whose most similar label is the true one; NaN for no crops."""
    if not len(trials.answers):
        return float("nan")
    return float((trials.similarities.argmax(axis=1) == trials.answers).mean())


def calibration_error(confidence: FloatArray, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equal-width bins.

    Args:
        confidence: (N,) 0 to 1.
        right: (N,) whether each answer was right.
        bins: of confidence; the last one includes 1.

    Returns:
        0 (perfect) to 1, weighted by the crops of each bin; NaN for no crops.
    """
    if not len(confidence):
        return float("nan")
    index = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(index, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def expected_calibration_error(trials: Trials, logit_scale: float) -> float:
    """calibration_error of the best label's probability at a scale; NaN for no crops."""
    confidence = probabilities(trials.similarities, logit_scale).max(axis=1, initial=0.0)
    return calibration_error(confidence, trials.similarities.argmax(axis=1) == trials.answers)


def fit_logit_scale(trials: Trials) -> float:
    """The scale from 2 to 100 that makes the true labels most probable.

    Crops of no label are left out.

    Raises:
        ValueError: no crop has a true label.
    """
    known = _known(trials)
    rows = np.arange(len(known.answers))
    losses = [
        -np.log(probabilities(known.similarities, scale)[rows, known.answers] + 1e-12).mean()
        for scale in _SCALES
    ]
    return float(_SCALES[int(np.argmin(losses))])


def fit_thresholds(trials: Trials, logit_scale: float, false_rejection: float = 0.05) -> Thresholds:
    """The thresholds that reject most unknown crops at a bounded price.

    The price, the share of rightly named crops that are rejected, is split between probability on
    one side and the verifier, or the cosine where there is none, on the other in all proportions;
    the best counts.

    Args:
        trials: crops with and without a true label.
        logit_scale: of the probabilities.
        false_rejection: highest price, 0 to 1.

    Raises:
        ValueError: no crop is named rightly.
    """
    probability = trials.of_best(probabilities(trials.similarities, logit_scale))
    verified = trials.matches is not None
    judged = trials.of_best(trials.similarities if trials.matches is None else trials.matches)
    right = trials.similarities.argmax(axis=1) == trials.answers
    if not right.any():
        raise ValueError("no crop is named rightly: train longer before setting thresholds")
    candidates = [
        _split(probability, judged, right, trials.answers < 0, share, false_rejection, verified)
        for share in np.linspace(0, false_rejection, _THRESHOLD_STEPS)
    ]
    return max(candidates, key=lambda found: np.nan_to_num(found.unknown_rejection))


def judged(trials: Trials, own: Calibration) -> FloatArray:
    """(N,) what the last threshold is compared with: of the verifier, or the cosine without one.

    Less than any threshold where the most similar label's probability is too low already.
    """
    likely = trials.of_best(probabilities(trials.similarities, own.logit_scale))
    values = trials.of_best(trials.similarities if trials.matches is None else trials.matches)
    return np.asarray(np.where(likely >= own.min_probability, values, -np.inf))


def rejected(trials: Trials, own: Calibration) -> NDArray[np.bool_]:
    """(N,) bool: whose most similar label is not believed, as recognition judges."""
    least = own.min_similarity if trials.matches is None else own.min_match
    value = judged(trials, own)
    return np.asarray(value < least)


def _split(
    probability: FloatArray,
    judged: FloatArray,
    right: NDArray[np.bool_],
    unknown: NDArray[np.bool_],
    share: float,
    false_rejection: float,
    verified: bool,
) -> Thresholds:
    """Spends `share` of the price on probability and the rest on what else judges."""
    min_probability = _quantile(probability[right], share)
    passed = right & (probability >= min_probability)
    left = false_rejection - float((right & ~passed).sum() / right.sum())
    least = _quantile(judged[passed], left * right.sum() / passed.sum())
    rejected = (probability < min_probability) | (judged < least)
    return Thresholds(
        min_probability=min_probability,
        min_similarity=-1.0 if verified else least,
        min_match=least if verified else 0.0,
        false_rejection=float(rejected[right].mean()),
        unknown_rejection=float(rejected[unknown].mean()) if unknown.any() else float("nan"),
    )


def _quantile(values: FloatArray, share: float) -> float:
    """The largest value below which at most `share` of the values lie."""
    return float(np.sort(values)[min(int(share * len(values)), len(values) - 1)])


def _known(trials: Trials) -> Trials:
    known = trials.answers >= 0
    if not known.any():
        raise ValueError("no crop has a true label: nothing to calibrate on")
    return Trials(trials.similarities[known], trials.answers[known])
