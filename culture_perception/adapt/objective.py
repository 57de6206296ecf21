"""What an adapter's training makes small: wrong names, and changes where nothing should change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.adapt.base import Base, as_crops
from culture_perception.adapt.options import Loss, Views
from culture_perception.adapt.pictures import Pictures
from culture_perception.concepts import ActiveLabels
from culture_perception.training.encoder_augment import FORMS, random_views

FORMS_OF: Final[Mapping[Views, tuple[str, ...]]] = {
    "mixed": FORMS,
    "mask": ("blur",),
    "box": ("raw",),
}
"""What is outside the mask in views of each kind."""
_CONCEPTS_A_STEP: Final = 64
_REPLAYED_TEXTS: Final = 64


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step sees of the target.

    Attributes:
        images: (B, D) unit rows of crops.
        texts: (L, C, D) unit rows: of each language and style, those of C concepts.
        answers: int64 (B,), which of the C concepts each crop shows.
    """

    images: Tensor
    texts: Tensor
    answers: Tensor


def draw_batch(
    base: Base,
    pictures: Pictures,
    cells: Sequence[ActiveLabels],
    size: int,
    rng: np.random.Generator,
    seeds: torch.Generator,
    views: Views = "mixed",
) -> Batch:
    """Random views of random crops, and a random prompt of each label of each cell.

    Of large label sets, only some concepts that the crops don't show are among the labels.
    """
    rows = rng.integers(0, len(pictures), size)
    ids = cells[0].concept_ids
    shown = [ids.index(concept) for concept in pictures.concepts[rows]]
    others = rng.permutation(np.setdiff1d(np.arange(len(ids)), shown))
    used = np.concatenate(
        [np.unique(shown), others[: max(0, _CONCEPTS_A_STEP - len(set(shown)))]]
    ).astype(np.int64)
    prompts = [
        str(rng.choice(cell.labels[i].prompts or (cell.labels[i].label,)))
        for cell in cells
        for i in used
    ]
    images = base.embed_images(_views(base, pictures, rows, rng, seeds, FORMS_OF[views]))
    texts = base.embed_texts(prompts).view(len(cells), len(used), -1)
    column = {int(concept): i for i, concept in enumerate(used)}
    answers = torch.tensor([column[i] for i in shown], device=base.device)
    return Batch(images, texts, answers)


def _views(
    base: Base,
    pictures: Pictures,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    rng: np.random.Generator,
    seeds: torch.Generator,
    forms: Sequence[str],
) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    images = torch.from_numpy(pictures.wide[rows]).permute(0, 3, 1, 2)
    masks = torch.from_numpy(pictures.masks[rows].astype(np.uint8))[:, None]
    return as_crops(random_views(images, masks, base.encoder.crop_size, rng, seeds, forms))


def naming_loss(batch: Batch, kind: Loss, scale: float) -> Tensor:
    """How wrongly a batch is named.

    softmax: cross-entropy of the right concept in each language and style, the mean over all.
    contrastive: cross-entropy over the texts of all languages and styles, with the right mass
    spread over each text of the concept, and over the images of each text that has one
    (Khosla et al. 2020, arXiv 2004.11362, with texts as the other view).

    Args:
        batch: see Batch.
        kind: one of options.LOSSES.
        scale: what cosines are multiplied by.
    """
    logits = scale * torch.einsum("bd,lcd->lbc", batch.images, batch.texts)
    if kind == "softmax":
        cells = [functional.cross_entropy(one, batch.answers) for one in logits]
        return torch.stack(cells).mean()
    count = batch.texts.shape[1]
    positive = functional.one_hot(batch.answers, count).float()  # (B, C)
    pooled = logits.permute(1, 0, 2).flatten(1)  # (B, L C)
    right = positive.repeat(1, len(logits))
    to_texts = functional.cross_entropy(pooled, right / right.sum(1, keepdim=True))
    with_image = right.sum(0) > 0
    of_text = right[:, with_image].T
    to_images = functional.cross_entropy(
        pooled[:, with_image].T, of_text / of_text.sum(1, keepdim=True)
    )
    return (to_texts + to_images) / 2


class Replay:
    """Texts and crops of everything else, whose embeddings are to stay where the base has them."""

    def __init__(self, base: Base, texts: Sequence[str], pictures: Pictures) -> None:
        """Embeds all of them with the bare base."""
        self._base = base
        self._texts = list(dict.fromkeys(texts))
        self._seen = list(pictures.seen)
        self._of_texts = torch.from_numpy(base.encoder.encode_texts(self._texts))
        self._of_images = torch.from_numpy(base.encoder.encode_images(self._seen))

    def loss(self, size: int, rng: np.random.Generator) -> Tensor:
        """Mean of 1 - cosine of embeddings now and before, of some texts and `size` crops."""
        total = torch.zeros((), device=self._base.device)
        if self._texts:
            rows = rng.permutation(len(self._texts))[:_REPLAYED_TEXTS]
            now = self._base.embed_texts([self._texts[i] for i in rows])
            total = total + _moved(now, self._of_texts[rows])
        if self._seen:
            rows = rng.permutation(len(self._seen))[:size]
            now = self._base.embed_images([self._seen[i] for i in rows])
            total = total + _moved(now, self._of_images[rows])
        return total


def _moved(now: Tensor, before: Tensor) -> Tensor:
    return (1 - (now * before.to(now.device)).sum(-1)).mean()
