"""The encoder that an adapter is trained for, with what training needs beside what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.masks import Uint8Array
from culture_perception.models.clip import ClipEncoder
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.image_batches import ImageBatcher
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime


@dataclass(frozen=True, eq=False)
class Base:
    """An encoder in float32, and its parts.

    Attributes:
        name: that it was loaded by.
        encoder: as recognition uses it; its model is the one that changes.
        tokenizer: texts to int64 (N, context length).
        to_batch: crops to the model's input.
        device: that its model is on.
    """

    name: str
    encoder: ClipEncoder
    tokenizer: Callable[[list[str]], Tensor]
    to_batch: ImageBatcher
    device: torch.device

    @property
    def model(self) -> ClipModel:
        """The open_clip model."""
        return self.encoder.model

    def embed_images(self, crops: Sequence[Uint8Array]) -> Tensor:
        """Unit rows (N, D) of uint8 (h, w, 3) crops, with gradients."""
        found = self.model.encode_image(self.to_batch(crops).to(self.device))
        return functional.normalize(found.float(), dim=-1)

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """Unit rows (N, D) of texts, with gradients."""
        return self.embed_tokens(self.tokenizer(list(texts)))

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Unit rows (N, D) of tokens, int64 (N, T), with gradients."""
        found = self.model.encode_text(tokens.to(self.device))
        return functional.normalize(found.float(), dim=-1)


def load_base(name: str, pretrained: str, device: str, threads: int | None) -> Base:
    """Loads an encoder by the names of registry.load_encoder.

    Raises:
        ValueError: as load_encoder.
    """
    runtime = Runtime(device=device, threads=threads, precision="float32")
    encoder = load_encoder(name, pretrained, runtime, adapters="none")
    where = next(encoder.model.parameters()).device
    return Base(name, encoder, encoder.tokenizer, encoder.to_batch, where)


def as_crops(views: Tensor) -> list[Uint8Array]:
    """Uint8 (S, S, 3) each of views, float (N, 3, S, S), nominally 0 to 1."""
    pixels = (views.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
    return list(np.ascontiguousarray(pixels.numpy()))
