"""Hashes of weights: every change is seen, and nothing but a change."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from culture_perception.models import fingerprint
from culture_perception.models.fingerprint import weights_fingerprint

ROWS = 500


@pytest.fixture(params=["whole", "large"])
def model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A table of rows and a layer, hashed in either way."""
    if request.param == "large":
        monkeypatch.setattr(fingerprint, "WHOLE_BYTES", 1000)
    torch.manual_seed(0)
    return nn.Sequential(nn.Embedding(ROWS, 8), nn.Conv2d(4, 6, 3))


def test_it_is_twelve_digits_that_stay(model: Any) -> None:
    before = weights_fingerprint(model)
    assert len(before) == 12 and int(before, 16) >= 0
    assert weights_fingerprint(model) == before


@pytest.mark.parametrize("row", [0, 1, 257, ROWS - 1])
def test_a_change_of_one_value_of_any_row_is_seen(model: Any, row: int) -> None:
    before = weights_fingerprint(model)
    with torch.no_grad():
        model[0].weight[row, 5] += 1e-6
    assert weights_fingerprint(model) != before


def test_rows_that_change_places_are_seen(model: Any) -> None:
    before = weights_fingerprint(model)
    with torch.no_grad():
        model[0].weight.copy_(model[0].weight.flip(0))
    assert weights_fingerprint(model) != before


def test_the_layout_of_the_memory_does_not_count(model: Any) -> None:
    before = weights_fingerprint(model)
    model.to(memory_format=torch.channels_last)
    assert weights_fingerprint(model) == before


def test_the_type_and_the_shape_count(model: Any) -> None:
    before = weights_fingerprint(model)
    assert weights_fingerprint(model.half()) != before
    one, other = nn.Linear(4, 6, bias=False), nn.Linear(6, 4, bias=False)
    with torch.no_grad():
        other.weight.copy_(one.weight.reshape(4, 6))
    assert weights_fingerprint(one) != weights_fingerprint(other)


def test_models_without_weights_and_with_odd_ones_have_one() -> None:
    odd = nn.Module()
    odd.register_buffer("scalar", torch.tensor(3))
    odd.register_buffer("empty", torch.zeros(0, 2))
    odd.register_buffer("flags", torch.tensor([True, False]))
    odd.register_buffer("low", torch.ones(2, dtype=torch.bfloat16))
    assert weights_fingerprint(odd) != weights_fingerprint(nn.Identity())
