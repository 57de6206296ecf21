"""What every training run here shares: weight averaging, a schedule in time, resumable state.

Runs are limited by time, not by steps, so that `--minutes` means the same on any machine; the
schedule therefore follows the share of the time that has passed.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class TrainingError(RuntimeError):
    """A training run cannot start or go on; the message says what to do."""


class WeightAverage:
    """Exponential moving average of a module's parameters and buffers.

    The averaging window grows with the steps taken, so that early averages are not dominated by
    the random start.
    """

    def __init__(self, module: nn.Module, decay: float = 0.998) -> None:
        self.decay = decay
        self.weights = {name: value.clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Take in the module's weights after optimiser step number `step` (from 1)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1.0 - decay)
            else:
                self.weights[name].copy_(value)


@dataclass(frozen=True)
class TimedCosine:
    """Learning rate: a linear warm-up in steps, then half a cosine over the share of time passed.

    Attributes:
        peak: the highest learning rate.
        warmup_steps: steps of the linear rise.
        floor: share of the peak that remains at the end.
    """

    peak: float
    warmup_steps: int = 80
    floor: float = 0.02

    def rate(self, step: int, share: float) -> float:
        """The rate at `step` (from 0) when `share` (0 to 1) of the time has passed."""
        rise = min(1.0, (step + 1) / self.warmup_steps)
        cosine = 0.5 * (1.0 + math.cos(math.pi * min(max(share, 0.0), 1.0)))
        return self.peak * rise * (self.floor + (1.0 - self.floor) * cosine)


class RunClock:
    """Seconds of training so far, counting the time before an interruption."""

    def __init__(self, minutes: float, spent_s: float = 0.0) -> None:
        if minutes <= 0:
            raise TrainingError(f"minutes {minutes}: give a positive number")
        self.total_s = 60.0 * minutes
        self._origin = monotonic() - spent_s

    @property
    def elapsed_s(self) -> float:
        """Seconds trained, including earlier parts of a resumed run."""
        return monotonic() - self._origin

    @property
    def share(self) -> float:
        """Share of the planned time that has passed; 1 or more means the run is over."""
        return self.elapsed_s / self.total_s


@dataclass
class RunState:
    """What a run needs to go on where it stopped.

    Attributes:
        step: optimiser steps taken.
        elapsed_s: seconds trained.
        model: the weights.
        average: the averaged weights.
        optimizer: the optimiser's own state.
        numpy_rng: state of the run's NumPy generator.
        torch_rng: state of torch's generator.
    """

    step: int
    elapsed_s: float
    model: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Any]
    numpy_rng: Mapping[str, Any]
    torch_rng: Tensor


def save_state(path: Path, state: RunState) -> None:
    """Write a run's state; a reader never sees a half-written file."""
    record = dict(vars(state))
    record["numpy_rng"] = json.dumps(state.numpy_rng)  # its 128-bit integers do not fit a tensor
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(record, partial)
    partial.replace(path)


def load_state(path: Path) -> RunState:
    """Read what `save_state` wrote.

    Raises:
        TrainingError: the file is missing or is no run state.
    """
    try:
        record = torch.load(path, map_location="cpu", weights_only=True)
        record["numpy_rng"] = json.loads(record["numpy_rng"])
        return RunState(**record)
    except FileNotFoundError as error:
        raise TrainingError(f"{path}: no run to resume; start it without --resume") from error
    except Exception as error:  # a damaged pickle can raise anything
        raise TrainingError(
            f"{path}: not a run state of this version ({error}); delete it and start anew"
        ) from error


def parameter_groups(module: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Optimiser groups: weight decay for matrices and kernels, none for norms and biases."""
    decayed = [p for p in module.parameters() if p.requires_grad and p.ndim > 1]
    plain = [p for p in module.parameters() if p.requires_grad and p.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]


def seeded(seed: int) -> np.random.Generator:
    """Seed torch and give the run's NumPy generator."""
    torch.manual_seed(seed)
    return np.random.default_rng(seed)
