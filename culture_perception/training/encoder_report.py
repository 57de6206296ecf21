"""Measures and calibrates a trained encoder.

The command is `python -m culture_perception.training.encoder_report`; see encoder_evaluation for
what is measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from culture_perception.measure.intervals import clustered
from culture_perception.models.clip import load_embedded_encoder
from culture_perception.protocols import Calibration, Encoder
from culture_perception.training.calibration import (
    Trials,
    accuracy,
    expected_calibration_error,
    fit_logit_scale,
    fit_thresholds,
    joined,
    rejected,
)
from culture_perception.training.encoder_data import CropSet, DataError, load_crops
from culture_perception.training.encoder_evaluation import (
    embed_crops,
    embed_labels_by_product,
    label_tests,
    plain_labels,
)
from culture_perception.training.encoder_export import write_calibration
from culture_perception.training.encoder_trials import (
    LABELS_A_SET,
    exclusive_sets,
    known_trials,
    unknown_trials,
)
from culture_perception.training.truth import IntArray
from culture_perception.training.verifier import train_verifier
from culture_perception.verification import Verifier

_PRICES = 51  # tried, from the highest to none


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        test: what was asked.
        top1: share of crops named rightly, 0 to 1.
        crops: how many different crops.
        trials: how often a crop was named; a crop takes part in several sets.
        calibration_error: of the probabilities, 0 to 1.
    """

    test: str
    top1: float
    crops: int
    trials: int
    calibration_error: float


def evaluate_encoder(encoder: Encoder, crops: CropSet, seed: int = 0) -> list[Figure]:
    """Names crops by labels without brand, by brand, and by labels cut to a part.

    Args:
        encoder: any; its logit scale is used for the calibration error.
        crops: of a data set that was not trained on.
        seed: of the sets.
    """
    return [
        Figure(
            test=f"{test.key}: {test.what}",
            top1=accuracy(test.trials),
            crops=len(np.unique(test.rows)),
            trials=len(test.rows),
            calibration_error=expected_calibration_error(
                test.trials, encoder.calibration.logit_scale
            ),
        )
        for test in label_tests(encoder, crops, embed_crops(encoder, crops), seed)
    ]


def calibrate_encoder(
    encoder: Encoder,
    crops: CropSet,
    verifier: Verifier | None = None,
    false_rejection: float = 0.05,
    seed: int = 0,
) -> tuple[Calibration, dict[str, float]]:
    """Fits logit scale and unknown thresholds on validation crops, by labels without brand.

    Args:
        encoder: to calibrate.
        crops: validation data, neither trained on nor evaluated on.
        verifier: judges what may be believed; None: the cosine does.
        false_rejection: highest share of rightly named crops that may be called unknown. So few
            are that the upper end of its interval of 95 %, products drawn anew, stays below:
            other products than those of the validation must not pay more.
        seed: of the label sets.

    Returns:
        The calibration, and the figures that it has on the same data.

    Raises:
        DataError: there are too few products for one set of labels.
    """
    plain = plain_labels(crops)
    sets = exclusive_sets(crops, plain, np.random.default_rng(seed))
    if not sets:
        raise DataError(f"{len(plain)} products make no set of {LABELS_A_SET} different labels")
    images, texts = embed_crops(encoder, crops), embed_labels_by_product(encoder, plain)
    known, rows = known_trials(images, crops, texts, sets, verifier)
    rng = np.random.default_rng(seed)
    unknown, _ = unknown_trials(images, crops, texts, sets, rng, verifier)
    scale = fit_logit_scale(known)
    for price in np.linspace(false_rejection, 0.0, _PRICES):
        found = fit_thresholds(joined([known, unknown]), scale, float(price))
        own = Calibration(
            scale, found.min_probability, found.min_similarity, verifier, found.min_match
        )
        upper = _false_rejection(known, own, crops.products[rows])
        if upper <= false_rejection:
            break
    figures = {
        "validation_crops": len(crops),
        "top1": accuracy(known),
        "calibration_error": expected_calibration_error(known, scale),
        "false_rejection": found.false_rejection,
        "false_rejection_upper_end": upper,
        "unknown_rejection": found.unknown_rejection,
    }
    return own, figures


def _false_rejection(known: Trials, own: Calibration, products: IntArray) -> float:
    """Upper end of the share of rightly named crops that are rejected."""
    right = known.similarities.argmax(axis=1) == known.answers
    low = rejected(known, own)
    _, group = np.unique(products[right], return_inverse=True)
    return clustered(np.bincount(group, low[right]), np.bincount(group))[1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "culture_perception.training.encoder_report", description=__doc__
    )
    parser.add_argument("encoder", type=Path, help="folder of the trained encoder")
    parser.add_argument("--validation", type=Path, help="data set to calibrate on, then kept")
    parser.add_argument(
        "--verify",
        type=Path,
        help="data set of other products than were trained on, to train the verifier with",
    )
    parser.add_argument("--held", type=Path, help="data set to measure on")
    parser.add_argument("--threads", type=int, default=1, help="default %(default)s")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    given = _parser().parse_args(arguments)
    torch.set_num_threads(given.threads)
    try:
        if given.validation:
            encoder = load_embedded_encoder(given.encoder)
            verifier = train_verifier(encoder, load_crops(given.verify)) if given.verify else None
            calibration, figures = calibrate_encoder(
                encoder, load_crops(given.validation), verifier
            )
            write_calibration(given.encoder, calibration, figures)
            print(calibration.logit_scale, figures)
        if given.held:
            encoder = load_embedded_encoder(given.encoder)
            for figure in evaluate_encoder(encoder, load_crops(given.held)):
                print(asdict(figure))
    except (DataError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
