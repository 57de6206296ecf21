"""From embeddings to similarities to probabilities: naming without training on the names."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

import numpy as np

from culture_perception.concepts import ActiveLabels
from culture_perception.masks import Float32Array, FloatArray
from culture_perception.protocols import Encoder

_TINY: Final = 1e-12


@dataclass(frozen=True, eq=False)
class TextBank:
    """Labels and their embeddings, ready to be compared with images.

    Attributes:
        labels: what the rows stand for.
        embeddings: float32 (C, D) unit rows, one a label.
        encoder_name: the encoder that made them; "" if that is not known.
    """

    labels: ActiveLabels
    embeddings: Float32Array
    encoder_name: str = ""

    def __post_init__(self) -> None:
        if self.embeddings.ndim != 2 or len(self.embeddings) != len(self.labels.labels):
            raise ValueError(
                f"{len(self.labels.labels)} labels came with embeddings of shape "
                f"{self.embeddings.shape}; pass one row a label, (C, D)"
            )


def similarity(a: Float32Array | FloatArray, b: Float32Array | FloatArray) -> FloatArray:
    """Cosine of each row of a (N, D) with each of b (M, D): (N, M) float64, -1 to 1.

    This is Eq. 1 of the paper; rows need not be of unit length. A row of zeros is similar to
    nothing: its cosines are 0.

    Raises:
        ValueError: a and b differ in D.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(
            f"embeddings of shapes {a.shape} and {b.shape} cannot be compared; "
            "both must be (N, D) of the same encoder"
        )
    return np.asarray(np.clip(_unit_rows(a) @ _unit_rows(b).T, -1.0, 1.0))


def _unit_rows(rows: Float32Array | FloatArray) -> FloatArray:
    wide = np.asarray(rows, dtype=np.float64)
    return np.asarray(wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), _TINY))


def probabilities(similarities: FloatArray, logit_scale: float) -> FloatArray:
    """Softmax over labels of logit_scale times cosine: (N, C) float64, rows sum to 1.

    No labels (N, 0) give (N, 0).

    Raises:
        ValueError: logit_scale is not a positive number.
    """
    if not (np.isfinite(logit_scale) and logit_scale > 0):
        raise ValueError(f"logit scale {logit_scale} makes no probabilities; it must be above 0")
    if similarities.shape[1] == 0:
        return np.zeros(similarities.shape)
    logits = logit_scale * np.asarray(similarities, dtype=np.float64)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def embed_labels(encoder: Encoder, labels: ActiveLabels) -> TextBank:
    """Embeds every prompt in one batch; a label is the mean of its prompts' unit vectors.

    The mean is brought back to unit length. A label without prompts is its own. No labels give
    embeddings of shape (0, D).
    """
    groups = [label.prompts or (label.label,) for label in labels.labels]
    rows = _unit_rows(encoder.encode_texts(list(chain.from_iterable(groups))))
    starts = np.cumsum([0, *map(len, groups)])
    embeddings = np.empty((len(groups), rows.shape[1]), dtype=np.float64)
    for i, (start, end) in enumerate(pairwise(starts)):
        embeddings[i] = rows[start:end].mean(axis=0)
    return TextBank(labels, _unit_rows(embeddings).astype(np.float32), encoder.name)


class TextBankCache:
    """Keeps the banks used last, by encoder name and label version, so that a switch is instant."""

    def __init__(self, capacity: int = 32) -> None:
        if capacity < 1:
            raise ValueError(f"a cache of {capacity} banks keeps nothing; use at least 1")
        self._capacity = capacity
        self._banks: OrderedDict[tuple[str, str], TextBank] = OrderedDict()

    def get(self, encoder: Encoder, labels: ActiveLabels) -> TextBank:
        """The bank of these labels, embedded now if it is not at hand."""
        key = (encoder.name, labels.version)
        if key not in self._banks:
            self._banks[key] = embed_labels(encoder, labels)
        self._banks.move_to_end(key)
        while len(self._banks) > self._capacity:
            self._banks.popitem(last=False)
        return self._banks[key]

    def __len__(self) -> int:
        """How many banks are at hand."""
        return len(self._banks)
