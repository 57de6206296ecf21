"""What training runs share: averages, the schedule in time, resumable state."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from culture_perception.training.loop import (
    RunClock,
    RunState,
    TimedCosine,
    TrainingError,
    WeightAverage,
    load_state,
    parameter_groups,
    save_state,
    seeded,
)


def test_an_early_average_follows_quickly() -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 0.0)
    average = WeightAverage(layer, decay=0.99)
    nn.init.constant_(layer.weight, 1.0)

    average.update(layer, step=1)

    assert average.weights["weight"].item() == pytest.approx(1 - 2 / 11)


def test_a_late_average_moves_by_its_decay_and_copies_counters() -> None:
    norm = nn.BatchNorm1d(1)
    average = WeightAverage(norm, decay=0.9)
    nn.init.constant_(norm.weight, 2.0)
    norm.register_buffer("num_batches_tracked", torch.tensor(5))

    average.update(norm, step=10_000)

    assert average.weights["weight"].item() == pytest.approx(1.1)
    assert average.weights["num_batches_tracked"].item() == 5


@pytest.mark.parametrize(
    ("step", "share", "rate", "reason"),
    [
        (0, 0.0, 0.1, "a tenth of the warm-up"),
        (9, 0.0, 1.0, "warm"),
        (99, 0.5, 0.55, "half of the cosine above the floor"),
        (99, 1.0, 0.1, "the floor"),
        (99, 2.0, 0.1, "past the end"),
    ],
)
def test_the_rate_rises_then_falls(step: int, share: float, rate: float, reason: str) -> None:
    schedule = TimedCosine(peak=1.0, warmup_steps=10, floor=0.1)

    assert schedule.rate(step, share) == pytest.approx(rate), reason


def test_a_resumed_clock_counts_the_time_before() -> None:
    clock = RunClock(minutes=1.0, spent_s=30.0)

    assert 30.0 <= clock.elapsed_s < 31.0
    assert 0.5 <= clock.share < 0.52


@pytest.mark.parametrize("minutes", [0.0, -1.0])
def test_a_run_needs_time(minutes: float) -> None:
    with pytest.raises(TrainingError, match="give a positive number"):
        RunClock(minutes)


def test_state_survives_the_disk(tmp_path: Path) -> None:
    rng = seeded(3)
    rng.random(5)
    state = RunState(
        step=7,
        elapsed_s=1.5,
        model={"weight": torch.tensor([1.0])},
        average={"weight": torch.tensor([2.0])},
        optimizer={"state": {}, "param_groups": [{"lr": 0.1}]},
        numpy_rng=rng.bit_generator.state,
        torch_rng=torch.get_rng_state(),
    )

    save_state(tmp_path / "run" / "state.pt", state)
    loaded = load_state(tmp_path / "run" / "state.pt")

    assert (loaded.step, loaded.elapsed_s) == (7, 1.5)
    assert loaded.average["weight"].item() == 2.0
    restored = np.random.default_rng()
    restored.bit_generator.state = dict(loaded.numpy_rng)
    assert restored.random() == rng.random()
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no run to resume"), (b"hello", "not a run state"), (b"", "not a run state")],
)
def test_a_useless_state_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "state.pt"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(TrainingError, match=message):
        load_state(path)


def test_another_kind_of_state_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    torch.save({"weights": torch.zeros(1)}, path)

    with pytest.raises(TrainingError, match="not a run state of this version"):
        load_state(path)


def test_only_matrices_decay() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    module[0].bias.requires_grad_(False)

    decayed, plain = parameter_groups(module, weight_decay=0.5)

    assert [tuple(p.shape) for p in decayed["params"]] == [(2, 2)]
    assert len(plain["params"]) == 2
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.5, 0.0)
