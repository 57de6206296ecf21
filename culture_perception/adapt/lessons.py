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
from culture_perception.models.catalogue import EMBEDDED
from culture_perception.training.encoder_batches import BatchMaker, BatchSampler, CaptionTokens
from culture_perception.training.encoder_data import CropSet
from culture_perception.training.encoder_loss import contrastive_loss

_CLUSTER_SHARE = 0.5
_FALSE_SHARE = 0.5


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
    containers, contents, brands.
    """

    def __init__(self, base: Base, crops: CropSet, options: AdaptOptions) -> None:
        """Tokenises all captions; a batch has options.batch crops."""
        self._base, self._options = base, options
        tokens = CaptionTokens(crops, base.tokenizer, cut=base.name == EMBEDDED)
        sampler = BatchSampler(crops, options.batch, _CLUSTER_SHARE)
        forms = FORMS_OF[options.views]
        self._maker = BatchMaker(crops, tokens, sampler, _FALSE_SHARE, forms)

    def loss(self, rng: np.random.Generator, seeds: torch.Generator) -> Tensor:
        """See Lesson."""
        base = self._base
        batch = self._maker.make(base.encoder.crop_size, rng, seeds)
        with _mixed(base, self._options):
            images = base.embed_images(as_crops(batch.views))
            texts = base.embed_tokens(batch.tokens)
        logits = base.encoder.calibration.logit_scale * texts @ images.T
        return contrastive_loss(logits, batch.truth.to(base.device))


def _mixed(base: Base, options: AdaptOptions) -> torch.autocast:
    enabled = options.precision == "bfloat16"
    return torch.autocast(base.device.type, dtype=torch.bfloat16, enabled=enabled)
