"""Where an adapter's skill comes from, and how far it has come: own pictures, or siblings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np

from culture_perception.adapt.base import Base
from culture_perception.adapt.cells import CellTrials, Culture, try_cells, try_strangers
from culture_perception.adapt.kin_trials import kin_trials
from culture_perception.adapt.lessons import Lesson, PictureLesson, SiblingLesson
from culture_perception.adapt.options import AdaptOptions
from culture_perception.adapt.pictures import Pictures, Split, joined
from culture_perception.adapt.sibling_trials import SiblingTrials
from culture_perception.measure.outcomes import Cell
from culture_perception.protocols import Encoder
from culture_perception.training.calibration import Trials
from culture_perception.training.encoder_data import CropSet, DataError
from culture_perception.training.verifier import train_verifier
from culture_perception.verification import Verifier

_NONE: Final = np.empty(0, np.int64)
Tried = Mapping[Cell, CellTrials]


class Learning(Protocol):
    """What is learned from, and the validation data that tell how well."""

    @property
    def targets(self) -> tuple[Cell, ...]:
        """Cells of `tried` that are to get better; the others are not to get worse."""
        ...

    @property
    def counts(self) -> tuple[int, int]:
        """Crops to train on, and to choose by."""
        ...

    @property
    def about(self) -> Mapping[str, Any]:
        """What the data are, fit for JSON: no other run goes on from this one's state."""
        ...

    def lesson(self, base: Base, options: AdaptOptions) -> Lesson:
        """What each step sees."""
        ...

    def tried(self, encoder: Encoder, verifier: Verifier | None = None) -> dict[Cell, CellTrials]:
        """The validation crops, named by the encoder as it is now."""
        ...

    def strangers(self, encoder: Encoder, verifier: Verifier | None) -> list[Trials]:
        """Validation crops of which no label is true; none where there are no such."""
        ...

    def verifier(self, encoder: Encoder) -> Verifier | None:
        """A judge of the encoder as it is now; None where there is nothing to teach it by."""
        ...

    def alike(self, encoder: Encoder) -> list[Trials]:
        """Crops that were not learned, among labels like the label set's: they tell how sure."""
        ...


class PictureLearning:
    """From labelled pictures of the label set's own products."""

    def __init__(
        self, cultures: Sequence[Culture], parts: Sequence[Split], targets: tuple[Cell, ...]
    ) -> None:
        """Takes the target and the other cultures, the parts of their pictures, and cells."""
        self._target, self._training = cultures[0], parts[0].training
        self._validation = [
            one.with_pictures(part.validation) for one, part in zip(cultures, parts, strict=True)
        ]
        self.targets = targets

    @property
    def counts(self) -> tuple[int, int]:
        """See Learning."""
        return len(self._training), len(self._validation[0].pictures)

    @property
    def about(self) -> Mapping[str, Any]:
        """See Learning."""
        labels = [self._target.cells[cell].version for cell in self.targets]
        crops = [_digest(self._training), *(_digest(one.pictures) for one in self._validation)]
        return {"labels": labels, "crops": crops}

    def lesson(self, base: Base, options: AdaptOptions) -> Lesson:
        """See Learning."""
        cells = [self._target.cells[cell] for cell in self.targets]
        return PictureLesson(base, self._training, cells, options)

    def tried(self, encoder: Encoder, verifier: Verifier | None = None) -> dict[Cell, CellTrials]:
        """See Learning."""
        return try_cells(encoder, self._validation, verifier)

    def strangers(self, encoder: Encoder, verifier: Verifier | None) -> list[Trials]:
        """See Learning."""
        own, *others = self._validation
        unknown = joined([own.pictures.take(_NONE), *(one.pictures for one in others)])
        if not len(unknown):
            return []
        return [try_strangers(encoder, own.cells[cell], unknown, verifier) for cell in self.targets]

    def verifier(self, encoder: Encoder) -> None:
        """See Learning: a few own products would teach it those alone."""

    def alike(self, encoder: Encoder) -> list[Trials]:
        """See Learning: the label set's own cells."""
        tried = self.tried(encoder)
        return [tried[cell].trials for cell in self.targets]


class SiblingLearning:
    """From captions of rendered siblings, in the languages that the adapter is for."""

    def __init__(
        self,
        training: CropSet,
        validation: CropSet,
        general: CropSet | None,
        judged: CropSet | None,
        languages: Sequence[str],
        seed: int,
        rehearsed: CropSet | None = None,
        kinds: Sequence[str] = (),
    ) -> None:
        """Takes crops.

        Args:
            training: to train on.
            validation: to choose by.
            general: of another market, to be named as well as before; None: nothing tells that.
            judged: that a verifier learns from, as it has to see what new products look like;
                None: there is no verifier.
            languages: that are learned.
            seed: of the sets of labels.
            rehearsed: of another market, to train on besides; None: nothing.
            kinds: of siblings that are like the label set's products; none: all are alike.

        Raises:
            DataError: the siblings have no captions or labels in a language, or those to choose by
                are too few.
        """
        self._training, self._rehearsed = training.taught_in(languages), rehearsed
        self._own = SiblingTrials("siblings", validation, languages, seed)
        if not self._own.cells:
            raise DataError(
                "the siblings to choose by are too few for labels that exclude each other: hold "
                "fewer products out"
            )
        self._judged, self._validation = judged, validation
        self._languages, self._kinds, self._seed = tuple(languages), tuple(kinds), seed
        self._general = None
        if general is not None:
            self._general = SiblingTrials("general", general, list(general.spoken), seed)

    @property
    def targets(self) -> tuple[Cell, ...]:
        """See Learning."""
        return self._own.cells

    @property
    def counts(self) -> tuple[int, int]:
        """See Learning."""
        return len(self._training), self._own.count

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """See Learning."""
        first = hashlib.sha256(self._training.images[:256].tobytes()).hexdigest()[:12]
        return {"siblings": [len(self._training), first], "cells": [list(c) for c in self.targets]}

    def lesson(self, base: Base, options: AdaptOptions) -> Lesson:
        """See Learning."""
        return SiblingLesson(base, self._training, self._rehearsed, options)

    def tried(self, encoder: Encoder, verifier: Verifier | None = None) -> dict[Cell, CellTrials]:
        """See Learning."""
        found = self._own.known(encoder, verifier)
        if self._general is not None:
            found |= self._general.known(encoder, verifier)
        return found

    def strangers(self, encoder: Encoder, verifier: Verifier | None) -> list[Trials]:
        """See Learning."""
        return self._own.unknown(encoder, verifier)

    def verifier(self, encoder: Encoder) -> Verifier | None:
        """See Learning."""
        return None if self._judged is None else train_verifier(encoder, self._judged)

    def alike(self, encoder: Encoder) -> list[Trials]:
        """See Learning: the verifier's crops are more, and the encoder never learned them."""
        crops = self._validation if self._judged is None else self._judged
        found = kin_trials(encoder, crops, self._kinds, self._languages, self._seed)
        return found or [one.trials for one in self._own.known(encoder).values()]


def _digest(crops: Pictures) -> str:
    return hashlib.sha256(crops.seen.tobytes()).hexdigest()[:12]
