"""The arithmetic of a low-rank change: the same for a weight in training and one in use."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from culture_perception.models.lora_options import LoraOptions
from culture_perception.models.lora_sites import Block

Rows: TypeAlias = slice | Tensor
_SEPARATOR: Final = ":"


@dataclass(frozen=True, eq=False)
class Change:
    """A low-rank change of some rows of a weight.

    Attributes:
        rows: a slice, or int64 (R,), rising.
        up: float32 (R, rank).
        down: float32 (rank, C); C is the number of values in a row of the weight.
    """

    rows: Rows
    up: Tensor
    down: Tensor

    def to(self, device: torch.device) -> Change:
        """The same on a device."""
        rows = self.rows.to(device) if isinstance(self.rows, Tensor) else self.rows
        return Change(rows, self.up.to(device), self.down.to(device))


def changed(weight: Tensor, changes: Sequence[Change], strength: float) -> Tensor:
    """A weight with changes: computed in float32, rounded once to the weight's own precision.

    Args:
        weight: (rows, ...) of any precision; it stays as it is.
        changes: of its rows, which may overlap.
        strength: what the products of the factors are multiplied by.

    Returns:
        Of the weight's shape, precision and layout of memory.
    """
    # Autocast would round the product to half precision: it would not equal the merged one.
    with torch.autocast(weight.device.type, enabled=False):
        total = _total(weight, changes, strength)
        return (weight.float() + total.view(weight.shape)).to(weight.dtype)


def _total(weight: Tensor, changes: Sequence[Change], strength: float) -> Tensor:
    """The sum of the changes: float32 (rows, columns)."""
    products = [(change.up * strength) @ change.down for change in changes]
    if len(products) == 1 and len(products[0]) == len(weight):  # most weights, and much faster
        return products[0]
    total = weight.new_zeros(len(weight), weight[0].numel(), dtype=torch.float32)
    for change, product in zip(changes, products, strict=True):
        total = total.index_put((_indices(change.rows, weight),), product, accumulate=True)
    return total


def _indices(rows: Rows, weight: Tensor) -> Tensor:
    if isinstance(rows, Tensor):
        return rows.to(weight.device)
    return torch.arange(rows.start, rows.stop, device=weight.device)


def factor_name(parameter: str, block: str, part: str) -> str:
    """Name of a factor's tensor; part is "up" or "down"."""
    return f"{parameter}{_SEPARATOR}{block}.{part}"


def rows_name(parameter: str, block: str) -> str:
    """Name of the tensor that tells which rows of an embedding change."""
    return factor_name(parameter, block, "rows")


def split_name(name: str) -> tuple[str, str, str]:
    """Parameter, block and part of a tensor's name.

    Raises:
        ValueError: it is no such name.
    """
    parameter, _, rest = name.rpartition(_SEPARATOR)
    block, _, part = rest.partition(".")
    if not parameter or not block or part not in ("up", "down", "rows"):
        raise ValueError(f"{name!r} is no factor's name, such as visual.proj:all.up")
    return parameter, block, part


class Factors(nn.Module):
    """The two factors of one block; their product is zero at first."""

    def __init__(self, rows: int, columns: int, rank: int, device: torch.device) -> None:
        super().__init__()
        rank = min(rank, rows, columns)
        self.up = nn.Parameter(torch.zeros(rows, rank, device=device))
        self.down = nn.Parameter(torch.empty(rank, columns, device=device))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))  # as nn.Linear, and as LoRA's authors


class LowRank(nn.Module):
    """A parametrization that adds low-rank changes to blocks of a weight.

    Attributes:
        factors: of each block, by its name.
        token_rows: int64 (R,), the rows of an embedding that change; None: all of each block.
        scale: 0 to 1, of the change.
    """

    def __init__(
        self,
        weight: Tensor,
        blocks: Sequence[Block],
        options: LoraOptions,
        token_rows: Tensor | None = None,
    ) -> None:
        super().__init__()
        columns = weight[0].numel()
        self.factors = nn.ModuleDict()
        self._rows: dict[str, slice] = {}
        for block in blocks:
            first, end = block.rows
            rows = end - first if token_rows is None else len(token_rows)
            self.factors[block.name] = Factors(rows, columns, options.rank, weight.device)
            self._rows[block.name] = slice(first, end)
        self.token_rows = token_rows
        self.scale = 1.0
        self._scaling = options.scaling
        self._dropout = options.dropout

    def forward(self, weight: Tensor) -> Tensor:
        """The weight with its change."""
        changes = [
            Change(self._rows_of(block), one.up, self._dropped(one.down))
            for block, one in self.blocks()
        ]
        return changed(weight, changes, self._scaling * self.scale)

    def blocks(self) -> Iterator[tuple[str, Factors]]:
        """Name and factors of each block."""
        for name, factors in self.factors.items():
            assert isinstance(factors, Factors)
            yield name, factors

    def _rows_of(self, block: str) -> Rows:
        return self._rows[block] if self.token_rows is None else self.token_rows

    def _dropped(self, down: Tensor) -> Tensor:
        """Without some of the weight's inputs, the same ones for a whole batch."""
        kept = functional.dropout(down.new_ones(down.shape[1]), self._dropout, self.training)
        return down * kept
