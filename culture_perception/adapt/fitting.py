"""Trains the factors of an adapter: resumable, and stopped when validation data gains no more."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from culture_perception.adapt.base import Base
from culture_perception.adapt.lessons import Lesson
from culture_perception.adapt.objective import Replay
from culture_perception.adapt.options import AdaptOptions
from culture_perception.models import lora
from culture_perception.runner import SystemFailure

_WARM_UP: Final = 20


@dataclass(frozen=True, eq=False)
class Task:
    """What is learned from.

    Attributes:
        base: with changes injected.
        lesson: what each step is to make small.
        replay: what is to stay; None: nothing.
        validate: how good the model is now; larger is better.
        about: what the data are, so that no other run goes on from this one's state.
    """

    base: Base
    lesson: Lesson
    replay: Replay | None
    validate: Callable[[], float]
    about: Mapping[str, Any]


@dataclass
class _Run:
    """What a run needs to go on."""

    step: int
    best: float
    best_step: int
    best_delta: dict[str, Tensor]


def train(task: Task, options: AdaptOptions, state: Path, resume: bool) -> int:
    """Trains the changes of the base's model and leaves the best ones in it.

    Args:
        task: see Task.
        options: see AdaptOptions.
        state: file that is written at each validation.
        resume: go on from it, if it is there.

    Returns:
        The step whose factors were the best on validation data.

    Raises:
        SystemFailure: the state is of another run or damaged, or the loss is no number.
    """
    torch.manual_seed(options.seed)
    factors = lora.trainable(task.base.model)
    optimizer = torch.optim.AdamW(factors, options.learning_rate, weight_decay=options.weight_decay)
    run = _Run(0, -math.inf, 0, lora.delta(task.base.model))
    if resume and state.is_file():
        run = _resumed(state, task, options, optimizer)
    with tqdm(total=options.steps, initial=run.step, desc="adapting", unit="step") as bar:
        while run.step < options.steps and _may_gain(run, options):
            loss = _step(task, options, optimizer, run.step)
            run.step += 1
            bar.update()
            if run.step % options.every == 0 or run.step == options.steps:
                _validate(task, run)
                bar.set_postfix(loss=f"{loss:.3f}", validation=f"{run.best:.3f}")
                _save(state, task, options, optimizer, run)
    lora.load_delta(task.base.model, run.best_delta)
    lora.train_changes(task.base.model, training=False)
    _check_changed(task.base)
    return run.best_step


def _may_gain(run: _Run, options: AdaptOptions) -> bool:
    return run.step - run.best_step < options.patience * options.every


def _step(task: Task, options: AdaptOptions, optimizer: torch.optim.Optimizer, step: int) -> float:
    """One step; its random numbers depend on the seed and its number alone, so it can be resumed.

    Raises:
        SystemFailure: the loss is no number.
    """
    rng = np.random.default_rng((options.seed, step))
    torch.manual_seed(int(rng.integers(2**31)))  # of dropout
    seeds = torch.Generator().manual_seed(int(rng.integers(2**31)))
    for group in optimizer.param_groups:
        group["lr"] = options.learning_rate * _schedule(step, options.steps)
    lora.train_changes(task.base.model)
    mixed = options.precision == "bfloat16"
    loss = task.lesson.loss(rng, seeds)
    if task.replay is not None:
        with torch.autocast(task.base.device.type, dtype=torch.bfloat16, enabled=mixed):
            kept = task.replay.loss(options.batch, rng)
        loss = loss + options.replay * kept
    value = float(loss.detach())
    if not math.isfinite(value):
        raise SystemFailure(
            f"the loss is {value} at step {step}: lower --learning-rate {options.learning_rate}"
        )
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return value


def _schedule(step: int, steps: int) -> float:
    rise = min(1.0, (step + 1) / min(_WARM_UP, steps))
    return rise * 0.5 * (1 + math.cos(math.pi * step / steps))


def _validate(task: Task, run: _Run) -> None:
    lora.train_changes(task.base.model, training=False)
    found = task.validate()
    if found > run.best:
        run.best, run.best_step, run.best_delta = found, run.step, lora.delta(task.base.model)


def _check_changed(base: Base) -> None:
    """Refuses an adapter that does nothing.

    Raises:
        SystemFailure: its factors are all zero.
    """
    ups = [one for name, one in lora.delta(base.model).items() if name.endswith(".up")]
    if not any(bool(one.any()) for one in ups):
        raise SystemFailure(
            "nothing was learned: train for more --steps, or lower --learning-rate if it was so "
            "high that embeddings are no numbers any more"
        )


def _identity(task: Task, options: AdaptOptions) -> str:
    about = {"options": asdict(options), "base": task.base.encoder.fingerprint, **task.about}
    return json.dumps(about, sort_keys=True)


def _save(
    path: Path, task: Task, options: AdaptOptions, optimizer: torch.optim.Optimizer, run: _Run
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    record = {
        **vars(run),
        "identity": _identity(task, options),
        "delta": lora.delta(task.base.model),
        "optimizer": optimizer.state_dict(),
    }
    torch.save(record, draft)
    draft.replace(path)


def _resumed(
    path: Path, task: Task, options: AdaptOptions, optimizer: torch.optim.Optimizer
) -> _Run:
    try:
        record = torch.load(path, map_location="cpu", weights_only=True)
        identity = record.pop("identity")
        if identity == _identity(task, options):
            lora.load_delta(task.base.model, record.pop("delta"))
            optimizer.load_state_dict(record.pop("optimizer"))
            return _Run(**record)
    except Exception as error:  # a damaged pickle can raise anything
        raise SystemFailure(f"{path}: damaged ({error}); delete it and start anew") from error
    raise SystemFailure(
        f"{path} is of a run with other options or data: give those again, or leave --resume out"
    )
