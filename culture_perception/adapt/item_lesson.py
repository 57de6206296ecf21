"""How an encoder learns from items: of the four options, the right one is to be the nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from culture_perception.adapt.base import Base, as_crops
from culture_perception.concepts import Language
from culture_perception.culture_bench.answering import Question
from culture_perception.culture_bench.encoder_answers import EncoderAnswerer, prompts_of
from culture_perception.culture_bench.items import OPTIONS
from culture_perception.masks import Uint8Array
from culture_perception.training.encoder_augment import random_views
from culture_perception.training.encoder_data import CROP_MARGIN
from culture_perception.zero_shot import probabilities


class ItemLesson:
    """A Lesson of questions: cross-entropy over the options of each, as views of its picture vary.

    The question itself is left out, as where an encoder answers.
    """

    def __init__(
        self,
        base: Base,
        questions: Sequence[Question],
        languages: Mapping[str, Language],
        batch: int,
    ) -> None:
        """Makes the pictures of one size, and tokens of all texts.

        Args:
            base: with changes injected.
            questions: with pictures, at least one.
            languages: of config/languages.yaml, whose templates options are put into.
            batch: questions a step.
        """
        self._base, self._batch = base, batch
        size = base.encoder.crop_size
        pictures = [with_margin(one.picture, size) for one in questions if one.picture is not None]
        self._pictures = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
        prompts = [
            [prompts_of(option, one.item.language, languages) for option in one.item.options]
            for one in questions
        ]
        texts = list(dict.fromkeys(text for row in prompts for each in row for text in each))
        number = {text: i for i, text in enumerate(texts)}
        self._texts = [[[number[text] for text in each] for each in row] for row in prompts]
        self._tokens = base.tokenizer(texts)
        self._answers = torch.tensor([one.item.answer for one in questions])

    def loss(self, rng: np.random.Generator, seeds: torch.Generator) -> Tensor:
        """A scalar with gradients, of random questions, each option in one of its prompts."""
        base = self._base
        rows = rng.integers(0, len(self._answers), self._batch)
        pictures = self._pictures[rows]
        whole = torch.ones_like(pictures[:, :1])
        views = random_views(pictures, whole, base.encoder.crop_size, rng, seeds, ("raw",))
        asked = [int(rng.choice(each)) for row in rows for each in self._texts[row]]
        images = base.embed_images(as_crops(views))
        texts = base.embed_tokens(self._tokens[asked]).view(len(rows), OPTIONS, -1)
        logits = base.encoder.calibration.logit_scale * torch.einsum("bd,bod->bo", images, texts)
        return functional.cross_entropy(logits, self._answers[rows].to(base.device))


def with_margin(picture: Uint8Array, size: int) -> Uint8Array:
    """A picture, uint8 (H, W, 3), as a square with its border drawn out, from which views are cut.

    The least of what a view shows is then the whole picture, of `size` pixels.
    """
    margin = round(size * CROP_MARGIN)
    square = np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC))
    return np.pad(square, ((margin, margin), (margin, margin), (0, 0)), mode="edge")


def trust(answerer: EncoderAnswerer, questions: Sequence[Question], scale: float) -> float:
    """Mean probability of the right option, 0 to 1: what tells steps of a training apart.

    Accuracy on few items would stay the same for many steps.

    Args:
        answerer: with the weights to judge.
        questions: at least one.
        scale: what cosines are multiplied by.
    """
    found = probabilities(answerer.cosines(questions), scale)
    return float(np.mean([row[one.item.answer] for row, one in zip(found, questions, strict=True)]))
