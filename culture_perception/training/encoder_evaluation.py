"""Naming among 15 labels that exclude each other, crop by crop, from ground-truth masks.

That is what recognition could reach with a perfect segmenter. Labels are whole, or cut to a part
of their words, which tells what the part contributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from culture_perception.crops import CropOptions, crop_mask
from culture_perception.masks import Float32Array
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import Trials
from culture_perception.training.encoder_data import CropSet, Label
from culture_perception.training.encoder_trials import exclusive_sets, known_trials
from culture_perception.training.truth import (
    BRAND,
    CONTAINER,
    CONTENT,
    MAIN_COLOUR,
    SECOND_COLOUR,
    IntArray,
)

_ENCODED_AT_ONCE: Final = 512
_FORM: Final = CropOptions()


@dataclass(frozen=True, eq=False)
class LabelTest:
    """Crops named by one kind of labels.

    Attributes:
        key: stable name.
        what: was asked, for people.
        trials: each crop with each set that it takes part in.
        rows: (T,) which crop each trial is of.
    """

    key: str
    what: str
    trials: Trials
    rows: IntArray


def label_tests(
    encoder: Encoder, crops: CropSet, images: Float32Array, seed: int = 0
) -> list[LabelTest]:
    """Names crops by labels without brand, by brand, and by labels cut to a part.

    Cut labels come in sets whose cut labels exclude each other, and again in the sets of the whole
    labels, in which two may be equal after the cut: no encoder names all of those.

    Args:
        encoder: any.
        crops: of a data set that was not trained on.
        images: (N, D) their embeddings; see embed_crops.
        seed: of the sets.

    Returns:
        The tests for which there are enough products to fill a set.
    """
    plain, branded = plain_labels(crops), brand_labels(crops)
    content = _cut(crops, plain, (CONTAINER, CONTENT), " of ")
    colours = _cut(crops, plain, (MAIN_COLOUR, SECOND_COLOUR), " and ", " object")
    brand = _cut(crops, branded, (BRAND,), "")
    tests = []
    for key, what, labels, sets_by in (
        ("plain", "whole plain labels", plain, plain),
        ("type_and_content", "cut to type and content", content, content),
        ("type_and_content_whole", "cut to type and content, some equal", content, plain),
        ("colours", "cut to colours", colours, colours),
        ("colours_whole", "cut to colours, some equal", colours, plain),
        ("brand", "labels with brand", branded, branded),
        ("brand_alone", "cut to the brand", brand, brand),
        ("brand_alone_whole", "cut to the brand, some equal", brand, branded),
    ):
        sets = exclusive_sets(crops, sets_by, np.random.default_rng(seed))
        if sets:
            texts = embed_labels_by_product(encoder, labels)
            tests.append(LabelTest(key, what, *known_trials(images, crops, texts, sets)))
    return tests


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


def embed_labels_by_product(
    encoder: Encoder, labels: Mapping[int, Label]
) -> dict[int, Float32Array]:
    """The embedding (D,) of each product's label."""
    rows = encoder.encode_texts([label.text for label in labels.values()])
    return dict(zip(labels, rows, strict=True))


def plain_labels(crops: CropSet) -> dict[int, Label]:
    """The label without brand of each product."""
    return dict(enumerate(crops.labels))


def brand_labels(crops: CropSet) -> dict[int, Label]:
    """The label by brand of each product that has one."""
    return {index: label for index, label in enumerate(crops.brand_labels) if label is not None}


def _cut(
    crops: CropSet,
    labels: Mapping[int, Label],
    slots: Sequence[int],
    joined_by: str,
    ending: str = "",
) -> dict[int, Label]:
    """Labels of the words of some slots alone; a label without any reads "object"."""
    words = crops.grammar.words
    cut = {}
    for product, label in labels.items():
        spec = tuple(word if slot in slots else 0 for slot, word in enumerate(label.spec))
        said = [words[slot][spec[slot]] for slot in slots if spec[slot]]
        cut[product] = Label(joined_by.join(said) + ending if said else "object", spec)
    return cut
