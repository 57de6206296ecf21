"""Losses of the segmenter: masks, predicted IoU, dense maps."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.models.small_image_encoder import (
    CENTRE,
    EDGE,
    FOREGROUND,
    MAP_STRIDE,
    OFFSET_X,
)


@dataclass(frozen=True)
class MaskLoss:
    """Loss of a batch's masks and what it is made of; all 0-dimensional.

    Attributes:
        total: what to minimise.
        mask: loss of the object prompts' masks.
        background: loss of the background prompts' masks, which should be empty.
        iou_head: loss of the predicted IoU.
        best_iou: mean over object prompts of the best mask's true IoU.
        iou_error: mean absolute error of the predicted IoU.
    """

    total: Tensor
    mask: Tensor
    background: Tensor
    iou_head: Tensor
    best_iou: Tensor
    iou_error: Tensor


def mask_loss(
    logits: Tensor, predicted_iou: Tensor, masks: Tensor, is_background: Tensor
) -> MaskLoss:
    """Loss of decoded masks.

    As in segment-anything only the best of the three ambiguity masks is pulled fully to the
    target; a little of the mean keeps the other two from dying.

    Args:
        logits: (B, K, 4, H/4, W/4) mask logits: the single mask, then three ambiguity masks.
        predicted_iou: (B, K, 4).
        masks: (B, K, H, W) targets, 0 or 1.
        is_background: (B, K) bool: prompts whose mask should be empty.
    """
    target = functional.avg_pool2d(masks, MAP_STRIDE)[:, :, None].expand_as(logits)
    focal, dice = _focal_and_dice(logits, target)
    per_mask = 2.0 * focal + dice
    several = per_mask[..., 1:]
    per_prompt = several.amin(-1) + 0.2 * several.mean(-1) + 0.3 * per_mask[..., 0]
    on_object = _mean_where(per_prompt, ~is_background)
    on_background = _mean_where(focal.mean(-1), is_background)
    true_iou = _true_iou(logits.detach(), masks)
    head = functional.smooth_l1_loss(predicted_iou, true_iou, beta=0.1)
    return MaskLoss(
        total=on_object + 0.1 * on_background + 2.0 * head,
        mask=on_object.detach(),
        background=on_background.detach(),
        iou_head=head.detach(),
        best_iou=_mean_where(true_iou[..., 1:].amax(-1), ~is_background),
        iou_error=(predicted_iou.detach() - true_iou).abs().mean(),
    )


def dense_loss(maps: Tensor, target: Tensor) -> Tensor:
    """Loss of the dense head's maps (B, 5, h, w) against targets of that shape; 0-dimensional."""
    foreground = functional.binary_cross_entropy_with_logits(
        maps[:, FOREGROUND], target[:, FOREGROUND]
    )
    edge = functional.binary_cross_entropy_with_logits(
        maps[:, EDGE], target[:, EDGE], pos_weight=maps.new_tensor(3.0)
    )
    inside = target[:, FOREGROUND] > 0.5
    offset = (maps[:, OFFSET_X:] - target[:, OFFSET_X:]).abs().clamp(max=4.0).sum(1)
    centre = _centre_loss(maps[:, CENTRE], target[:, CENTRE])
    return 2.0 * foreground + edge + 0.3 * centre + 0.7 * _mean_where(offset, inside)


def _centre_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """CenterNet's penalty-reduced focal loss: cells near a centre are not full negatives."""
    probability = logits.sigmoid().clamp(1e-4, 1.0 - 1e-4)
    is_centre = (heat > 0.99).float()
    found = is_centre * (1.0 - probability) ** 2 * probability.log()
    quiet = (1.0 - is_centre) * (1.0 - heat) ** 4 * probability**2 * (1.0 - probability).log()
    return -(found + quiet).sum() / is_centre.sum().clamp(min=1.0)


def _focal_and_dice(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Per mask: a focal loss normalised by the object's area, and the dice loss."""
    area = target.sum((-1, -2))
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    probability = logits.sigmoid()
    focal = (entropy * (probability - target).abs()).sum((-1, -2)) / (area + 12.0)
    overlap = (probability * target).sum((-1, -2))
    squares = (probability * probability + target * target).sum((-1, -2))
    return focal, 1.0 - (2.0 * overlap + 1.0) / (squares + 1.0)


@torch.no_grad()
def _true_iou(logits: Tensor, masks: Tensor) -> Tensor:
    """IoU (B, K, 4) of each mask with its target, at half the canvas's resolution."""
    batch, prompts, several = logits.shape[:3]
    larger = functional.interpolate(
        logits.flatten(0, 1), scale_factor=2, mode="bilinear", align_corners=False
    )
    given = larger > 0
    wanted = (functional.avg_pool2d(masks, 2) > 0.5).flatten(0, 1)[:, None]
    overlap = (given & wanted).sum((-1, -2)).float()
    union = (given | wanted).sum((-1, -2)).float()
    return (overlap / (union + 1e-6)).view(batch, prompts, several)


def _mean_where(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the values where the mask is true; 0 where it is nowhere true."""
    weights = mask.to(values.dtype)
    return (values * weights).sum() / weights.sum().clamp(min=1.0)
