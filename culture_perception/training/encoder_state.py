"""The state of an encoder's training: what a step changes, what a checkpoint keeps."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from culture_perception.models.clip_small import PREPROCESSING, ClipModel
from culture_perception.training.encoder_batches import Batch
from culture_perception.training.encoder_loss import (
    MAX_LOGIT_SCALE,
    AttributeHeads,
    contrastive_loss,
)

_EMA_DECAY = 0.999
_MAX_GRADIENT = 1.0


@dataclass
class TrainingState:
    """All that a training needs to go on where it stopped.

    Attributes:
        model: being trained.
        average: exponential moving average of the model, which is what gets exported.
        heads: attribute classifiers, dropped afterwards.
        optimizer: of model and heads.
        rng: chance for batches.
        seeds: chance for views.
        step: steps done.
        seconds: training time so far.
    """

    model: ClipModel
    average: ClipModel
    heads: AttributeHeads
    optimizer: torch.optim.Optimizer
    rng: np.random.Generator
    seeds: torch.Generator
    step: int = 0
    seconds: float = 0.0


def new_state(
    model: ClipModel, heads: AttributeHeads, weight_decay: float, seed: int
) -> TrainingState:
    """The state before the first step. Biases, norms and heads get no weight decay."""
    parameters = list(model.parameters())
    matrices = [value for value in parameters if value.dim() > 1]
    others = [value for value in parameters if value.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": weight_decay},
            {"params": [*others, *heads.parameters()], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.98),
    )
    return TrainingState(
        model=model,
        average=copy.deepcopy(model).eval().requires_grad_(False),
        heads=heads,
        optimizer=optimizer,
        rng=np.random.default_rng(seed),
        seeds=torch.Generator().manual_seed(seed),
    )


def train_step(
    state: TrainingState, batch: Batch, learning_rate: float, head_weight: float
) -> float:
    """One step of the optimizer; returns the contrastive loss.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate
    state.model.train()
    loss, head_loss = _losses(state, batch)
    total = loss + head_weight * head_loss
    if not bool(torch.isfinite(total)):
        raise FloatingPointError(f"the loss is {float(total)} at step {state.step}: lower the rate")
    state.optimizer.zero_grad(set_to_none=True)
    total.backward()
    nn.utils.clip_grad_norm_(state.model.parameters(), _MAX_GRADIENT)
    state.optimizer.step()
    state.step += 1
    _follow(state.average, state.model, min(_EMA_DECAY, state.step / (state.step + 10)))
    return float(loss.detach())


def _losses(state: TrainingState, batch: Batch) -> tuple[Tensor, Tensor]:
    views = normalised(batch.views)
    # Only the convolutions gain from bfloat16; the small text tower is faster without.
    with torch.autocast("cpu", torch.bfloat16):
        images = state.model.encode_image(views)
    images = functional.normalize(images.float(), dim=-1)
    texts = functional.normalize(state.model.encode_text(batch.tokens), dim=-1)
    scale = state.model.logit_scale.exp().clamp(max=MAX_LOGIT_SCALE)
    loss = contrastive_loss(scale * texts @ images.T, batch.truth)
    return loss, state.heads.loss(images, batch.attributes)


def normalised(views: Tensor) -> Tensor:
    """Views (N, 3, S, S) from 0..1 to the model's input range, channels last in memory."""
    mean = torch.tensor(PREPROCESSING["mean"])[:, None, None]
    deviation = torch.tensor(PREPROCESSING["std"])[:, None, None]
    return ((views - mean) / deviation).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    current = model.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])


def save_state(state: TrainingState, path: Path) -> None:
    """Writes a checkpoint; an interruption leaves the earlier one whole."""
    content: dict[str, Any] = {
        "model": state.model.state_dict(),
        "average": state.average.state_dict(),
        "heads": state.heads.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "rng": state.rng.bit_generator.state,
        "seeds": state.seeds.get_state(),
        "step": state.step,
        "seconds": state.seconds,
    }
    unfinished = path.with_suffix(".tmp")
    torch.save(content, unfinished)
    unfinished.replace(path)


def load_state(state: TrainingState, path: Path) -> None:
    """Fills a new state with what save_state wrote."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    state.model.load_state_dict(content["model"])
    state.average.load_state_dict(content["average"])
    state.heads.load_state_dict(content["heads"])
    state.optimizer.load_state_dict(content["optimizer"])
    state.rng.bit_generator.state = content["rng"]
    state.seeds.set_state(content["seeds"])
    state.step, state.seconds = content["step"], content["seconds"]
