"""How a vision-language model is tuned; without torch."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from culture_perception.arguments import positive_int

BATCH = 2
LEARNING_RATE = 2e-4


@dataclass(frozen=True)
class VlmOptions:
    """LoRA on the language model of a vision-language model.

    Attributes:
        rank: of the change.
        alpha: its strength.
        dropout: of its inputs in training.
        steps: of the optimizer at most.
        batch: questions a step and device.
        accumulate: such batches a step.
        learning_rate: highest; it falls as half a cosine.
        every: steps between validations.
        patience: validations without gain after which it stops.
        precision: "float32" or "bfloat16", of the model's weights and of computing.
        picture_side: longest side of the pictures, pixels.
        device: "auto", "cpu" or a CUDA device.
        seed: of everything.
    """

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    steps: int = 400
    batch: int = BATCH
    accumulate: int = 8
    learning_rate: float = LEARNING_RATE
    every: int = 25
    patience: int = 5
    precision: Literal["float32", "bfloat16"] = "float32"
    picture_side: int = 1024
    device: str = "auto"
    seed: int = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what only vision-language models have; the rest they share with encoders."""
    group = parser.add_argument_group("vision-language models")
    group.add_argument(
        "--vlm", metavar="MODEL", help="tune this one on --items: a folder, or ORGANISATION/NAME"
    )
    group.add_argument("--items", type=Path, metavar="FILE", help="questions to learn, JSON lines")
    group.add_argument(
        "--test-items", type=Path, metavar="FILE", help="to test (a fifth of the concepts)"
    )
    group.add_argument(
        "--general", type=Path, metavar="FILE", help="questions that it must answer as well after"
    )
    group.add_argument(
        "--accumulate", type=positive_int, default=8, metavar="N", help="batches a step (8)"
    )
    group.add_argument(
        "--picture-side", type=positive_int, default=1024, metavar="PX", help="longest side (1024)"
    )


def options_of(arguments: argparse.Namespace) -> VlmOptions:
    """As it was asked for."""
    return VlmOptions(
        rank=arguments.rank,
        alpha=arguments.alpha or 2.0 * arguments.rank,
        dropout=arguments.dropout,
        steps=arguments.steps,
        batch=arguments.batch or BATCH,
        accumulate=arguments.accumulate,
        learning_rate=arguments.learning_rate or LEARNING_RATE,
        every=arguments.every,
        patience=arguments.patience,
        precision=arguments.precision,
        picture_side=arguments.picture_side,
        device=arguments.device,
        seed=arguments.seed,
    )
