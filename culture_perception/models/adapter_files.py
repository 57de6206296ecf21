"""Adapters as files: the factors of a low-rank change, and a card in the file's metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from culture_perception.models.adapter_card import (
    METADATA_KEY,
    AdapterCalibration,
    AdapterCard,
    AdapterError,
    read_card,
)
from culture_perception.protocols import Calibration
from culture_perception.verification import Verifier

VERIFIER_PREFIX: Final = "verifier/"  # no parameter of torch has a slash in its name
_VERIFIER_PARTS: Final = ("hidden", "hidden_bias", "output", "output_bias")
_DIGITS: Final = 12


@dataclass(frozen=True, eq=False)
class Adapter:
    """A change of a base, and what it says of itself.

    Attributes:
        card: as the file has it.
        factors: as lora.delta gives them, on the CPU.
        verifier: of the embeddings with the change; None: it has none.
    """

    card: AdapterCard
    factors: Mapping[str, Tensor]
    verifier: Verifier | None = None

    @cached_property
    def name(self) -> str:
        """The card's, with a hash of what the adapter does to embeddings."""
        digest = hashlib.sha256(f"{self.card.options.scaling} {self.card.scale}".encode())
        for key, value in sorted(self.factors.items()):
            digest.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
            digest.update(value.reshape(-1).contiguous().view(torch.uint8).numpy().data)
        return f"{self.card.name}-{digest.hexdigest()[:_DIGITS]}"

    @property
    def strength(self) -> float:
        """What the products of the factors are multiplied by."""
        return self.card.options.scaling * self.card.scale

    @property
    def calibration(self) -> Calibration | None:
        """Its own; None: the base's is to be used."""
        own = self.card.calibration
        if own is None:
            return None
        return Calibration(
            own.logit_scale, own.min_probability, own.min_similarity, self.verifier, own.min_match
        )


def with_calibration(adapter: Adapter, calibration: Calibration) -> Adapter:
    """The adapter with another calibration, its verifier included."""
    numbers = AdapterCalibration(
        calibration.logit_scale,
        calibration.min_probability,
        calibration.min_similarity,
        calibration.min_match,
    )
    card = replace(adapter.card, calibration=numbers)
    return Adapter(card, adapter.factors, calibration.verifier)


def save_adapter(adapter: Adapter, path: Path) -> None:
    """Writes an adapter: factors in float32, a verifier in float16 as the base's own is.

    Raises:
        AdapterError: it changes nothing, or has a verifier without a calibration.
    """
    if not adapter.factors:
        raise AdapterError(f"{path}: the adapter has no factors; train it first")
    if adapter.verifier is not None and adapter.card.calibration is None:
        raise AdapterError(f"{path}: a verifier needs a calibration, whose min_match it serves")
    tensors = {key: value.contiguous() for key, value in adapter.factors.items()}
    tensors.update(_verifier_tensors(adapter.verifier))
    save_file(tensors, path, metadata={METADATA_KEY: adapter.card.to_json()})
    path.chmod(0o644)  # safetensors keeps it to its owner, but a robot's nodes may run as another


def load_adapter(path: Path) -> Adapter:
    """Reads what `save_adapter` wrote; whether it fits a base is not asked here.

    Raises:
        AdapterError: the file is missing, damaged or no adapter.
    """
    card = read_card(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise AdapterError(f"{path}: damaged ({error}); take a whole copy") from error
    factors = {k: v for k, v in tensors.items() if not k.startswith(VERIFIER_PREFIX)}
    if not factors:
        raise AdapterError(f"{path}: a card without factors; take a whole copy")
    return Adapter(card, factors, _verifier(tensors, path))


def _verifier_tensors(verifier: Verifier | None) -> dict[str, Tensor]:
    if verifier is None:
        return {}
    parts = {name: torch.as_tensor(getattr(verifier, name)) for name in _VERIFIER_PARTS}
    return {
        VERIFIER_PREFIX + name: part.reshape(part.shape or (1,)).half().contiguous()
        for name, part in parts.items()
    }


def _verifier(tensors: Mapping[str, Tensor], path: Path) -> Verifier | None:
    if not any(name.startswith(VERIFIER_PREFIX) for name in tensors):
        return None
    try:
        hidden, hidden_bias, output, bias = (
            tensors[VERIFIER_PREFIX + name].float().numpy() for name in _VERIFIER_PARTS
        )
        return Verifier(hidden, hidden_bias, output, float(bias[0]))
    except (KeyError, ValueError, IndexError) as error:
        raise AdapterError(
            f"{path}: its verifier is damaged ({error}); take a whole copy"
        ) from error
