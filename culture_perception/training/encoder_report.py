"""Measures and calibrates a trained encoder.

The command is `python -m culture_perception.training.encoder_report`.

The figures are of naming among 15 labels that exclude each other, crop by crop, from ground-truth
masks: what recognition could reach with a perfect segmenter.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from culture_perception.crops import CropOptions, crop_mask
from culture_perception.masks import Float32Array
from culture_perception.models.clip import load_embedded_encoder
from culture_perception.protocols import Calibration, Encoder
from culture_perception.training.calibration import (
    Trials,
    accuracy,
    expected_calibration_error,
    fit_logit_scale,
    fit_thresholds,
)
from culture_perception.training.encoder_data import CropSet, DataError, Label, load_crops
from culture_perception.training.encoder_export import write_calibration
from culture_perception.training.encoder_trials import (
    LABELS_A_SET,
    crops_in,
    exclusive_sets,
    known_trials,
    unknown_trials,
)
from culture_perception.training.truth import BRAND, CONTAINER, CONTENT

_ENCODED_AT_ONCE = 512
_FORM = CropOptions()


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

    Sets for the cut labels are those of the whole ones, so a set may hold two equal cut labels:
    the cuts tell what the label's part contributes.

    Args:
        encoder: any; its logit scale is used for the calibration error.
        crops: of a data set that was not trained on.
        seed: of the sets.
    """
    images = embed_crops(encoder, crops)
    plain, branded = _plain_labels(crops), _brand_labels(crops)
    figures = []
    for test, labels, sets_by in (
        ("plain", plain, plain),
        ("brand", branded, branded),
        ("type and content, no colour", _cut(crops, plain, (CONTAINER, CONTENT)), plain),
        ("colours alone", _colours(crops, plain), plain),
        ("brand alone", _cut(crops, branded, (BRAND,)), branded),
    ):
        sets = exclusive_sets(crops, sets_by, np.random.default_rng(seed))
        if sets:
            texts = embed_labels_by_product(encoder, labels)
            trials = known_trials(images, crops, texts, sets)
            figures.append(
                _figure(test, trials, crops_in(crops, sets), encoder.calibration.logit_scale)
            )
    return figures


def calibrate_encoder(
    encoder: Encoder, crops: CropSet, false_rejection: float = 0.05, seed: int = 0
) -> tuple[Calibration, dict[str, float]]:
    """Fits logit scale and unknown thresholds on validation crops, by labels without brand.

    Args:
        encoder: to calibrate.
        crops: validation data, neither trained on nor evaluated on.
        false_rejection: highest share of rightly named crops that may be called unknown.
        seed: of the label sets.

    Returns:
        The calibration, and the figures that it has on the same data.

    Raises:
        DataError: there are too few products for one set of labels.
    """
    plain = _plain_labels(crops)
    sets = exclusive_sets(crops, plain, np.random.default_rng(seed))
    if not sets:
        raise DataError(f"{len(plain)} products make no set of {LABELS_A_SET} different labels")
    images, texts = embed_crops(encoder, crops), embed_labels_by_product(encoder, plain)
    known = known_trials(images, crops, texts, sets)
    unknown = unknown_trials(images, crops, texts, sets, np.random.default_rng(seed))
    scale = fit_logit_scale(known)
    both = Trials(
        np.concatenate([known.similarities, unknown.similarities]),
        np.concatenate([known.answers, unknown.answers]),
    )
    found = fit_thresholds(both, scale, false_rejection)
    figures = {
        "validation_crops": len(crops),
        "top1": accuracy(known),
        "calibration_error": expected_calibration_error(known, scale),
        "false_rejection": found.false_rejection,
        "unknown_rejection": found.unknown_rejection,
    }
    return Calibration(scale, found.min_probability, found.min_similarity), figures


def embed_crops(encoder: Encoder, crops: CropSet) -> Float32Array:
    """Embeddings (N, D) of all crops as recognition would cut them."""
    parts = []
    for start in range(0, len(crops), _ENCODED_AT_ONCE):
        some = slice(start, start + _ENCODED_AT_ONCE)
        pictures = [
            crop_mask(image, mask, encoder.crop_size, _FORM)
            for image, mask in zip(crops.images[some], crops.masks[some], strict=True)
        ]
        parts.append(encoder.encode_images(pictures))
    return np.concatenate(parts)


def embed_labels_by_product(encoder: Encoder, labels: dict[int, Label]) -> dict[int, Float32Array]:
    """The embedding (D,) of each product's label."""
    rows = encoder.encode_texts([label.text for label in labels.values()])
    return dict(zip(labels, rows, strict=True))


def _figure(test: str, trials: Trials, crops: int, logit_scale: float) -> Figure:
    return Figure(
        test=test,
        top1=accuracy(trials),
        crops=crops,
        trials=len(trials.answers),
        calibration_error=expected_calibration_error(trials, logit_scale),
    )


def _plain_labels(crops: CropSet) -> dict[int, Label]:
    return dict(enumerate(crops.labels))


def _brand_labels(crops: CropSet) -> dict[int, Label]:
    return {index: label for index, label in enumerate(crops.brand_labels) if label is not None}


def _cut(crops: CropSet, labels: dict[int, Label], slots: Sequence[int]) -> dict[int, Label]:
    """Labels of the words of some slots alone, joined by "of"."""
    words = crops.grammar.words
    return {
        product: Label(" of ".join(_said(words, label, slots)) or "object", label.spec)
        for product, label in labels.items()
    }


def _colours(crops: CropSet, labels: dict[int, Label]) -> dict[int, Label]:
    words = crops.grammar.words
    return {
        product: Label(" and ".join(_said(words, label, (0, 1))) + " object", label.spec)
        for product, label in labels.items()
    }


def _said(words: Sequence[Sequence[str]], label: Label, slots: Sequence[int]) -> Iterator[str]:
    return (words[slot][label.spec[slot]] for slot in slots if label.spec[slot])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "culture_perception.training.encoder_report", description=__doc__
    )
    parser.add_argument("encoder", type=Path, help="folder of the trained encoder")
    parser.add_argument("--validation", type=Path, help="data set to calibrate on, then kept")
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
            calibration, figures = calibrate_encoder(encoder, load_crops(given.validation))
            write_calibration(given.encoder, calibration, figures)
            print(asdict(calibration), figures)
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
