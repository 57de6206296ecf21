"""What the encoder is trained to do: tell true captions from false ones, and see attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from culture_perception.training.truth import BRAND, CONTAINER, CONTENT, MAIN_COLOUR, SECOND_COLOUR

HEAD_WEIGHTS = {
    MAIN_COLOUR: 0.1,
    SECOND_COLOUR: 0.1,
    CONTAINER: 0.2,
    CONTENT: 0.4,
    BRAND: 0.2,
}
"""Attributes that can be seen in a crop (its size in the world cannot), and what each counts.

Captions alone teach colours first, and content, which is small print, last.
"""
MAX_LOGIT_SCALE = 50.0
_HEAD_SCALE = 8.0

Truth: TypeAlias = Tensor


def contrastive_loss(logits: Tensor, truth: Truth, told: Tensor | None = None) -> Tensor:
    """Cross-entropy in both directions when several pairs of a batch may be true.

    The target spreads evenly over all that is true, or, over the captions of an image, by how much
    they tell. A caption that is true of no image counts only as a wrong answer for the images.

    Args:
        logits: float (captions, images), scaled cosines.
        truth: bool (captions, images); each image needs at least one true caption.
        told: float (captions,), above 0, how much each tells; None: all alike.

    Returns:
        The mean of both directions, a scalar.
    """
    positive = truth.to(logits.dtype)
    said = truth.any(dim=1)
    to_image = _spread_cross_entropy(logits[said], positive[said])
    by_worth = positive if told is None else positive * told[:, None]
    to_text = _spread_cross_entropy(logits.T, by_worth.T)
    return (to_image + to_text) / 2


def _spread_cross_entropy(logits: Tensor, positive: Tensor) -> Tensor:
    target = positive / positive.sum(dim=1, keepdim=True)
    return -(target * logits.log_softmax(dim=1)).sum(dim=1).mean()


class AttributeHeads(nn.Module):
    """Linear classifiers of a product's attributes on the image embedding.

    They speed up the image tower's learning and are dropped after the training.
    """

    def __init__(self, width: int, value_counts: Sequence[int]) -> None:
        """Makes a head for each of HEAD_WEIGHTS.

        Args:
            width: of the embedding.
            value_counts: values of each of the six attributes.
        """
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, value_counts[slot]) for slot in HEAD_WEIGHTS)

    def loss(self, embeddings: Tensor, attributes: Tensor) -> Tensor:
        """Weighted mean of the heads' cross-entropies.

        Args:
            embeddings: float (N, width), unit rows.
            attributes: int64 (N, 6).
        """
        losses = [
            weight * functional.cross_entropy(head(embeddings * _HEAD_SCALE), attributes[:, slot])
            for head, (slot, weight) in zip(self.heads, HEAD_WEIGHTS.items(), strict=True)
        ]
        return torch.stack(losses).sum()


class MatchLoss(nn.Module):
    """Asks of each caption and image alone whether they fit, by one scale and bias of the cosine.

    The contrastive loss only ranks what one batch holds, so a wrong caption may come close to an
    image that nothing fits: one bias for all pairs gives the cosine a meaning of its own, by which
    the unknown can be told. It is the sigmoid loss of SigLIP (Zhai et al., 2023,
    https://arxiv.org/abs/2303.15343), for batches in which more than the diagonal is true.
    """

    def __init__(self) -> None:
        """Starts at SigLIP's own scale and bias."""
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(10.0).log())
        self.bias = nn.Parameter(torch.tensor(-10.0))

    def forward(self, cosines: Tensor, truth: Truth) -> Tensor:
        """Binary cross-entropy of all pairs, summed over captions, mean of the images.

        Args:
            cosines: float (captions, images).
            truth: bool (captions, images).
        """
        logits = self.log_scale.exp() * cosines + self.bias
        pairs = functional.binary_cross_entropy_with_logits(
            logits, truth.to(logits.dtype), reduction="sum"
        )
        return pairs / cosines.shape[1]
