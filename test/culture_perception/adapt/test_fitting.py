"""Training of factors: a run that was stopped goes on to the same end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from culture_perception.adapt.base import Base, load_base
from culture_perception.adapt.fitting import Task, train
from culture_perception.adapt.folder_source import read_folder
from culture_perception.adapt.lessons import PictureLesson
from culture_perception.adapt.objective import Batch, Replay, naming_loss
from culture_perception.adapt.options import AdaptOptions
from culture_perception.labels import load_label_set
from culture_perception.models import lora
from culture_perception.models.lora_options import LoraOptions
from culture_perception.runner import SystemFailure

OPTIONS = AdaptOptions(LoraOptions(2, 4.0, dropout=0.2), "contrastive", steps=4, batch=4, every=2)


class Validation:
    """Gives what it is told to, and stops the run at one of its calls."""

    def __init__(self, values: list[float], stop_at: int | None = None) -> None:
        self.values = values
        self.stop_at = stop_at
        self.calls = 0

    def __call__(self) -> float:
        self.calls += 1
        if self.calls == self.stop_at:
            raise KeyboardInterrupt
        return self.values[self.calls - 1]


def task(base: Base, shop: Path, validate: Validation) -> Task:
    labels = load_label_set(shop / "kauppa.yaml")
    pictures = read_folder(shop / "pictures", labels, base.encoder.crop_size)
    replay = Replay(base, ["a red box", "a blue can"], pictures.take(pictures.groups[:3]))
    torch.manual_seed(0)
    lora.inject(base.model, OPTIONS.lora)
    cells = tuple(labels.select("fi", style) for style in ("plain", "brand"))
    lesson = PictureLesson(base, pictures, cells, OPTIONS)
    return Task(base, lesson, replay, validate, {"pictures": len(pictures)})


def far(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """Length of the difference of what was learned, as a share of its length."""
    ups = [name for name in one if name.endswith(".up")]
    mine = torch.cat([one[name].flatten() for name in ups])
    theirs = torch.cat([other[name].flatten() for name in ups])
    return float((mine - theirs).norm() / mine.norm())


def test_a_run_that_was_stopped_goes_on_to_the_same_end(shop: Path, tmp_path: Path) -> None:
    base = load_base("embedded", "", "cpu", 1)
    assert train(task(base, shop, Validation([0.1, 0.2])), OPTIONS, tmp_path / "a.pt", False) == 4
    whole = lora.delta(base.model)
    assert any(bool(one.any()) for name, one in whole.items() if name.endswith(".up"))
    lora.remove(base.model)

    state = tmp_path / "b.pt"
    with pytest.raises(KeyboardInterrupt):
        train(task(base, shop, Validation([0.1], stop_at=2)), OPTIONS, state, False)
    lora.remove(base.model)
    going_on = Validation([0.2])
    assert train(task(base, shop, going_on), OPTIONS, state, True) == 4
    resumed = lora.delta(base.model)
    assert going_on.calls == 1
    # Sums in another order differ in their last digit, and AdamW makes tiny gradients large.
    assert far(whole, resumed) < 0.01
    assert far(whole, {name: torch.zeros_like(one) for name, one in whole.items()}) == 1.0
    lora.remove(base.model)

    other = AdaptOptions(OPTIONS.lora, "softmax", steps=4, batch=4, every=2)
    with pytest.raises(SystemFailure, match="other options or data"):
        train(task(base, shop, Validation([])), other, state, True)
    lora.remove(base.model)
    state.write_bytes(b"none")
    with pytest.raises(SystemFailure, match=r"b\.pt: damaged"):
        train(task(base, shop, Validation([])), OPTIONS, state, True)
    lora.remove(base.model)

    impatient = AdaptOptions(OPTIONS.lora, steps=20, batch=2, every=1, patience=2)
    early = Validation([0.5, 0.4, 0.3])
    assert train(task(base, shop, early), impatient, tmp_path / "c.pt", False) == 1
    assert early.calls == 3


def test_losses_by_hand() -> None:
    """Two crops, two languages of two concepts, cosines 1 or 0, scale ln 3: right ones are 3/4."""
    rows = torch.eye(2)
    batch = Batch(rows, torch.stack([rows, rows]), torch.tensor([0, 1]))
    scale = float(torch.tensor(3.0).log())
    expected = float(torch.tensor(4 / 3).log())
    assert float(naming_loss(batch, "softmax", scale)) == pytest.approx(expected)
    # Of four texts two are right, each with 3/8; of two images one is, with 3/4.
    both = (float(torch.tensor(8 / 3).log()) + expected) / 2
    assert float(naming_loss(batch, "contrastive", scale)) == pytest.approx(both)


def test_replay_is_zero_until_something_moves(shop: Path) -> None:
    base = load_base("embedded", "", "cpu", 1)
    labels = load_label_set(shop / "kauppa.yaml")
    pictures = read_folder(shop / "pictures", labels, base.encoder.crop_size)
    replay = Replay(base, ["a red box"], pictures.take(pictures.groups[:2]))
    rng = np.random.default_rng(0)
    with torch.no_grad():
        assert float(replay.loss(2, rng)) == pytest.approx(0.0, abs=1e-5)
        for weight in base.model.text.parameters():
            weight.mul_(-0.5)
        assert float(replay.loss(2, rng)) > 0.1
