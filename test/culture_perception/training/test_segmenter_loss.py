"""Losses: least at the target, and blind to what they should not see."""

import pytest
import torch
from torch import Tensor

from culture_perception.models.small_image_encoder import CENTRE, FOREGROUND
from culture_perception.training.segmenter_loss import dense_loss, mask_loss

SURE = 12.0


def target_masks() -> Tensor:
    """Two prompts of one image of 32 x 32: a square of 16 x 16, and the background."""
    masks = torch.zeros(1, 2, 32, 32)
    masks[0, 0, 8:24, 8:24] = 1.0
    return masks


def perfect_logits() -> Tensor:
    cells = torch.full((1, 2, 4, 8, 8), -SURE)
    cells[0, 0, :, 2:6, 2:6] = SURE
    return cells


BACKGROUND = torch.tensor([[False, True]])


def test_perfect_masks_with_true_iou_cost_next_to_nothing() -> None:
    truth = torch.tensor([[[1.0] * 4, [0.0] * 4]])

    loss = mask_loss(perfect_logits(), truth, target_masks(), BACKGROUND)

    assert loss.total.item() < 0.02
    assert loss.best_iou.item() == pytest.approx(1.0, abs=1e-3)
    assert loss.iou_error.item() < 1e-3


def test_only_the_best_of_three_masks_must_fit() -> None:
    one_right = torch.full((1, 2, 4, 8, 8), -SURE)
    one_right[0, 0, 2] = perfect_logits()[0, 0, 2]
    none_right = torch.full((1, 2, 4, 8, 8), -SURE)
    iou = torch.zeros(1, 2, 4)

    best = mask_loss(one_right, iou, target_masks(), BACKGROUND)
    worst = mask_loss(none_right, iou, target_masks(), BACKGROUND)

    assert best.mask < 0.6 * worst.mask
    assert best.best_iou.item() == pytest.approx(1.0, abs=1e-3)


def test_a_mask_on_the_table_costs_and_should_be_rated_zero() -> None:
    busy = perfect_logits()
    busy[0, 1, :, 2:6, 2:6] = SURE
    rated_low = torch.tensor([[[1.0] * 4, [0.0] * 4]])
    rated_high = torch.ones(1, 2, 4)

    low = mask_loss(busy, rated_low, target_masks(), BACKGROUND)
    high = mask_loss(busy, rated_high, target_masks(), BACKGROUND)

    assert low.background > 1.0
    assert low.iou_head < 1e-3 < high.iou_head


def test_a_batch_of_background_only_has_a_finite_loss() -> None:
    every = torch.tensor([[True, True]])

    loss = mask_loss(perfect_logits(), torch.zeros(1, 2, 4), torch.zeros(1, 2, 32, 32), every)

    assert loss.total.isfinite()
    assert loss.mask.item() == 0.0


def test_masks_learn_from_the_loss() -> None:
    logits = torch.zeros(1, 2, 4, 8, 8, requires_grad=True)
    iou = torch.zeros(1, 2, 4, requires_grad=True)

    mask_loss(logits, iou, target_masks(), BACKGROUND).total.backward()

    assert logits.grad is not None
    assert (logits.grad[0, 0, :, 3, 3] < 0).all()
    assert (logits.grad[0, 0, :, 0, 0] > 0).all()


def test_dense_loss_is_least_at_its_target() -> None:
    target = torch.zeros(1, 5, 8, 8)
    target[0, FOREGROUND, 2:6, 2:6] = 1.0
    target[0, CENTRE, 4, 4] = 1.0
    perfect = torch.where(target > 0, SURE, -SURE)
    perfect[:, 3:] = 0.0
    missed = perfect.clone()
    missed[0, CENTRE, 4, 4] = -SURE
    shifted = perfect.clone()
    shifted[:, 3:] = 1.0

    least = dense_loss(perfect, target)

    assert least < 1e-2
    assert dense_loss(missed, target) > least + 1.0
    assert dense_loss(shifted, target) > least + 1.0


def test_dense_loss_of_an_empty_table_is_finite() -> None:
    assert dense_loss(torch.zeros(1, 5, 8, 8), torch.zeros(1, 5, 8, 8)).isfinite()
