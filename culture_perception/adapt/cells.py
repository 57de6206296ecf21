"""Cells: label set, language and style; how the crops of each are named, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from culture_perception.adapt.pictures import Pictures
from culture_perception.concepts import STYLES, ActiveLabels, LabelError, LabelSet
from culture_perception.masks import Float32Array, FloatArray
from culture_perception.measure.outcomes import Cell
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import Trials
from culture_perception.verification import Verifier
from culture_perception.zero_shot import embed_labels, similarity


@dataclass(frozen=True, eq=False)
class Culture:
    """A label set and pictures of its products.

    Attributes:
        labels: the set.
        pictures: of it; concepts without any picture are names that can be wrong.
        cells: its texts in each language and style.
    """

    labels: LabelSet
    pictures: Pictures
    cells: Mapping[Cell, ActiveLabels]

    def with_pictures(self, pictures: Pictures) -> Culture:
        """The same with other pictures."""
        return replace(self, pictures=pictures)


def culture_of(labels: LabelSet, pictures: Pictures) -> Culture:
    """With a cell for each of the label set's own languages and each style."""
    cells = {
        (labels.name, language, style): labels.select(language, style)
        for language in labels.languages
        for style in STYLES
    }
    return Culture(labels, pictures, cells)


def without(whole: Culture, held_out: Sequence[str]) -> tuple[Culture, Culture]:
    """The culture without some of its concepts, and the whole one with pictures of these alone.

    Raises:
        LabelError: one is no concept of the label set, or none is left.
    """
    ids = [one.concept_id for one in whole.labels.concepts]
    unknown = [one for one in held_out if one not in ids]
    left = tuple(one for one in whole.labels.concepts if one.concept_id not in held_out)
    if unknown or not left:
        raise LabelError(
            f"{', '.join(unknown) or 'all'} can not be held out of {whole.labels.name}; hold out "
            f"some of {', '.join(ids)}"
        )
    is_held = np.isin(whole.pictures.concepts, list(held_out))
    learned = whole.pictures.take(np.flatnonzero(~is_held))
    held = whole.with_pictures(whole.pictures.take(np.flatnonzero(is_held)))
    return culture_of(replace(whole.labels, concepts=left), learned), held


def target_cells(labels: LabelSet, languages: Sequence[str]) -> tuple[Cell, ...]:
    """The cells that an adapter is for.

    Raises:
        LabelError: the label set has no texts in one of the languages.
    """
    lacking = [one for one in languages if one not in labels.languages]
    if lacking or not languages:
        raise LabelError(
            f"label set {labels.name} has no texts in {', '.join(lacking) or 'no language'}; it "
            f"has {', '.join(labels.languages)}: choose of them, or write the texts first"
        )
    return tuple((labels.name, one, style) for one in languages for style in STYLES)


@dataclass(frozen=True, eq=False)
class CellTrials:
    """The crops of one cell, compared with its labels.

    Attributes:
        trials: similarities, answers, and matches where there is a verifier.
        groups: (N,) the picture or scene of each crop.
    """

    trials: Trials
    groups: NDArray[np.int64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """(N,) whether the most similar label is the true one."""
        return np.asarray(self.trials.similarities.argmax(axis=1) == self.trials.answers)


def try_cells(
    encoder: Encoder, cultures: Sequence[Culture], verifier: Verifier | None = None
) -> dict[Cell, CellTrials]:
    """Compares the crops of each culture with its labels, in every cell.

    A culture without pictures has no cell in the result.

    Args:
        encoder: as it is now.
        cultures: with the crops to be named.
        verifier: judges the pairs too, where one is given.
    """
    found: dict[Cell, CellTrials] = {}
    for one in (culture for culture in cultures if len(culture.pictures)):
        images = encoder.encode_images(list(one.pictures.seen))
        for cell, labels in one.cells.items():
            texts = embed_labels(encoder, labels).embeddings
            columns = {concept: i for i, concept in enumerate(labels.concept_ids)}
            answers = np.array([columns[c] for c in one.pictures.concepts], np.int64)
            found[cell] = CellTrials(
                Trials(similarity(images, texts), answers, _matches(verifier, images, texts)),
                one.pictures.groups,
            )
    return found


def try_strangers(
    encoder: Encoder,
    labels: ActiveLabels,
    strangers: Pictures,
    verifier: Verifier | None = None,
) -> Trials:
    """Compares crops of which no label is true with the labels of a cell."""
    images = encoder.encode_images(list(strangers.seen))
    texts = embed_labels(encoder, labels).embeddings
    answers = np.full(len(strangers), -1, np.int64)
    return Trials(similarity(images, texts), answers, _matches(verifier, images, texts))


def _matches(
    verifier: Verifier | None, images: Float32Array, texts: Float32Array
) -> FloatArray | None:
    return None if verifier is None else verifier.matches(images, texts)
