"""What of a model a low-rank adapter may change; without torch, so that cards can be read alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Tower: TypeAlias = Literal["image", "text"]
Kind: TypeAlias = Literal["q", "k", "v", "out", "mlp", "conv", "embedding", "projection"]
TOWERS: Final[tuple[Tower, ...]] = get_args(Tower)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class LoraError(ValueError):
    """A low-rank adapter can not be made as asked; the message says what can be."""


@dataclass(frozen=True)
class LoraOptions:
    """Which weights get a low-rank change, and of what size.

    A change of a weight is alpha / rank times the product of two factors (Hu et al. 2021,
    arXiv 2106.09685, section 4.1).

    Attributes:
        rank: of the change; smaller where the weight itself has no such rank.
        alpha: strength of the change.
        towers: which towers are changed.
        kinds: which layers of them: queries, keys, values and output of attention, perceptrons
            (every other linear layer), convolutions, the embedding of tokens, and the projection
            into the space that images and texts share.
        dropout: share of a weight's inputs that each training step leaves out of the change.

    Raises:
        LoraError: a value is out of range or unknown.
    """

    rank: int = 8
    alpha: float = 16.0
    towers: tuple[Tower, ...] = TOWERS
    kinds: tuple[Kind, ...] = ("q", "k", "v", "out", "mlp", "conv")
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.rank < 1 or not self.alpha > 0 or not 0.0 <= self.dropout < 1.0:
            raise LoraError(
                f"rank {self.rank} (at least 1), alpha {self.alpha} (above 0) or dropout "
                f"{self.dropout} (0 to below 1) is out of range"
            )
        _check("towers", self.towers, TOWERS)
        _check("kinds", self.kinds, KINDS)

    @property
    def scaling(self) -> float:
        """What the product of the factors is multiplied by."""
        return self.alpha / self.rank


def _check(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [one for one in given if one not in known]
    if unknown or not given:
        raise LoraError(
            f"{what} {', '.join(unknown) or 'without any'}: give some of {', '.join(known)}"
        )
