"""Batches for the encoder: which crops come together, with which captions, and what is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from culture_perception.masks import FloatArray
from culture_perception.training.encoder_augment import FORMS, random_views
from culture_perception.training.encoder_data import CropSet
from culture_perception.training.truth import (
    BRAND,
    CONTAINER,
    CONTENT,
    MAIN_COLOUR,
    SECOND_COLOUR,
    IntArray,
    is_true,
)

CLUSTER = 8
"""Crops of as many products of one colour and container come together."""
COLOURLESS_FAVOUR = 2.0


@dataclass(frozen=True)
class Batch:
    """B crops with B captions and C - B false variants of some of them.

    Attributes:
        views: float32 (B, 3, S, S), 0 to 1.
        tokens: int64 (C, T).
        truth: bool (C, B).
        attributes: int64 (B, 6).
        words: int64 (C,), attributes that each caption names.
    """

    views: Tensor
    tokens: Tensor
    truth: Tensor
    attributes: Tensor
    words: Tensor


class BatchSampler:
    """Draws crops, a share of them in clusters that only content, brand and print tell apart.

    Without such clusters a model learns to name colours, which suffices in most random batches.
    """

    def __init__(self, crops: CropSet, size: int, cluster_share: float) -> None:
        """Prepares the clusters.

        Args:
            crops: what to draw from.
            size: crops a batch.
            cluster_share: 0 to 1, share of a batch that is drawn in clusters.
        """
        self._count = len(crops)
        self._size = size
        self._clusters_drawn = int(size * cluster_share) // CLUSTER
        self._crops_of = _group(crops.products)
        looks = crops.attributes[:, [MAIN_COLOUR, CONTAINER]]
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for product in self._crops_of:
            alike[tuple(looks[product])].append(product)
        self._clusters = [np.asarray(group) for group in alike.values() if len(group) >= CLUSTER]
        sizes = np.asarray([len(group) for group in self._clusters], dtype=np.float64)
        self._odds = sizes / sizes.sum() if len(sizes) else sizes

    def draw(self, rng: np.random.Generator) -> IntArray:
        """Indices of one batch of crops."""
        together: list[int] = []
        for _ in range(self._clusters_drawn if self._clusters else 0):
            group = self._clusters[int(rng.choice(len(self._clusters), p=self._odds))]
            products = rng.choice(group, CLUSTER, replace=False).tolist()
            together.extend(int(rng.choice(self._crops_of[product])) for product in products)
        others = rng.integers(0, self._count, self._size - len(together))
        return np.concatenate([np.asarray(together, dtype=np.int64), others])


def _group(owners: IntArray) -> dict[int, IntArray]:
    order = np.argsort(owners, kind="stable")
    values, starts = np.unique(owners[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, starts[1:]), strict=True))


class CaptionTokens:
    """All captions of all products as tokens."""

    def __init__(
        self, crops: CropSet, tokenize: Callable[[list[str]], Tensor], cut: bool = True
    ) -> None:
        """Tokenises each text once.

        Args:
            crops: whose captions.
            tokenize: texts to int64 (N, context length), 0 where nothing follows if they are cut.
            cut: to the longest; a tower that reads its answer off the last place needs all.
        """
        true_rows, false_rows = crops.captions.texts, crops.captions.negatives
        distinct = sorted({text for row in (*true_rows, *false_rows) for text in row})
        tokens = tokenize(distinct)
        longest = int((tokens != 0).sum(dim=1).max())
        index = {text: number for number, text in enumerate(distinct)}
        self._tokens = tokens[:, :longest] if cut else tokens
        self._true = np.asarray([[index[text] for text in row] for row in true_rows])
        self._false = np.asarray([[index[text] for text in row] for row in false_rows])

    @property
    def length(self) -> int:
        """Tokens a caption."""
        return self._tokens.shape[1]

    def pick(self, products: IntArray, captions: IntArray, false: bool) -> Tensor:
        """Tokens (N, T) of the given caption of each product, or of its false variant."""
        table = self._false if false else self._true
        return self._tokens[torch.from_numpy(table[products, captions])]


class BatchMaker:
    """Makes whole batches out of crops, captions and chance."""

    def __init__(
        self,
        crops: CropSet,
        tokens: CaptionTokens,
        sampler: BatchSampler,
        false_share: float,
        forms: Sequence[str] = FORMS,
    ) -> None:
        """Keeps the crops as tensors.

        Args:
            crops: pictures and attributes.
            tokens: their captions.
            sampler: chooses the crops of a batch.
            false_share: 0 to 1, for how many of a batch's captions the false variant joins.
            forms: of the views; see random_views.
        """
        self._crops, self._tokens, self._sampler = crops, tokens, sampler
        self._false_share = false_share
        self._forms = forms
        self._caption_odds = caption_odds(crops.captions.specs)
        self._images = torch.from_numpy(crops.images)
        self._masks = torch.from_numpy(crops.masks)

    def make(self, size: int, rng: np.random.Generator, seeds: torch.Generator) -> Batch:
        """One batch of views of a given side in pixels."""
        chosen = self._sampler.draw(rng)
        products = self._crops.products[chosen]
        captions = _drawn(self._caption_odds[products], rng)
        false = rng.permutation(len(chosen))[: int(len(chosen) * self._false_share)]
        said = self._crops.captions
        specs = np.concatenate(
            [
                said.specs[products, captions],
                said.negative_specs[products[false], captions[false]],
            ]
        )
        attributes = self._crops.attributes[products]
        return Batch(
            views=self._views(chosen, size, rng, seeds),
            tokens=torch.cat(
                [
                    self._tokens.pick(products, captions, false=False),
                    self._tokens.pick(products[false], captions[false], false=True),
                ]
            ),
            truth=torch.from_numpy(is_true(self._crops.grammar, specs, attributes)),
            attributes=torch.from_numpy(attributes),
            words=torch.from_numpy((specs > 0).sum(axis=1)),
        )

    def _views(
        self, chosen: IntArray, size: int, rng: np.random.Generator, seeds: torch.Generator
    ) -> Tensor:
        index = torch.from_numpy(chosen)
        images = self._images[index].permute(0, 3, 1, 2)
        masks = self._masks[index][:, None].to(torch.uint8)
        return random_views(images, masks, size, rng, seeds, self._forms)


def caption_odds(specs: IntArray) -> FloatArray:
    """How often each caption (P, K) of a product is drawn, summing to 1 a product.

    Those that name content or brand and no colour come COLOURLESS_FAVOUR times as often as others:
    a caption that names a colour is mostly told from the rest of its batch by that.

    Args:
        specs: (P, K, 6) words of the captions.
    """
    colourless = (specs[..., [MAIN_COLOUR, SECOND_COLOUR]] == 0).all(axis=-1)
    telling = (specs[..., [CONTENT, BRAND]] > 0).any(axis=-1)
    weights = np.where(colourless & telling, COLOURLESS_FAVOUR, 1.0)
    odds: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return odds


def _drawn(odds: FloatArray, rng: np.random.Generator) -> IntArray:
    """One column a row of (N, K) odds."""
    passed = odds.cumsum(axis=1) < rng.random((len(odds), 1))
    columns: IntArray = np.minimum(passed.sum(axis=1), odds.shape[1] - 1)
    return columns


def caption_corpus(crops: CropSet) -> Iterator[str]:
    """Every text that the captions hold, true or false, to learn a vocabulary from."""
    for row in (*crops.captions.texts, *crops.captions.negatives):
        yield from row
