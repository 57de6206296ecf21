"""A `Sam` whose masks look like objects although it was never trained: weights to measure with.

Speed does not depend on the values of weights, but what survives the filters does, and so does
whether a comparison of masks means anything. All weights are random, from a seed, but for these:

- Half of the channels are left to the positional encoding, and cells attend to tokens by these
  alone: its products peak at the prompted point, so that cells near it take up the point's token.
- The last bias of each mask's hypernetwork is the least-squares solution that tells a disc around
  the point, of one radius for each of the three masks, from the rest; the image deforms it.
- Logits are scaled, and the IoU head's last layer is scaled and shifted, until given shares of the
  candidates pass the published thresholds.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from culture_perception.masks import Uint8Array
from culture_perception.models.image_embedding import EmbeddedImage, ImageEmbedder
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.point_prompts import Prompter
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import build_point_grid  # noqa: E402

PUBLISHED: Final = MaskGeneratorOptions()
CONFIDENT_SHARE: Final = 0.3
"""Of all candidates, by predicted IoU: an assumption, not measured on a published model."""
STABLE_SHARE: Final = 0.5
"""Of all candidates, by stability."""
POINTS_PER_SIDE: Final = 5  # to solve with
_BATCH: Final = 5
_RADII: Final = (0.09, 0.12, 0.15)  # of the discs, share of the canvas's width
_IMAGE_GAIN: Final = 0.2  # of the embedding, against the positions
_ATTENTION_GAIN: Final = 6.0
_IOU_SPREAD: Final = 0.05
_RIDGE: Final = 1e-6
_LOGIT_SCALES: Final = np.geomspace(1.0, 1e4, 81)


@torch.inference_mode()
def make_object_like(sam: Sam, image_rgb: Uint8Array) -> float:
    """Gives a random `Sam` masks around its prompts; it is changed in place.

    Args:
        sam: of segment-anything's architecture with random weights, in evaluation mode; torch's
            generator goes on to be drawn from.
        image_rgb: (H, W, 3) on which the shares are met.

    Returns:
        Share of the candidates that pass both thresholds.
    """
    _make_positional(sam)
    image = ImageEmbedder(sam).embed(image_rgb)
    points = build_point_grid(POINTS_PER_SIDE) * np.array(image.image_hw[::-1])
    cells, ious = _decoded(sam, image, points)
    stable = _fit_masks(sam, cells, _distances(sam, points, image, cells.shape[-2:]))
    confident = _fit_iou(sam, ious)
    return float((stable & confident).float().mean())


def _make_positional(sam: Any) -> None:
    decoder, prompts = sam.mask_decoder, sam.prompt_encoder
    channels = _position_channels(prompts.pe_layer.positional_encoding_gaussian_matrix)
    sam.image_encoder.neck[-1].weight.mul_(_IMAGE_GAIN)
    embeddings = (prompts.point_embeddings[1], prompts.not_a_point_embed)
    for embedding in (*embeddings, decoder.iou_token, decoder.mask_tokens):
        embedding.weight[:, channels] = 0.0
    # Each token attends to itself first, or all would be alike.
    first = decoder.transformer.layers[0].self_attn
    for projection in (first.q_proj, first.k_proj, first.v_proj, first.out_proj):
        nn.init.eye_(projection.weight)
    first.q_proj.weight.mul_(2.0)
    for layer in decoder.transformer.layers:
        layer.norm3.weight[channels] = 0.0
        attention = layer.cross_attn_image_to_token
        for projection in (attention.q_proj, attention.k_proj):
            projection.weight.zero_()
            projection.weight[torch.arange(len(channels)), channels] = _ATTENTION_GAIN**0.5
            projection.bias.zero_()
        attention.out_proj.weight.mul_(_ATTENTION_GAIN)
        layer.self_attn.out_proj.bias.zero_()
    decoder.transformer.layers[1].self_attn.out_proj.weight.mul_(_ATTENTION_GAIN)
    for step in (0, 3):  # the four cells that one is split into are alike: no checkerboard
        weight = decoder.output_upscaling[step].weight
        weight.copy_(weight[..., :1, :1].expand_as(weight).clone())
    # One channel is constant, for a threshold.
    decoder.output_upscaling[3].weight[:, 0] = 0.0
    decoder.output_upscaling[3].bias[0] = 1.0


def _position_channels(frequencies: Tensor) -> Tensor:
    """Sines and cosines of the lower half of the frequencies (2, F): (F,) channels of the 2 F."""
    count = frequencies.shape[1]
    low = frequencies.norm(dim=0).argsort()[: count // 2]
    low = low[torch.randperm(len(low))]  # each head gets some of all
    return torch.stack([low, low + count], dim=1).flatten()


def _decoded(
    sam: Any, image: EmbeddedImage, points: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[Tensor, Tensor]:
    """Upscaled cells (N, D, h, w) where the image lies, and predicted IoUs (N, 3)."""
    decoder, position = sam.mask_decoder, sam.prompt_encoder.get_dense_pe()
    own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    source = image.embedding + sam.prompt_encoder.no_mask_embed.weight[:, :, None, None]
    rows, columns = (4 * side * filled // canvas for side, filled, canvas in zip(
        source.shape[-2:], image.input_hw, image.canvas_hw, strict=True))  # fmt: skip
    cells, ious = [], []
    for prompts in Prompter(sam, PUBLISHED).embedded(points, image).split(_BATCH):
        shape = (len(prompts), -1, -1, -1)
        queries = torch.cat([own.expand(shape[:3]), prompts], 1)
        tokens, keys = decoder.transformer(source.expand(shape), position.expand(shape), queries)
        maps = keys.transpose(1, 2).unflatten(2, source.shape[-2:])
        cells.append(decoder.output_upscaling(maps)[..., :rows, :columns])
        ious.append(decoder.iou_prediction_head(tokens[:, 0])[:, 1:])
    return torch.cat(cells), torch.cat(ious)


def _distances(
    sam: Any,
    points: np.ndarray[Any, np.dtype[np.float64]],
    image: EmbeddedImage,
    shape_hw: tuple[int, ...],
) -> Tensor:
    """Of cells (N, h, w) from each point, as shares of the canvas's width."""
    y, x = (torch.arange(side, device=sam.device) + 0.5 for side in shape_hw)
    scale = shape_hw[1] / image.image_hw[1]
    at = torch.as_tensor(points * scale, dtype=x.dtype, device=x.device)[:, :, None, None]
    width = 4 * image.embedding.shape[-1]
    return torch.hypot(x[None, :] - at[:, 0], y[:, None] - at[:, 1]) / width


def _fit_masks(sam: Any, cells: Tensor, distances: Tensor) -> Tensor:
    """Solves for the hypernetworks' last biases; which candidates (N, 3) are stable."""
    rows = cells.movedim(1, -1).reshape(-1, cells.shape[1]).double()
    heads = sam.mask_decoder.output_hypernetworks_mlps[1:]
    solved = [_disc_weights(rows, (distances < radius).flatten()) for radius in _RADII]
    logits = torch.stack([(rows @ one).view(len(cells), -1) for one in solved], dim=1)
    for scale in _LOGIT_SCALES:
        stable = _stability(logits * scale) >= PUBLISHED.stability_score_thresh
        if stable.float().mean() >= STABLE_SHARE:
            break
    for head, weights in zip(heads, solved, strict=True):
        head.layers[-1].weight.zero_()
        head.layers[-1].bias.copy_(weights * scale)
    return stable


def _disc_weights(rows: Tensor, inside: Tensor) -> Tensor:
    """(D,) by which as many rows (P, D) are positive as are inside, and nearly the same ones.

    The first of the D is the same in all rows.
    """
    share = inside.double().mean()
    balance = torch.where(inside, 0.5 / share, 0.5 / (1.0 - share))[:, None] * rows
    square = balance.T @ rows
    ridge = torch.eye(len(square), device=rows.device) * (_RIDGE * square.trace() / len(square))
    weights: Tensor = torch.linalg.solve(square + ridge, balance.T @ (inside.double() * 2.0 - 1.0))
    values = rows @ weights
    cut = values.kthvalue(len(rows) - int(inside.sum())).values
    weights[0] -= cut / rows[0, 0]
    return weights


def _stability(logits: Tensor) -> Tensor:
    offset = PUBLISHED.stability_score_offset
    above, almost = (logits > offset).sum(-1), (logits > -offset).sum(-1)
    stability: Tensor = above / almost.clamp(min=1)
    return stability


def _fit_iou(sam: Any, ious: Tensor) -> Tensor:
    """Sets the IoU head's last layer; which candidates (N, 3) are then confident."""
    last = sam.mask_decoder.iou_prediction_head.layers[-1]
    scale = _IOU_SPREAD / ious.std(dim=0)
    shift = PUBLISHED.pred_iou_thresh - (ious * scale).quantile(1.0 - CONFIDENT_SHARE, dim=0)
    last.weight[1:].mul_(scale[:, None])
    last.bias[1:].mul_(scale).add_(shift)
    confident: Tensor = ious * scale + shift > PUBLISHED.pred_iou_thresh
    return confident
