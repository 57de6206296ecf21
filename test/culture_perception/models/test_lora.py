"""Low-rank changes of weights so small that each number can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from culture_perception.models import lora
from culture_perception.models.lora import LoraError
from culture_perception.models.lora_factors import Change, changed, split_name
from culture_perception.models.lora_options import KINDS, LoraOptions


class Text(nn.Module):
    """A text tower of one embedding and one attention."""

    def __init__(self) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(3, 2)
        self.position_embedding = nn.Embedding(3, 2)
        self.attn = nn.MultiheadAttention(2, 1)


class Tiny(nn.Module):
    """Two towers with the names that open_clip gives them, and what is of neither."""

    def __init__(self) -> None:
        super().__init__()
        self.visual = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2), nn.Linear(2, 2))
        self.text = Text()
        self.text_decoder = nn.Linear(2, 2)


@pytest.fixture
def tiny() -> Tiny:
    torch.manual_seed(0)
    return Tiny().eval()


def text_only(*kinds: Any, **more: Any) -> LoraOptions:
    return LoraOptions(**{"rank": 1, "alpha": 1.0, "towers": ("text",), "kinds": kinds, **more})


def test_a_change_by_hand() -> None:
    weight = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    change = Change(slice(1, 2), torch.tensor([[2.0]]), torch.tensor([[1.0, 10.0]]))
    assert changed(weight, [change], 0.5).tolist() == [[1.0, 2.0], [4.0, 14.0]]
    rows = Change(torch.tensor([0]), torch.tensor([[2.0]]), torch.tensor([[1.0, 10.0]]))
    assert changed(weight, [rows, change], 1.0).tolist() == [[3.0, 22.0], [5.0, 24.0]]
    assert changed(weight, [], 1.0).equal(weight)


def test_a_sum_is_rounded_once_to_the_weights_own_precision() -> None:
    weight = torch.tensor([[1.0]], dtype=torch.bfloat16)
    # bfloat16 has steps of 1/128 above 1. Rounded first, each change would be lost.
    small = Change(slice(0, 1), torch.tensor([[1 / 256]]), torch.tensor([[1.0]]))
    found = changed(weight, [small, small], 1.0)
    assert found.dtype == torch.bfloat16
    assert found.item() == 1 + 1 / 128


def test_autocast_and_layout_leave_a_change_as_it_is() -> None:
    weight = torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last)
    change = Change(slice(0, 4), torch.randn(4, 2), torch.randn(2, 12))
    found = changed(weight, [change], 0.3)
    assert found.stride() == weight.stride()
    expected = weight + (0.3 * (change.up @ change.down)).view(4, 3, 2, 2)
    assert torch.allclose(found, expected, atol=1e-6)
    with torch.autocast("cpu", torch.bfloat16):
        assert changed(weight, [change], 0.3).equal(found)


def test_queries_change_alone_in_a_stacked_weight(tiny: Tiny) -> None:
    before = tiny.text.attn.in_proj_weight.detach().clone()
    assert lora.inject(tiny, text_only("q")) == ["text.attn.in_proj_weight"]
    fill(tiny, 1.0)
    change = (tiny.text.attn.in_proj_weight - before).detach()
    # rank 1, alpha 1, factors of ones: 1 everywhere in the first of three blocks of two rows
    assert torch.allclose(change, torch.tensor([[1.0]] * 2 + [[0.0]] * 4).expand(6, 2))
    lora.set_scale(tiny, 0.5)
    halved = (tiny.text.attn.in_proj_weight - before).detach()
    assert torch.allclose(halved, change / 2)
    lora.remove(tiny)
    assert tiny.text.attn.in_proj_weight.equal(before)


def fill(model: nn.Module, value: float) -> None:
    with torch.no_grad():
        for factor in lora.trainable(model):
            factor.fill_(value)


def test_names_tell_parameter_block_and_factor(tiny: Tiny) -> None:
    lora.inject(tiny, text_only("k", "v", "out"))
    factors = lora.delta(tiny)
    assert {name: tuple(one.shape) for name, one in factors.items()} == {
        "text.attn.in_proj_weight:k.up": (2, 1),
        "text.attn.in_proj_weight:k.down": (1, 2),
        "text.attn.in_proj_weight:v.up": (2, 1),
        "text.attn.in_proj_weight:v.down": (1, 2),
        "text.attn.out_proj.weight:all.up": (2, 1),
        "text.attn.out_proj.weight:all.down": (1, 2),
    }
    assert split_name("text.attn.in_proj_weight:k.up") == ("text.attn.in_proj_weight", "k", "up")
    assert not any(factors[name].any() for name in factors if name.endswith("up"))
    assert all(factors[name].any() for name in factors if name.endswith("down"))
    for wrong in ("text.attn", "a:k.sideways", ":k.up", "a:up"):
        with pytest.raises(ValueError, match="no factor's name"):
            split_name(wrong)


def test_rows_of_an_embedding_change_and_the_others_stay(tiny: Tiny) -> None:
    before = tiny.text.token_embedding.weight.detach().clone()
    assert lora.inject(tiny, text_only("embedding"), [2]) == ["text.token_embedding.weight"]
    optimiser = torch.optim.SGD(lora.trainable(tiny), lr=1.0)
    tiny.text.token_embedding(torch.tensor([0, 1, 2])).sum().backward()
    optimiser.step()
    factors = lora.delta(tiny)
    assert factors["text.token_embedding.weight:all.rows"].tolist() == [2]
    assert factors["text.token_embedding.weight:all.up"].shape == (1, 1)
    lora.merge(tiny)
    moved = (tiny.text.token_embedding.weight != before).any(dim=1)
    assert moved.tolist() == [False, False, True]


def test_all_else_is_frozen_and_what_is_in_no_embedding_has_no_change(tiny: Tiny) -> None:
    names = lora.inject(tiny, LoraOptions(rank=1, kinds=KINDS))
    assert names == [
        "visual.0.weight",
        "visual.2.weight",
        "text.token_embedding.weight",
        "text.attn.in_proj_weight",
        "text.attn.out_proj.weight",
    ]
    learning = {id(one) for one in tiny.parameters() if one.requires_grad}
    assert learning == {id(one) for one in lora.trainable(tiny)}


def test_batch_normalisation_does_not_drift_in_training(tiny: Tiny) -> None:
    lora.inject(tiny, LoraOptions(rank=1, kinds=KINDS, dropout=0.5))
    norm = tiny.visual[1]
    before = {name: value.clone() for name, value in norm.state_dict().items()}
    lora.train_changes(tiny)
    assert not norm.training
    tiny.visual[:2](torch.randn(4, 1, 3, 3))
    assert all(value.equal(before[name]) for name, value in norm.state_dict().items())


def test_dropout_leaves_out_whole_inputs_in_training_alone() -> None:
    torch.manual_seed(0)
    model = nn.Module()
    model.visual = nn.Linear(64, 2)
    model.visual.weight.data.zero_()
    model.text = nn.Linear(1, 1)
    options = LoraOptions(rank=1, alpha=1.0, towers=("image",), kinds=("mlp",), dropout=0.5)
    lora.inject(model, options)
    fill(model, 1.0)
    lora.train_changes(model)
    seen: Tensor = model.visual.weight
    assert set(seen.flatten().tolist()) == {0.0, 2.0}  # what is left counts double
    assert seen[0].equal(seen[1])
    lora.train_changes(model, training=False)
    assert set(model.visual.weight.flatten().tolist()) == {1.0}


def test_a_weight_that_two_layers_share_is_left_alone(tiny: Tiny) -> None:
    tiny.visual[2].weight = tiny.text.attn.out_proj.weight
    names = lora.inject(tiny, LoraOptions(rank=1, kinds=("out", "mlp", "q", "conv")))
    assert names == ["visual.0.weight", "text.attn.in_proj_weight"]


def test_factors_of_another_model_are_refused_whole(tiny: Tiny) -> None:
    lora.inject(tiny, text_only("q"))
    own = lora.delta(tiny)
    name = "text.attn.in_proj_weight:q.up"
    for wrong in (
        {},
        {**own, "text.other:all.up": torch.zeros(1, 1)},
        {**own, name: torch.ones(2, 2)},
    ):
        with pytest.raises(LoraError, match="missing, unknown or of another shape: text"):
            lora.load_delta(tiny, wrong)
    assert all(one.equal(own[key]) for key, one in lora.delta(tiny).items())


def test_rows_of_other_tokens_are_refused(tiny: Tiny) -> None:
    lora.inject(tiny, text_only("embedding"), [1])
    name = "text.token_embedding.weight:all.rows"
    with pytest.raises(LoraError, match=r"all\.rows"):
        lora.load_delta(tiny, {**lora.delta(tiny), name: torch.tensor([2])})


def test_what_can_not_be_injected_says_what_can(tiny: Tiny) -> None:
    with pytest.raises(
        LoraError, match="image tower has no layer of the kinds q; it has conv, mlp"
    ):
        lora.inject(tiny, LoraOptions(kinds=("q",)))
    with pytest.raises(LoraError, match="vocabulary has 0 to 2"):
        lora.inject(tiny, text_only("embedding"), [0, 3])
    for rows, kind in (([], "embedding"), ([1], "q")):
        with pytest.raises(LoraError, match="at least one row and the kind embedding"):
            lora.inject(tiny, text_only(kind), rows)
    lora.inject(tiny, text_only("q"))
    with pytest.raises(LoraError, match="merge or remove them first"):
        lora.inject(tiny, text_only("q"))


@pytest.mark.parametrize("scale", [-0.1, 1.1, float("nan")])
def test_a_scale_out_of_range_is_refused(tiny: Tiny, scale: float) -> None:
    with pytest.raises(LoraError, match="give 0"):
        lora.set_scale(tiny, scale)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rank": 0}, "rank 0"),
        ({"alpha": 0.0}, "alpha 0.0"),
        ({"dropout": 1.0}, "dropout 1.0"),
        ({"kinds": ("q", "w")}, "kinds w: give some of q, k, v"),
        ({"towers": ()}, "towers without any: give some of image, text"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(LoraError, match=message):
        LoraOptions(**wrong)
