"""Validation siblings as cells: a language and style, among 15 labels that exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from culture_perception.adapt.cells import CellTrials
from culture_perception.concepts import STYLES
from culture_perception.measure.outcomes import Cell
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import Trials
from culture_perception.training.encoder_data import CropSet, Label
from culture_perception.training.encoder_evaluation import (
    brand_labels,
    embed_crops,
    embed_labels_by_product,
    plain_labels,
)
from culture_perception.training.encoder_trials import exclusive_sets, known_trials, unknown_trials
from culture_perception.verification import Verifier

_SETS: Final = 30
"""A language and style: tried at every scale, so fewer than an encoder's own evaluation has."""


class SiblingTrials:
    """Crops of siblings, named by the plain and the brand labels of their languages."""

    def __init__(self, name: str, crops: CropSet, languages: Sequence[str], seed: int) -> None:
        """Draws the label sets once, so that every state of an encoder is tried on the same.

        Args:
            name: of the cells, as that of a label set.
            crops: whom to name.
            languages: of the labels.
            seed: of the sets.

        Raises:
            DataError: the crops have no labels in a language.
        """
        self._crops = crops
        self._seed = seed
        self._labels: dict[Cell, dict[int, Label]] = {}
        self._sets: dict[Cell, list[list[int]]] = {}
        for language in languages:
            said = crops.speaking(language)
            for style in STYLES:
                labels = _labels(said, style)
                sets = exclusive_sets(said, labels, np.random.default_rng(seed), _SETS)
                if sets:
                    self._labels[name, language, style] = labels
                    self._sets[name, language, style] = sets

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Name, language, style; those for which too few labels exclude each other are left out."""
        return tuple(self._sets)

    @property
    def count(self) -> int:
        """Crops."""
        return len(self._crops)

    def known(self, encoder: Encoder, verifier: Verifier | None = None) -> dict[Cell, CellTrials]:
        """Each set's own crops among its labels."""
        images = embed_crops(encoder, self._crops)
        found = {}
        for cell, sets in self._sets.items():
            texts = embed_labels_by_product(encoder, self._labels[cell])
            trials, rows = known_trials(images, self._crops, texts, sets, verifier)
            found[cell] = CellTrials(trials, self._crops.products[rows])
        return found

    def unknown(self, encoder: Encoder, verifier: Verifier | None = None) -> list[Trials]:
        """As many crops of which no label of the set is true, a cell."""
        images, found = embed_crops(encoder, self._crops), []
        for cell, sets in self._sets.items():
            texts = embed_labels_by_product(encoder, self._labels[cell])
            rng = np.random.default_rng(self._seed)
            said = self._crops.speaking(cell[1])
            found.append(unknown_trials(images, said, texts, sets, rng, verifier)[0])
        return found


def _labels(said: CropSet, style: str) -> dict[int, Label]:
    return plain_labels(said) if style == "plain" else brand_labels(said)
