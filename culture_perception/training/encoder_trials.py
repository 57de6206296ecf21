"""Trials of naming: crops compared with sets of labels that exclude each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from culture_perception.masks import Float32Array
from culture_perception.training.calibration import Trials, joined
from culture_perception.training.encoder_data import CropSet, Label
from culture_perception.training.truth import BoolArray, IntArray, is_true
from culture_perception.verification import Verifier

LABELS_A_SET = 15
SETS = 100


def exclusive_sets(
    crops: CropSet, labels: Mapping[int, Label], rng: np.random.Generator, most: int = SETS
) -> list[list[int]]:
    """Random sets of products none of whose labels is true of another one of the set.

    Only products with crops take part. Sets that can't be filled are left out.

    Args:
        crops: who is shown.
        labels: of some products, by their index.
        rng: chooses.
        most: sets.

    Returns:
        At most that many sets of LABELS_A_SET products each.
    """
    shown = [int(product) for product in np.unique(crops.products) if int(product) in labels]
    specs = np.asarray([labels[product].spec for product in shown], dtype=np.int64).reshape(-1, 6)
    truth = is_true(crops.grammar, specs, crops.attributes[shown])
    clash = truth | truth.T
    sets = (_exclusive_set(clash, rng.permutation(len(shown))) for _ in range(most))
    return [[shown[row] for row in rows] for rows in sets if len(rows) == LABELS_A_SET]


def _exclusive_set(clash: BoolArray, order: IntArray) -> list[int]:
    rows: list[int] = []
    for row in order:
        if not clash[row, rows].any():
            rows.append(int(row))
        if len(rows) == LABELS_A_SET:
            break
    return rows


def known_trials(
    images: Float32Array,
    crops: CropSet,
    texts: Mapping[int, Float32Array],
    sets: Sequence[Sequence[int]],
    verifier: Verifier | None = None,
) -> tuple[Trials, IntArray]:
    """Each set's own crops, compared with its labels.

    Args:
        images: (N, D) embeddings of the crops.
        crops: which product each crop shows.
        texts: (D,) embedding of each product's label.
        sets: of products, one at least.
        verifier: judges the pairs as well; None: nothing does.

    Returns:
        The trials, and (T,) which crop each is of: a crop takes part in several sets.
    """
    trials, rows_of = [], []
    for products in sets:
        rows = np.flatnonzero(np.isin(crops.products, products))
        column = {product: index for index, product in enumerate(products)}
        answers = np.asarray([column[int(product)] for product in crops.products[rows]])
        trials.append(_compared(images[rows], answers, texts, products, verifier))
        rows_of.append(rows)
    return joined(trials), np.concatenate(rows_of)


def unknown_trials(
    images: Float32Array,
    crops: CropSet,
    texts: Mapping[int, Float32Array],
    sets: Sequence[Sequence[int]],
    rng: np.random.Generator,
    verifier: Verifier | None = None,
) -> tuple[Trials, IntArray]:
    """As many crops of other products a set as it has own ones; no plain label is true of them.

    Returns:
        As known_trials; the answers are -1.
    """
    trials, rows_of = [], []
    for products in sets:
        specs = np.asarray([crops.labels[product].spec for product in products])
        fits: BoolArray = np.any(is_true(crops.grammar, specs, crops.attributes), axis=0)
        strangers = np.flatnonzero(~fits[crops.products])
        count = min(len(strangers), int(np.isin(crops.products, products).sum()))
        rows = rng.choice(strangers, count, replace=False)
        nothing = np.full(len(rows), -1)
        trials.append(_compared(images[rows], nothing, texts, products, verifier))
        rows_of.append(rows)
    return joined(trials), np.concatenate(rows_of)


def _compared(
    images: Float32Array,
    answers: IntArray,
    texts: Mapping[int, Float32Array],
    products: Sequence[int],
    verifier: Verifier | None,
) -> Trials:
    labels = np.stack([texts[product] for product in products])
    cosines = np.asarray(images @ labels.T, dtype=np.float64)
    return Trials(cosines, answers, None if verifier is None else verifier.matches(images, labels))
