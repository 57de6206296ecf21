"""The state of an encoder's training: what a step changes, what a checkpoint keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from culture_perception.models.clip_small import PREPROCESSING, ClipModel
from culture_perception.training import loop
from culture_perception.training.encoder_batches import Batch
from culture_perception.training.encoder_loss import (
    MAX_LOGIT_SCALE,
    AttributeHeads,
    MatchLoss,
    contrastive_loss,
)

_AVERAGE_DECAY = 0.999
_MAX_GRADIENT = 1.0
_CLIP = "clip."


@dataclass(frozen=True)
class Losses:
    """Of one batch, scalars.

    Attributes:
        contrastive: which caption fits which image best.
        heads: which attributes are seen.
        match: whether a caption fits an image at all.
    """

    contrastive: Tensor
    heads: Tensor
    match: Tensor


@dataclass(frozen=True)
class LossWeights:
    """What the other losses count beside the contrastive one."""

    heads: float
    match: float

    def total(self, losses: Losses) -> Tensor:
        """The weighted sum, a scalar."""
        return losses.contrastive + self.heads * losses.heads + self.match * losses.match


class TrainedModules(nn.Module):
    """What is trained together: the encoder, and parts of losses that are dropped afterwards."""

    def __init__(self, clip: ClipModel, heads: AttributeHeads) -> None:
        super().__init__()
        self.clip = clip
        self.heads = heads
        self.match = MatchLoss()

    def losses(self, batch: Batch) -> Losses:
        """The losses of a batch."""
        clip: ClipModel = self.clip
        # Only the convolutions gain from bfloat16; the small text tower is faster without.
        with torch.autocast("cpu", torch.bfloat16):
            images = clip.encode_image(normalised(batch.views))
        images = functional.normalize(images.float(), dim=-1)
        texts = functional.normalize(clip.encode_text(batch.tokens), dim=-1)
        scale = clip.logit_scale.exp().clamp(max=MAX_LOGIT_SCALE)
        cosines = texts @ images.T
        return Losses(
            contrastive=contrastive_loss(scale * cosines, batch.truth),
            heads=self.heads.loss(images, batch.attributes),
            match=self.match(cosines, batch.truth),
        )


def normalised(views: Tensor) -> Tensor:
    """Views (N, 3, S, S) from 0..1 to the model's input range, channels last in memory."""
    mean = torch.tensor(PREPROCESSING["mean"])[:, None, None]
    deviation = torch.tensor(PREPROCESSING["std"])[:, None, None]
    return ((views - mean) / deviation).contiguous(memory_format=torch.channels_last)


@dataclass
class TrainingState:
    """All that a training needs to go on where it stopped.

    Attributes:
        modules: being trained.
        average: moving average of their weights, which is what gets exported.
        optimizer: of all their parameters.
        rng: chance for batches.
        seeds: chance for views.
        step: steps done.
        seconds: training time so far.
    """

    modules: TrainedModules
    average: loop.WeightAverage
    optimizer: torch.optim.Optimizer
    rng: np.random.Generator
    seeds: torch.Generator
    step: int = 0
    seconds: float = 0.0

    @property
    def logit_scale(self) -> float:
        """What the encoder multiplies cosines by at present."""
        clip: ClipModel = self.modules.clip
        return float(clip.logit_scale.detach().exp())

    def encoder_weights(self) -> dict[str, Tensor]:
        """The averaged weights of the encoder alone."""
        weights = self.average.weights
        return {
            name.removeprefix(_CLIP): value
            for name, value in weights.items()
            if name.startswith(_CLIP)
        }


def new_state(modules: TrainedModules, weight_decay: float, seed: int) -> TrainingState:
    """The state before the first step."""
    groups = loop.parameter_groups(modules, weight_decay)
    return TrainingState(
        modules=modules,
        average=loop.WeightAverage(modules, _AVERAGE_DECAY),
        optimizer=torch.optim.AdamW(groups, betas=(0.9, 0.98)),
        rng=np.random.default_rng(seed),
        seeds=torch.Generator().manual_seed(seed),
    )


def train_step(
    state: TrainingState, batch: Batch, learning_rate: float, weights: LossWeights
) -> float:
    """One step of the optimizer; returns the contrastive loss.

    Raises:
        TrainingError: the loss is not finite.
    """
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate
    state.modules.train()
    losses = state.modules.losses(batch)
    total = weights.total(losses)
    if not bool(torch.isfinite(total)):
        raise loop.TrainingError(
            f"the loss is {float(total)} at step {state.step}: lower the learning rate"
        )
    state.optimizer.zero_grad(set_to_none=True)
    total.backward()
    nn.utils.clip_grad_norm_(state.modules.parameters(), _MAX_GRADIENT)
    state.optimizer.step()
    state.step += 1
    state.average.update(state.modules, state.step)
    return float(losses.contrastive.detach())


def save_state(state: TrainingState, path: Path) -> None:
    """Writes a checkpoint; an interruption leaves the earlier one whole."""
    loop.save_state(
        path,
        loop.RunState(
            step=state.step,
            elapsed_s=state.seconds,
            model=state.modules.state_dict(),
            average=state.average.weights,
            optimizer=state.optimizer.state_dict(),
            numpy_rng=state.rng.bit_generator.state,
            torch_rng=state.seeds.get_state(),
        ),
    )


def load_state(state: TrainingState, path: Path) -> None:
    """Fills a new state with what save_state wrote.

    Raises:
        TrainingError: the file is no state of this version.
    """
    saved = loop.load_state(path)
    state.modules.load_state_dict(saved.model)
    state.average.weights = saved.average
    state.optimizer.load_state_dict(saved.optimizer)
    state.rng.bit_generator.state = saved.numpy_rng
    state.seeds.set_state(saved.torch_rng)
    state.step, state.seconds = saved.step, saved.elapsed_s
