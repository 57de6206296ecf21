"""segment-anything's image encoder without the attention maps that it writes out.

Same architecture, weights and results as `segment_anything.modeling.ImageEncoderViT` (Kirillov et
al., *Segment Anything*, 2023, appendix A); rounding differs. That adds the relative positions of
rows and of columns to maps of 4096 x 4096 values a head, one after the other, which on a CPU takes
as long as all matrix products together. Here they are one bias, of a few rows of queries at once,
and the rest is torch's fused attention.
"""

from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import ImageEncoderViT  # noqa: E402
from segment_anything.modeling.image_encoder import (  # noqa: E402
    get_rel_pos,
    window_partition,
    window_unpartition,
)

BIAS_VALUES_AT_ONCE: Final = 2**24
"""64 MiB of float32; on a CPU a quarter of it is as fast."""


class FusedImageEncoder:
    """Encodes images with an `ImageEncoderViT`'s weights, in their precision."""

    def __init__(self, encoder: ImageEncoderViT) -> None:
        """Take the encoder as it is; its device, precision and weights are read at each call."""
        self._encoder: Final[Any] = encoder

    def __call__(self, images: Tensor) -> Tensor:
        """Embeddings (N, C, h, w) of images (N, 3, H, W) of the encoder's size."""
        cells = self._encoder.patch_embed(images)
        if self._encoder.pos_embed is not None:
            cells = cells + self._encoder.pos_embed
        for block in self._encoder.blocks:
            cells = _after_block(block, cells)
        embedding: Tensor = self._encoder.neck(cells.permute(0, 3, 1, 2))
        return embedding


def _after_block(block: Any, cells: Tensor) -> Tensor:
    """Cells (N, h, w, C) after a transformer block."""
    rows, columns = cells.shape[1:3]
    normal = block.norm1(cells)
    if block.window_size > 0:
        windows, padded_hw = window_partition(normal, block.window_size)
        seen = _attended(block.attn, windows)
        seen = window_unpartition(seen, block.window_size, padded_hw, (rows, columns))
    else:
        seen = _attended(block.attn, normal)
    cells = cells + seen
    after: Tensor = cells + block.mlp(block.norm2(cells))
    return after


def _attended(attention: Any, cells: Tensor) -> Tensor:
    """Attention among the cells (B, h, w, C) of each window; as many."""
    batch, rows, columns, _ = cells.shape
    heads = attention.num_heads
    split = attention.qkv(cells).view(batch, rows * columns, 3, heads, -1)
    queries, keys, values = split.permute(2, 0, 3, 1, 4)  # (B, heads, h w, d) each
    if attention.use_rel_pos:
        mixed = _with_positions(attention, queries, keys, values, (rows, columns))
    else:
        mixed = functional.scaled_dot_product_attention(queries, keys, values)
    joined = mixed.transpose(1, 2).reshape(batch, rows, columns, -1)
    projected: Tensor = attention.proj(joined)
    return projected


def _with_positions(
    attention: Any, queries: Tensor, keys: Tensor, values: Tensor, shape_hw: tuple[int, int]
) -> Tensor:
    """As torch's attention, with a bias by how far a key is from a query, a part at a time."""
    rows, columns = shape_hw
    of_rows = get_rel_pos(rows, rows, attention.rel_pos_h)
    of_columns = get_rel_pos(columns, columns, attention.rel_pos_w)
    by_row = queries.unflatten(2, (rows, columns))  # (B, heads, h, w, d)
    to_rows = torch.einsum("bnhwd,hkd->bnhwk", by_row, of_rows)[..., :, None]
    to_columns = torch.einsum("bnhwd,wkd->bnhwk", by_row, of_columns)[..., None, :]
    values_a_row = queries.shape[1] * columns * rows * columns
    rows_at_once = max(1, BIAS_VALUES_AT_ONCE // values_a_row)
    step, windows = min(rows, rows_at_once), max(1, rows_at_once // rows)
    mixed = torch.empty_like(queries)
    for first in range(0, len(queries), windows):
        some = slice(first, first + windows)
        for row in range(0, rows, step):
            part = slice(row, row + step)
            cut = slice(row * columns, (row + step) * columns)
            bias = (to_rows[some, :, part] + to_columns[some, :, part]).flatten(4).flatten(2, 3)
            mixed[some, :, cut] = functional.scaled_dot_product_attention(
                queries[some, :, cut], keys[some], values[some], attn_mask=bias
            )
    return mixed
