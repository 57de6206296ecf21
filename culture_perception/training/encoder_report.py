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

from culture_perception.models.clip import load_embedded_encoder
from culture_perception.protocols import Calibration, Encoder, Rivals
from culture_perception.training.calibration import (
    Trials,
    accuracy,
    expected_calibration_error,
    fit_logit_scale,
    fit_thresholds,
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
from culture_perception.training.rivals import load_rivals, rival_cosines


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
    rivals: Sequence[str] = (),
    false_rejection: float = 0.05,
    seed: int = 0,
) -> tuple[Calibration, dict[str, float]]:
    """Fits logit scale and unknown thresholds on validation crops, by labels without brand.

    Args:
        encoder: to calibrate.
        crops: validation data, neither trained on nor evaluated on.
        rivals: texts that may compete with the labels; see rivals.load_rivals.
        false_rejection: highest share of rightly named crops that may be called unknown.
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
    known, rows = known_trials(images, crops, texts, sets)
    unknown, stranger_rows = unknown_trials(images, crops, texts, sets, np.random.default_rng(seed))
    scale = fit_logit_scale(known)
    both = Trials(
        np.concatenate([known.similarities, unknown.similarities]),
        np.concatenate([known.answers, unknown.answers]),
    )
    rival_rows = encoder.encode_texts(rivals)
    shown = images[np.concatenate([rows, stranger_rows])]
    best_rivals = rival_cosines(shown, rival_rows) if rivals else None
    found = fit_thresholds(both, scale, false_rejection, best_rivals)
    figures = {
        "validation_crops": len(crops),
        "top1": accuracy(known),
        "calibration_error": expected_calibration_error(known, scale),
        "false_rejection": found.false_rejection,
        "unknown_rejection": found.unknown_rejection,
    }
    competing = Rivals(rival_rows, found.rival_share) if found.rival_share > 0 else None
    return Calibration(scale, found.min_probability, found.min_similarity, competing), figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "culture_perception.training.encoder_report", description=__doc__
    )
    parser.add_argument("encoder", type=Path, help="folder of the trained encoder")
    parser.add_argument("--validation", type=Path, help="data set to calibrate on, then kept")
    parser.add_argument(
        "--rivals", type=Path, help="data set that was trained on; its labels compete with others"
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
            rivals = load_rivals(given.rivals) if given.rivals else []
            crops = load_crops(given.validation)
            calibration, figures = calibrate_encoder(encoder, crops, rivals)
            write_calibration(given.encoder, calibration, figures, rivals)
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
