"""Pairs of models by name: `SEGMENTER+ENCODER`, `SEGMENTER+ENCODER@TAG`, either with `~ADAPTER`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from culture_perception.models.registry import load_named_encoder, load_segmenter
from culture_perception.models.runtime import Runtime
from culture_perception.protocols import Encoder, Segmenter
from culture_perception.runner import SystemFailure


@dataclass(frozen=True)
class ModelNames:
    """A segmenter and an encoder, as perception's parameters name them.

    Attributes:
        segmenter: its name.
        encoder: its name, with tag and adapter; see registry.load_named_encoder.
    """

    segmenter: str = "embedded"
    encoder: str = "embedded"

    @classmethod
    def parse(cls, text: str) -> ModelNames:
        """The names in a text; one name alone stands for both.

        Raises:
            ValueError: a name is empty.
        """
        segmenter, plus, rest = text.partition("+")
        encoder = rest if plus else text
        if not plus:  # what follows is the encoder's own
            segmenter = re.split("[@~]", text)[0]
        if not segmenter or encoder[:1] in ("", "@", "~"):
            raise ValueError(f"{text!r} names no models; write SEGMENTER+ENCODER[@TAG][~ADAPTER]")
        return cls(segmenter, encoder)

    def encoder_model(self, runtime: Runtime) -> Encoder:
        """The encoder.

        Raises:
            SystemFailure: it is not there; the message says what to do.
        """
        try:
            return load_named_encoder(self.encoder, runtime)
        except ValueError as error:
            raise SystemFailure(str(error)) from error

    def segmenter_model(self, runtime: Runtime, stability: float) -> Segmenter:
        """The segmenter, which itself leaves out masks below a stability.

        Segment-anything's own threshold is .95: to filter at .9 afterwards would do nothing.

        Raises:
            SystemFailure: it is not there; the message says what to do.
        """
        try:
            return load_segmenter(self.segmenter, "", runtime, stability_score_thresh=stability)
        except ValueError as error:
            raise SystemFailure(str(error)) from error
