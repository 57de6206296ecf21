"""Lessons: what one step of an adapter's training sees, and how wrong the model is about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from culture_perception.adapt.base import Base, as_crops
from culture_perception.adapt.objective import FORMS_OF, draw_batch, naming_loss
from culture_perception.adapt.options import AdaptOptions
from culture_perception.adapt.pictures import Pictures
from culture_perception.concepts import ActiveLabels
from culture_perception.training.encoder_batches import BatchMaker, BatchSampler, CaptionTokens
from culture_perception.training.encoder_data import CropSet
from culture_perception.training.encoder_loss import contrastive_loss

_CLUSTER_SHARE = 0.5
_FALSE_SHARE = 0.5
_GAIN_A_WORD = 2.0


class Lesson(Protocol):
    """Gives the loss of a step."""

    def loss(self, rng: np.random.Generator, seeds: torch.Generator) -> Tensor:
        """A scalar with gradients; the same for generators in the same state."""
        ...


@dataclass(frozen=True, eq=False)
class PictureLesson:
    """Names crops of the label set's own products by its labels.

    Attributes:
        base: with changes injected.
        pictures: crops to train on.
        cells: the target's labels in each language and style.
        options: batch, loss and precision.
    """

    base: Base
    pictures: Pictures
    cells: Sequence[ActiveLabels]
    options: AdaptOptions

    def loss(self, rng: np.random.Generator, seeds: torch.Generator) -> Tensor:
        """See Lesson."""
        with _mixed(self.base, self.options):
            batch = draw_batch(
                self.base,
                self.pictures,
                self.cells,
                self.options.batch,
                rng,
                seeds,
                self.options.views,
            )
        # Cosines times a scale of up to 100 need more digits than bfloat16 has.
        return naming_loss(batch, self.options.loss, self.base.encoder.calibration.logit_scale)


class SiblingLesson:
    """Tells true captions of siblings from false ones, as the encoder's own training does.

    The label set's products do not take part, only what they share with others: words, colours,
    containers, contents, brands. Of the true captions of a crop, those that tell more count more:
    "blue detergent box" is to win over "detergent box".
    """

    def __init__(
        self, base: Base, crops: CropSet, rehearsed: CropSet | None, options: AdaptOptions
    ) -> None:
        """Tokenises all captions; a batch has options.batch crops.

        Args:
            base: with changes injected.
            crops: to learn from.
            rehearsed: what options.rehearsal of the steps see instead; None: nothing.
            options: batch, rehearsal, views and precision.
        """
        self._base, self._options = base, options
        self._learned = self._maker(crops)
        self._rehearsed = None if rehearsed is None else self._maker(rehearsed)

    def _maker(self, crops: CropSet) -> BatchMaker:
        tokens = CaptionTokens(crops, self._base.tokenizer, cut=False)
        sampler = BatchSampler(crops, self._options.batch, _CLUSTER_SHARE)
        return BatchMaker(crops, tokens, sampler, _FALSE_SHARE, FORMS_OF[self._options.views])

    def loss(self, rng: np.random.Generator, seeds: torch.Generator) -> Tensor:
        """See Lesson."""
        base, maker = self._base, self._learned
        if self._rehearsed is not None and rng.random() < self._options.rehearsal:
            maker = self._rehearsed
        batch = maker.make(base.encoder.crop_size, rng, seeds)
        with _mixed(base, self._options):
            images = base.embed_images(as_crops(batch.views))
            texts = base.embed_tokens(batch.tokens)
        logits = base.encoder.calibration.logit_scale * texts @ images.T
        told = _GAIN_A_WORD ** batch.words.to(logits)
        return contrastive_loss(logits, batch.truth.to(base.device), told)


def _mixed(base: Base, options: AdaptOptions) -> torch.autocast:
    enabled = options.precision == "bfloat16"
    return torch.autocast(base.device.type, dtype=torch.bfloat16, enabled=enabled)
