"""A short hash that tells models of different weights apart."""

from __future__ import annotations

import hashlib
import zlib
from typing import Final

import torch
from torch import Tensor, nn

WHOLE_BYTES: Final = 100_000_000
"""Weights up to this size go through SHA-256 whole."""
_DIGITS: Final = 12


def weights_fingerprint(model: nn.Module) -> str:
    """Twelve hex digits of a model's weights, under which what it embedded can be kept.

    Every byte of every weight and buffer counts, with its name, type and shape; where they lie and
    in which layout of memory does not. Weights up to WHOLE_BYTES are hashed by SHA-256, so that
    other weights have the same digits once in 2**48 cases. Of larger ones each tensor's CRC-32 is
    hashed, which takes a third of a second a gigabyte: a change in one tensor is overlooked once in
    2**32 cases.
    """
    state = sorted(model.state_dict().items())
    is_large = sum(value.numel() * value.element_size() for _, value in state) > WHOLE_BYTES
    digest = hashlib.sha256()
    for key, value in state:
        digest.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
        content = _content(value)
        digest.update(zlib.crc32(content).to_bytes(4, "big") if is_large else content)
    return digest.hexdigest()[:_DIGITS]


def _content(value: Tensor) -> memoryview:
    """The bytes of a tensor's values, in the order of its indices."""
    flat = value.detach().cpu().reshape(-1).contiguous()
    return flat.view(torch.uint8).numpy().data
