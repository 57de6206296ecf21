"""Naming products whose attributes never came together in training."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.masks import Float32Array
from culture_perception.measure.figures import Figure, share
from culture_perception.measure.naming_figures import CALIBRATION, curve, rejected_shares
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import (
    Trials,
    expected_calibration_error,
    judged,
    rejected,
)
from culture_perception.training.encoder_data import CropSet
from culture_perception.training.encoder_evaluation import (
    LabelTest,
    embed_crops,
    embed_labels_by_product,
    label_tests,
    plain_labels,
)
from culture_perception.training.encoder_trials import exclusive_sets, known_trials, unknown_trials
from culture_perception.training.truth import IntArray

HELD: Final = "Never-trained combinations named rightly (top-1), among 15 labels"


def held_figures(encoder: Encoder, crops: CropSet) -> list[Figure]:
    """Top-1 of each kind of label, calibration error of the plain ones, and rejection.

    The crops of one product go together in the intervals; n counts different crops, of which each
    takes part in several sets of labels.
    """
    images = embed_crops(encoder, crops)
    tests = label_tests(encoder, crops, images)
    figures = [_top1(test, crops.products) for test in tests]
    figures += [
        Figure(
            CALIBRATION,
            f"held.{test.key}.calibration_error",
            f"never-trained combinations, {test.what}",
            expected_calibration_error(test.trials, encoder.calibration.logit_scale),
            len(np.unique(test.rows)),
            unit="crops",
        )
        for test in tests
        if test.key in ("plain", "brand")
    ]
    return figures + _rejection(encoder, crops, images)


def _top1(test: LabelTest, products: IntArray) -> Figure:
    return share(
        HELD,
        f"held.{test.key}.top1",
        test.what,
        _is_right(test.trials),
        products[test.rows],
        "crops",
        len(np.unique(test.rows)),
    )


def _rejection(encoder: Encoder, crops: CropSet, images: Float32Array) -> list[Figure]:
    labels = plain_labels(crops)
    sets = exclusive_sets(crops, labels, np.random.default_rng(0))
    if not sets:
        return []
    texts = embed_labels_by_product(encoder, labels)
    verifier = encoder.calibration.verifier
    known, rows = known_trials(images, crops, texts, sets, verifier)
    rng = np.random.default_rng(0)
    unknown, stranger_rows = unknown_trials(images, crops, texts, sets, rng, verifier)
    right, own = _is_right(known), encoder.calibration
    return rejected_shares(
        "held",
        "never-trained combinations",
        (rejected(known, own)[right], crops.products[rows[right]]),
        (rejected(unknown, own), crops.products[stranger_rows]),
        (len(np.unique(rows[right])), len(np.unique(stranger_rows))),
    ) + curve(
        "held",
        "never-trained combinations",
        judged(known, own)[right],
        (judged(unknown, own), crops.products[stranger_rows]),
        len(np.unique(stranger_rows)),
    )


def _is_right(trials: Trials) -> NDArray[np.bool_]:
    return np.asarray(trials.similarities.argmax(axis=1) == trials.answers)
