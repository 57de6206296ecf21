"""Trains the verifier of an encoder: which labels are true of which crops, hard cases first.

The encoder stays as it is. Its embeddings of the crops must be such as it gives to new products:
give a data set that the encoder was not trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import trange

from culture_perception.masks import Float32Array
from culture_perception.protocols import Encoder
from culture_perception.training.encoder_data import CropSet, Label
from culture_perception.training.encoder_evaluation import brand_labels, embed_crops, plain_labels
from culture_perception.training.truth import IntArray, is_true
from culture_perception.verification import PARTS, Verifier

_NOISE: Final = 0.01
"""Of the embeddings, in each of their values: prompts and views move them about as much."""


@dataclass(frozen=True)
class VerifierTraining:
    """How a verifier is trained.

    Attributes:
        steps: of the optimizer.
        batch: crops a step.
        pool: labels among which a step looks for wrong ones.
        looked_at: share of the pool that a crop sees; less gives easier wrong labels. The hardest
            of all teach less of what will be asked, the best of some fifteen labels.
        wrong: wrong labels a crop and step, the most similar ones.
        hidden: width of the hidden layer.
        learning_rate: highest of the schedule, which falls linearly.
        seed: of everything.
    """

    steps: int = 3000
    batch: int = 256
    pool: int = 1500
    looked_at: float = 0.02
    wrong: int = 5
    hidden: int = 128
    learning_rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class _Pairs:
    """What is drawn from.

    Attributes:
        images: float32 (N, D).
        owners: (N,) product of each crop.
        texts: float32 (T, D) of all labels, with and without brand.
        specs: (T, 6) their words.
        own: (P, 2 L) rows of each product's labels without and with brand in each of L languages,
            the former twice if it has no brand.
    """

    images: Tensor
    owners: IntArray
    texts: Tensor
    specs: IntArray
    own: IntArray


def train_verifier(
    encoder: Encoder, crops: CropSet, training: VerifierTraining | None = None
) -> Verifier:
    """A verifier of an encoder's embeddings.

    Args:
        encoder: whose.
        crops: of products that the encoder was not trained on.
        training: see VerifierTraining.
    """
    training = training or VerifierTraining()
    torch.manual_seed(training.seed)
    rng = np.random.default_rng(training.seed)
    pairs = _pairs(encoder, crops)
    width = pairs.images.shape[1]
    net = nn.Sequential(
        nn.Linear(PARTS * width, training.hidden),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(training.hidden, 1),
    )
    optimizer = torch.optim.AdamW(net.parameters(), training.learning_rate, weight_decay=0.05)
    for step in trange(training.steps, desc="verifier", mininterval=5.0):
        for group in optimizer.param_groups:
            group["lr"] = training.learning_rate * (1 - step / training.steps)
        loss = _loss(net, pairs, crops, training, rng)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return _exported(net)


def _pairs(encoder: Encoder, crops: CropSet) -> _Pairs:
    labels: list[Label] = []
    own: list[list[int]] = [[] for _ in crops.attributes]
    for said in (crops.speaking(language) for language in crops.spoken):
        plain, brand = plain_labels(said), brand_labels(said)
        first, branded = len(labels), {p: len(labels) + len(plain) + i for i, p in enumerate(brand)}
        labels += [*plain.values(), *brand.values()]
        for product in plain:
            own[product] += [first + product, branded.get(product, first + product)]
    return _Pairs(
        images=torch.from_numpy(embed_crops(encoder, crops)),
        owners=crops.products,
        texts=torch.from_numpy(encoder.encode_texts([label.text for label in labels])),
        specs=np.asarray([label.spec for label in labels], dtype=np.int64),
        own=np.asarray(own),
    )


def _loss(
    net: nn.Module,
    pairs: _Pairs,
    crops: CropSet,
    training: VerifierTraining,
    rng: np.random.Generator,
) -> Tensor:
    """Binary cross-entropy of each crop's own label and of its most similar wrong ones."""
    rows = rng.integers(0, len(pairs.images), training.batch)
    owners = pairs.owners[rows]
    own = pairs.own[owners, rng.integers(0, pairs.own.shape[1], len(rows))]
    pool = rng.choice(len(pairs.texts), min(training.pool, len(pairs.texts)), replace=False)
    true = torch.from_numpy(is_true(crops.grammar, pairs.specs[pool], crops.attributes[owners]).T)
    unseen = torch.rand(true.shape) >= training.looked_at
    images = pairs.images[rows]
    cosines = (images @ pairs.texts[pool].T).masked_fill(true | unseen, -2.0)
    nearest = cosines.topk(min(training.wrong, len(pool)), dim=1)
    wrong = pairs.texts[pool][nearest.indices]
    right_logits = net(_inputs(images, pairs.texts[own]))[..., 0]
    wrong_logits = net(_inputs(images[:, None].expand_as(wrong), wrong))[..., 0]
    there = nearest.values > -2.0  # a crop may see fewer wrong labels than are asked for
    missed, claimed = functional.softplus(-right_logits), functional.softplus(wrong_logits[there])
    return missed.mean() + claimed.mean()


def _inputs(images: Tensor, texts: Tensor) -> Tensor:
    """As Verifier.matches sees them, slightly off."""
    images = images + _NOISE * torch.randn_like(images)
    texts = texts + _NOISE * torch.randn_like(texts)
    return torch.cat([images * texts, (images - texts).abs(), images, texts], dim=-1)


def _exported(net: nn.Sequential) -> Verifier:
    first, last = net[0], net[-1]
    assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
    arrays: list[Float32Array] = [
        one.detach().numpy().copy() for one in (first.weight.T, first.bias, last.weight[0])
    ]
    return Verifier(arrays[0], arrays[1], arrays[2], float(last.bias.detach()))
