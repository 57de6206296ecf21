"""Siblings among labels like those of the label set: by these its logit scale is found.

Sets of any siblings, of general goods and of brands that were never learned, are harder than what a
label set asks: what is right among its labels would be called less sure than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from culture_perception.protocols import Encoder
from culture_perception.training.calibration import Trials
from culture_perception.training.encoder_data import CropSet, Label
from culture_perception.training.encoder_evaluation import (
    brand_labels,
    embed_crops,
    embed_labels_by_product,
    plain_labels,
)
from culture_perception.training.encoder_trials import known_trials
from culture_perception.training.truth import BRAND, BoolArray, IntArray, is_true

_SETS: Final = 30
"""A language and style."""


def kin_trials(
    encoder: Encoder, crops: CropSet, kinds: Sequence[str], languages: Sequence[str], seed: int
) -> list[Trials]:
    """Crops among the labels of one sibling a kind, each of its kind's usual brand.

    Args:
        encoder: compares.
        crops: that it never learned.
        kinds: of the label set's concepts.
        languages: of the labels.
        seed: of the sets.

    Returns:
        A language and style; none of those for which no set is whole, or where there are less
        than two kinds.
    """
    kin, found = crops.of_kinds(kinds), []
    images = embed_crops(encoder, kin) if len(kin) else np.empty((0, 1), np.float32)
    for language in languages:
        said = kin.speaking(language)
        for labels in (plain_labels(said), brand_labels(said)):
            sets = kin_sets(said, labels, kinds, np.random.default_rng(seed))
            if sets:
                texts = embed_labels_by_product(encoder, labels)
                found.append(known_trials(images, said, texts, sets)[0])
    return found


def kin_sets(
    crops: CropSet, labels: Mapping[int, Label], kinds: Sequence[str], rng: np.random.Generator
) -> list[list[int]]:
    """Sets of a product of each kind, none of whose labels is true of another one of the set.

    Args:
        crops: who is shown, and what is true of whom.
        labels: of some products, by their index.
        kinds: at least two, or there are no sets.
        rng: chooses.

    Returns:
        At most 30 sets; one that can not be filled is left out.
    """
    shown = [int(one) for one in np.unique(crops.products) if int(one) in labels]
    kin = {kind: _of_usual_brand(crops, kind, shown) for kind in kinds}
    if len(kinds) < 2 or not all(len(products) for products in kin.values()):
        return []
    specs = np.zeros((len(crops.attributes), crops.attributes.shape[1]), np.int64)
    specs[shown] = [labels[one].spec for one in shown]
    drawn = (_drawn(crops, specs, kin, rng) for _ in range(_SETS))
    return [products for products in drawn if len(products) == len(kinds)]


def _of_usual_brand(crops: CropSet, kind: str, shown: Sequence[int]) -> IntArray:
    """Those of the products that are of a kind and of the brand that most of it bear."""
    of_kind = np.flatnonzero(np.asarray(crops.kinds) == kind)
    if not len(of_kind):
        return of_kind
    brands = crops.attributes[of_kind, BRAND]
    usual = of_kind[brands == np.bincount(brands).argmax()]
    found: IntArray = np.intersect1d(usual, shown)
    return found


def _drawn(
    crops: CropSet, specs: IntArray, kin: Mapping[str, IntArray], rng: np.random.Generator
) -> list[int]:
    chosen: list[int] = []
    for products in kin.values():
        fitting = (one for one in rng.permutation(products) if _excludes(crops, specs, chosen, one))
        chosen += [int(one) for one in (next(fitting, None),) if one is not None]
    return chosen


def _excludes(crops: CropSet, specs: IntArray, chosen: Sequence[int], one: int) -> bool:
    """Whether a product's label is false of all those chosen, and theirs are false of it."""
    if not chosen:
        return True
    own: BoolArray = is_true(crops.grammar, specs[[one]], crops.attributes[chosen])
    others: BoolArray = is_true(crops.grammar, specs[chosen], crops.attributes[[one]])
    return not (own.any() or others.any())
