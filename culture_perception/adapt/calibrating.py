"""The calibration of an adapter, on validation data: embeddings move, so cosines mean others."""

from __future__ import annotations

from dataclasses import dataclass

from culture_perception.adapt.learning import Learning
from culture_perception.models.adapter_card import AdapterCalibration
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import (
    Trials,
    fit_logit_scale,
    fit_thresholds,
    joined,
)
from culture_perception.verification import Verifier


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What an adapter's file says of certainty.

    Attributes:
        calibration: of the card.
        verifier: the best judge of what is unknown; None: cosines alone.
    """

    calibration: AdapterCalibration
    verifier: Verifier | None


def calibrate(encoder: Encoder, learning: Learning, own: Verifier | None = None) -> Calibrated:
    """Fits the logit scale and the thresholds of the encoder as it is now.

    The scale is found among labels like the label set's, the thresholds among all that there are.
    At most 5 % of the rightly named crops are called unknown. Of the verifiers that there are, and
    none, it takes the one that then rejects most unknown crops.

    Args:
        encoder: with the adapter at its scale.
        learning: gives validation crops, and strangers to their labels; without any of these,
            unknowns are rejected by that share alone.
        own: a verifier of the encoder with the adapter, beside the base's.
    """
    verifiers = (None, encoder.calibration.verifier, own)
    scale = sureness(encoder, learning)
    found = [_fitted(encoder, learning, one, scale) for one in dict.fromkeys(verifiers)]
    return max(found, key=lambda one: one[0])[1]


def sureness(encoder: Encoder, learning: Learning) -> float:
    """The logit scale of the encoder as it is now, found among labels like the label set's."""
    return fit_logit_scale(joined(learning.alike(encoder)))


def _fitted(
    encoder: Encoder, learning: Learning, verifier: Verifier | None, scale: float
) -> tuple[float, Calibrated]:
    """How many unknown crops are rejected, and the calibration that does so."""
    tried = learning.tried(encoder, verifier)
    trials: list[Trials] = [tried[cell].trials for cell in learning.targets]
    strangers = learning.strangers(encoder, verifier)
    limits = fit_thresholds(joined([*trials, *strangers]), scale)
    own = AdapterCalibration(scale, limits.min_probability, limits.min_similarity, limits.min_match)
    rejected = limits.unknown_rejection if strangers else 0.0
    return rejected, Calibrated(own, verifier)
