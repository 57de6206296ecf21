"""segment-anything's mask decoder for many prompts on one image, without repeated work.

Same architecture, weights and results as `segment_anything.modeling.MaskDecoder` (Kirillov et al.,
*Segment Anything*, 2023, section 3 and appendix A); rounding differs. Three things make it faster:

- What depends on the image alone is computed once an image, not once a prompt: the image side of
  the first transformer layer.
- Elsewhere a prompt has T = 7 tokens against N = 4096 image cells, so that projections are moved
  from the cells to the tokens: `q . (W k) = (W^T q) . k`, and likewise for values and outputs. That
  is exact algebra, and the biases vanish in (or pass through) a softmax whose weights sum to 1.
- The IoU is predicted before anything is upscaled; `masks` upscales only the prompts asked for.
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.models.shared_attention import FoldedAttention
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import MaskDecoder  # noqa: E402

IOU_TOKEN: Final = 0
FIRST_MASK_TOKEN: Final = 2
"""Token 1 is the mask for unambiguous prompts, which automatic generation does not use."""


@dataclass(frozen=True)
class SharedImage:
    """What all prompts on an image have in common.

    Attributes:
        cells: (1, N, C) the embedding's cells, row by row, with "no mask" prompted.
        position: (1, N, C) their positions' encoding.
        map_hw: rows and columns of the embedding; N is their product.
        keys: (1, heads, N, d) of the first layer, for the tokens to attend to.
        values: (1, heads, N, d) as `keys`.
        queries: (heads, N, d) of the first layer, with which the cells attend to the tokens.
    """

    cells: Tensor
    position: Tensor
    map_hw: tuple[int, int]
    keys: Tensor
    values: Tensor
    queries: Tensor


@dataclass(frozen=True)
class DecodedPrompts:
    """Prompts after the transformer, before upscaling.

    Attributes:
        predicted_iou: (B, masks a prompt) of each prompt's masks.
        tokens: (B, T, C) the prompts' tokens before the last attention.
        token_position: (B, T, C) what is added to tokens as queries.
        cells: (B, N, C) the image as each prompt sees it.
        map_hw: rows and columns of the embedding.
    """

    predicted_iou: Tensor
    tokens: Tensor
    token_position: Tensor
    cells: Tensor
    cells_at: Tensor
    map_hw: tuple[int, int]


class SharedDecoder:
    """Decodes point prompts on one image with a `MaskDecoder`'s weights, in their precision."""

    def __init__(self, decoder: MaskDecoder) -> None:
        """Take the decoder as it is: its device, precision and weights."""
        self._decoder: Final[Any] = decoder
        transformer = decoder.transformer
        self._layers: Final = [_Layer(layer) for layer in transformer.layers]
        self._last: Final = FoldedAttention(transformer.final_attn_token_to_image)
        self._last_norm: Final = transformer.norm_final_attn

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the weights, in which it computes."""
        dtype: torch.dtype = self._decoder.iou_token.weight.dtype
        return dtype

    def share(self, embedding: Tensor, position: Tensor, no_mask: Tensor) -> SharedImage:
        """Compute what all prompts on an image have in common.

        Args:
            embedding: (1, C, h, w) of the image encoder.
            position: (1, C, h, w), the prompt encoder's `get_dense_pe`.
            no_mask: (1, C), the prompt encoder's embedding for "no mask given".
        """
        cells = (embedding + no_mask[:, :, None, None]).to(self.dtype)
        cells = cells.flatten(2).transpose(1, 2).contiguous()
        at = position.to(self.dtype).flatten(2).transpose(1, 2).contiguous()
        first = self._layers[0]
        return SharedImage(
            cells=cells,
            position=at,
            map_hw=(embedding.shape[2], embedding.shape[3]),
            keys=first.to_image.keys(cells + at),
            values=first.to_image.values(cells),
            queries=first.to_tokens.queries(cells + at)[0],
        )

    def decode(self, image: SharedImage, prompts: Tensor) -> DecodedPrompts:
        """Run the transformer and predict the IoU.

        Args:
            image: from `share`.
            prompts: (B, tokens, C) sparse embeddings of the prompt encoder.

        Returns:
            What `masks` needs; predicted IoU in float32 or better.
        """
        own = torch.cat([self._decoder.iou_token.weight, self._decoder.mask_tokens.weight])
        position = torch.cat([own.expand(len(prompts), -1, -1), prompts.to(self.dtype)], 1)
        tokens, cells = self._layers[0].on_shared(image, position)
        for layer in self._layers[1:]:
            tokens, cells = layer(tokens, cells, position, image.position)
        cells_at = cells + image.position
        seen = self._attended(tokens[:, :1], position[:, :1], cells, cells_at)
        predicted = self._decoder.iou_prediction_head(seen[:, IOU_TOKEN])[:, 1:]
        return DecodedPrompts(
            _at_least_single(predicted), tokens, position, cells, cells_at, image.map_hw
        )

    def masks(self, decoded: DecodedPrompts, wanted: Tensor) -> Tensor:
        """Logits of the wanted masks.

        Args:
            decoded: from `decode`.
            wanted: (B, masks a prompt) bool.

        Returns:
            (M, 4h, 4w) logits in float32 or better, prompt by prompt; (0, 4h, 4w) for none.
        """
        rows, columns = decoded.map_hw
        prompts = wanted.any(1).nonzero()[:, 0]
        if not len(prompts):
            return torch.zeros(0, 4 * rows, 4 * columns, device=wanted.device)
        cells = decoded.cells[prompts]
        last = slice(FIRST_MASK_TOKEN, FIRST_MASK_TOKEN + wanted.shape[1])
        seen = self._attended(
            decoded.tokens[prompts, last],
            decoded.token_position[prompts, last],
            cells,
            decoded.cells_at[prompts],
        )
        heads = self._decoder.output_hypernetworks_mlps[1:]
        weights = torch.stack([head(seen[:, index]) for index, head in enumerate(heads)], 1)
        logits = weights @ self._upscaled(cells).transpose(1, 2)
        return _at_least_single(_as_maps(logits[wanted[prompts]], rows, columns))

    def _attended(
        self, tokens: Tensor, position: Tensor, cells: Tensor, cells_at: Tensor
    ) -> Tensor:
        """Tokens (B, t, C) after the last attention to the image."""
        new: Tensor = tokens + self._last.to_cells(tokens + position, cells_at, cells)
        normed: Tensor = self._last_norm(new)
        return normed

    def _upscaled(self, cells: Tensor) -> Tensor:
        """Cells (B, N, C) to finer ones (B, 16 N, C / 8): see `_as_maps` for their order.

        A transposed convolution of kernel 2 and stride 2 is a linear map from a cell to four.
        """
        first, norm, first_activation, second, second_activation = self._decoder.output_upscaling
        finer = _to_four(first, cells)
        width = finer.shape[-1]
        finer = functional.layer_norm(finer, (width,), norm.weight, norm.bias, norm.eps)
        finest: Tensor = second_activation(_to_four(second, first_activation(finer)))
        return finest


class _Layer:
    """A block of the two-way transformer."""

    def __init__(self, layer: Any) -> None:
        self._layer: Final = layer
        self.to_image: Final = FoldedAttention(layer.cross_attn_token_to_image)
        self.to_tokens: Final = FoldedAttention(layer.cross_attn_image_to_token)

    def on_shared(self, image: SharedImage, position: Tensor) -> tuple[Tensor, Tensor]:
        """The first layer: its cells are the same for all prompts, its tokens their positions."""
        layer = self._layer
        tokens = layer.norm1(layer.self_attn(q=position, k=position, v=position))
        seen = self.to_image.to_shared(tokens + position, image.keys, image.values)
        tokens = self._digested(tokens + seen)
        cells = self.to_tokens.from_shared(image.cells, image.queries, tokens + position, tokens)
        return tokens, layer.norm4(cells)

    def __call__(
        self, tokens: Tensor, cells: Tensor, position: Tensor, cell_position: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Tokens (B, T, C) and cells (B, N, C) after the block."""
        layer = self._layer
        queries = tokens + position
        tokens = layer.norm1(tokens + layer.self_attn(q=queries, k=queries, v=tokens))
        cells_at = cells + cell_position
        seen = self.to_image.to_cells(tokens + position, cells_at, cells)
        tokens = self._digested(tokens + seen)
        cells = self.to_tokens.from_cells(cells, cells_at, tokens + position, tokens)
        return tokens, layer.norm4(cells)

    def _digested(self, tokens: Tensor) -> Tensor:
        normed = self._layer.norm2(tokens)
        digested: Tensor = self._layer.norm3(normed + self._layer.mlp(normed))
        return digested


def _to_four(convolution: Any, cells: Tensor) -> Tensor:
    """A transposed convolution as a linear map: cells (B, n, C) to (B, 4 n, c)."""
    weight: Tensor = convolution.weight  # (C, c, 2, 2)
    inputs, outputs = weight.shape[:2]
    matrix = weight.permute(2, 3, 1, 0).reshape(4 * outputs, inputs)
    finer = functional.linear(cells, matrix, convolution.bias.repeat(4))
    return finer.view(len(cells), -1, outputs)


def _as_maps(logits: Tensor, rows: int, columns: int) -> Tensor:
    """Logits (M, N * 2*2 * 2*2), each cell split in four twice, as maps (M, 4 rows, 4 columns)."""
    split = logits.view(-1, rows, columns, 2, 2, 2, 2)
    return split.permute(0, 1, 3, 5, 2, 4, 6).reshape(-1, 4 * rows, 4 * columns)


def _at_least_single(values: Tensor) -> Tensor:
    """Filters compare in float32 or better, whatever the weights' precision."""
    return values if values.dtype == torch.float64 else values.float()
