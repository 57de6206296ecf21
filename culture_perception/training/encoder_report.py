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
from culture_perception.models.clip import Calibration, load_embedded_encoder
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import (
    Trials,
    accuracy,
    expected_calibration_error,
    fit_logit_scale,
    fit_thresholds,
)
from culture_perception.training.encoder_data import CropSet, DataError, Label, load_crops
from culture_perception.training.encoder_export import write_calibration
from culture_perception.training.truth import (
    BRAND,
    CONTAINER,
    CONTENT,
    BoolArray,
    IntArray,
    is_true,
)

LABELS_A_SET = 15
SETS = 100
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
            figures.append(_figure(test, _trials(images, crops, texts, sets), encoder.logit_scale))
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
    known = _trials(images, crops, texts, sets).trials
    unknown = _unknown_trials(images, crops, texts, sets, np.random.default_rng(seed))
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


def exclusive_sets(
    crops: CropSet, labels: dict[int, Label], rng: np.random.Generator
) -> list[list[int]]:
    """Random sets of products none of whose labels is true of another one of the set.

    Only products with crops take part. Sets that can't be filled are left out.
    """
    shown = [int(product) for product in np.unique(crops.products) if int(product) in labels]
    specs = np.asarray([labels[product].spec for product in shown], dtype=np.int64).reshape(-1, 6)
    truth = is_true(crops.grammar, specs, crops.attributes[shown])
    clash = truth | truth.T
    sets = (_exclusive_set(clash, rng.permutation(len(shown))) for _ in range(SETS))
    return [[shown[row] for row in rows] for rows in sets if len(rows) == LABELS_A_SET]


def _exclusive_set(clash: BoolArray, order: IntArray) -> list[int]:
    rows: list[int] = []
    for row in order:
        if not clash[row, rows].any():
            rows.append(int(row))
        if len(rows) == LABELS_A_SET:
            break
    return rows


@dataclass(frozen=True)
class _Named:
    trials: Trials
    crops: int


def _trials(
    images: Float32Array,
    crops: CropSet,
    texts: dict[int, Float32Array],
    sets: Sequence[Sequence[int]],
) -> _Named:
    similarities, answers, used = [], [], set()
    for products in sets:
        rows = np.flatnonzero(np.isin(crops.products, products))
        similarities.append(images[rows] @ np.stack([texts[product] for product in products]).T)
        column = {product: index for index, product in enumerate(products)}
        answers += [column[int(product)] for product in crops.products[rows]]
        used.update(rows.tolist())
    return _Named(
        Trials(np.concatenate(similarities).astype(np.float64), np.asarray(answers)), len(used)
    )


def _unknown_trials(
    images: Float32Array,
    crops: CropSet,
    texts: dict[int, Float32Array],
    sets: Sequence[Sequence[int]],
    rng: np.random.Generator,
) -> Trials:
    """As many crops of other products a set as it has own ones: none of its labels is true."""
    similarities = []
    for products in sets:
        specs = np.asarray([crops.labels[product].spec for product in products])
        fits: BoolArray = np.any(is_true(crops.grammar, specs, crops.attributes), axis=0)
        strangers = np.flatnonzero(~fits[crops.products])
        count = min(len(strangers), int(np.isin(crops.products, products).sum()))
        rows = rng.choice(strangers, count, replace=False)
        similarities.append(images[rows] @ np.stack([texts[product] for product in products]).T)
    merged = np.concatenate(similarities).astype(np.float64)
    return Trials(merged, np.full(len(merged), -1))


def _figure(test: str, named: _Named, logit_scale: float) -> Figure:
    return Figure(
        test=test,
        top1=accuracy(named.trials),
        crops=named.crops,
        trials=len(named.trials.answers),
        calibration_error=expected_calibration_error(named.trials, logit_scale),
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
