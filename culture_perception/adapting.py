"""Encoders that change with the labels: for each culture the weights that were tuned for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from culture_perception.concepts import ActiveLabels
from culture_perception.protocols import Encoder


@runtime_checkable
class AdaptableEncoder(Protocol):
    """An encoder that has adapters.

    Its `name` and `calibration` are those of what it uses at the time, so that embeddings of the
    bare base and of an adapter are never compared.
    """

    @property
    def adapter_names(self) -> tuple[str, ...]:
        """Of all that it has, in use or not, each with a hash of what it does."""

    def adapt_to(self, label_set: str, languages: Sequence[str]) -> None:
        """Uses the adapter for a label set whose texts are in these languages, or the bare base."""


def adapt(encoder: Encoder, labels: ActiveLabels) -> None:
    """Has an encoder use what fits these labels best; one without adapters stays as it is.

    What counts is the language that the texts are written in: where a fallback is used, it is that
    of the fallback.
    """
    if isinstance(encoder, AdaptableEncoder):
        written = sorted({one.language for one in labels.labels}) or [labels.language]
        encoder.adapt_to(labels.label_set, written)


def adapters_of(encoder: Encoder) -> list[str]:
    """Names, with hashes, of the adapters that an encoder has; none: it is used as it is."""
    return list(encoder.adapter_names) if isinstance(encoder, AdaptableEncoder) else []
