"""Attention between a prompt's few tokens and the image's many cells.

With its weights, every method gives what `segment_anything.modeling.transformer.Attention` gives,
up to rounding, without projecting the cells of each prompt: see `shared_decoder`.
"""

from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional


class FoldedAttention:
    """An `Attention` whose projections of the cells are folded into the tokens.

    Shapes: B prompts, T tokens, N cells, C channels, H heads of width d.
    """

    def __init__(self, attention: Any) -> None:
        """Take an `Attention` of segment-anything; the weights are read at each call."""
        self._attention: Final = attention
        self._heads: Final[int] = attention.num_heads
        self._scale: Final = (attention.internal_dim // attention.num_heads) ** -0.5

    def queries(self, x: Tensor) -> Tensor:
        """(B, n, C) projected to (B, H, n, d)."""
        return self._split(self._attention.q_proj(x))

    def keys(self, x: Tensor) -> Tensor:
        """(B, n, C) projected to (B, H, n, d)."""
        return self._split(self._attention.k_proj(x))

    def values(self, x: Tensor) -> Tensor:
        """(B, n, C) projected to (B, H, n, d)."""
        return self._split(self._attention.v_proj(x))

    def to_shared(self, tokens: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Tokens (B, T, C) attend to cells whose keys and values (1, H, N, d) all prompts share."""
        prompts, count, _ = tokens.shape
        queries = self.queries(tokens.reshape(1, prompts * count, -1))
        mixed = functional.scaled_dot_product_attention(queries, keys, values)
        return self._joined(mixed).view(prompts, count, -1)

    def to_cells(self, tokens: Tensor, cells_at: Tensor, cells: Tensor) -> Tensor:
        """Tokens (B, T, C) attend to each prompt's own cells (B, N, C).

        `cells_at` are the cells with their positions added: the keys' side.
        """
        weights = self._folded(self.queries(tokens), self._attention.k_proj) @ cells_at.mT
        mixed = (weights * self._scale).softmax(-1) @ cells
        by_head = mixed.unflatten(1, (self._heads, -1))
        projection = self._by_head(self._attention.v_proj.weight)
        values = by_head @ projection.mT + self._attention.v_proj.bias.view(self._heads, 1, -1)
        return self._joined(values)

    def from_shared(
        self, cells: Tensor, queries: Tensor, tokens_at: Tensor, tokens: Tensor
    ) -> Tensor:
        """Cells (1, N, C) that all prompts share, plus what they take from each prompt's tokens.

        Args:
            cells: (1, N, C), to which it is added.
            queries: (H, N, d) of the cells.
            tokens_at: (B, T, C) tokens as keys.
            tokens: (B, T, C) tokens as values.

        Returns:
            (B, N, C).
        """
        prompts, count, _ = tokens.shape
        keys = self.keys(tokens_at).transpose(0, 1).flatten(1, 2)  # (H, B T, d)
        weights = (keys * self._scale) @ queries.mT
        weights = weights.view(self._heads, prompts, count, -1).softmax(2)
        by_prompt = weights.transpose(0, 1).reshape(prompts, self._heads * count, -1)
        return torch.baddbmm(
            cells.expand(prompts, -1, -1), by_prompt.mT, self._folded_values(tokens)
        )

    def from_cells(
        self, cells: Tensor, cells_at: Tensor, tokens_at: Tensor, tokens: Tensor
    ) -> Tensor:
        """As `from_shared`, for cells (B, N, C) that differ from prompt to prompt."""
        keys = self.keys(tokens_at)
        bias = keys @ self._attention.q_proj.bias.view(self._heads, -1, 1)
        folded = self._folded(keys, self._attention.q_proj)
        weights = torch.baddbmm(
            bias.flatten(1, 2), folded, cells_at.mT, beta=self._scale, alpha=self._scale
        )
        weights = weights.unflatten(1, (self._heads, -1)).softmax(2).flatten(1, 2)
        return torch.baddbmm(cells, weights.mT, self._folded_values(tokens))

    def _folded(self, projected: Tensor, projection: Any) -> Tensor:
        """(B, H, T, d) carried back through the other side's projection: (B, H T, C)."""
        return (projected @ self._by_head(projection.weight)).flatten(1, 2)

    def _folded_values(self, tokens: Tensor) -> Tensor:
        """Values of tokens (B, T, C), already put through the output: (B, H T, C).

        A cell's weights sum to 1 in each of the H heads, hence the output's bias over H.
        """
        output = self._attention.out_proj
        by_head = self._by_head(output.weight.T)
        folded: Tensor = self.values(tokens) @ by_head + output.bias / self._heads
        return folded.flatten(1, 2)

    def _by_head(self, weight: Tensor) -> Tensor:
        """A projection's (H d, C) as (H, d, C)."""
        by_head: Tensor = weight.view(self._heads, -1, weight.shape[1])
        return by_head

    def _split(self, x: Tensor) -> Tensor:
        split: Tensor = x.unflatten(2, (self._heads, -1)).transpose(1, 2)
        return split

    def _joined(self, by_head: Tensor) -> Tensor:
        """(B, H, T, d) through the output to (B, T, C)."""
        joined: Tensor = self._attention.out_proj(by_head.transpose(1, 2).flatten(2))
        return joined
