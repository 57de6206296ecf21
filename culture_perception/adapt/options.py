"""How an adapter is trained; without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from culture_perception.models.lora_options import LoraOptions

Loss: TypeAlias = Literal["softmax", "contrastive"]
LOSSES: Final[tuple[Loss, ...]] = get_args(Loss)
Views: TypeAlias = Literal["mixed", "mask", "box"]
VIEWS: Final[tuple[Views, ...]] = get_args(Views)
SHOTS: Final = (1, 2, 4, 8, 16)
Study: TypeAlias = Literal["shots", "products", "categories", "languages"]
STUDIES: Final[tuple[Study, ...]] = get_args(Study)


@dataclass(frozen=True)
class AdaptOptions:
    """How the factors of an adapter are found.

    Attributes:
        lora: where they are and of what size.
        loss: "softmax" over the labels of each language and style, or "contrastive", both ways,
            over those of all of them, with every text of a concept as right.
        views: of crops: "mask", blurred outside the mask as recognition shows them (mask tuning);
            "box", as they are; "mixed", these and before other backgrounds.
        steps: of the optimizer at most.
        batch: crops a step.
        learning_rate: highest of AdamW's, after the warm-up; then it falls as half a cosine.
        weight_decay: of AdamW.
        replay: weight of what other labels and crops must keep; 0: nothing holds them.
        rehearsal: share of the steps, below 1, that learn from siblings of another market, as the
            base once did; 0: none.
        patience: evaluations on validation data without gain after which it stops.
        every: steps between these.
        precision: "float32", or "bfloat16" where that is mixed in.
        seed: of everything.

    Raises:
        ValueError: a value is out of range.
    """

    lora: LoraOptions = field(default_factory=LoraOptions)
    loss: Loss = "softmax"
    views: Views = "mixed"
    steps: int = 400
    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    replay: float = 5.0
    rehearsal: float = 0.0
    patience: int = 5
    every: int = 25
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"loss {self.loss!r} is none of {', '.join(LOSSES)}")
        if self.views not in VIEWS:
            raise ValueError(f"views {self.views!r} is none of {', '.join(VIEWS)}")
        if min(self.steps, self.batch, self.patience, self.every) < 1:
            raise ValueError("steps, batch, patience and every must each be at least 1")
        if not self.learning_rate > 0 or self.weight_decay < 0 or self.replay < 0:
            raise ValueError(
                f"learning rate {self.learning_rate} (above 0), weight decay {self.weight_decay} "
                f"or replay {self.replay} (both 0 or more) is out of range"
            )
        if not 0 <= self.rehearsal < 1:
            raise ValueError(f"rehearsal {self.rehearsal} is not a share from 0 to below 1")
