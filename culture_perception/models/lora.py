"""Low-rank changes (LoRA) of the towers of any open_clip model, built on torch's parametrizations.

Why not PEFT: it replaces modules, and torch's attention reads its weights from the modules that it
knows instead of calling them. So PEFT can not change queries, keys and values apart in one stacked
`in_proj_weight`, and a change of `out_proj` alone has no effect, silently. A parametrization
changes what reading a weight gives, whoever reads it: one way for linear layers, convolutions,
embeddings and bare matrices, in each attention class that open_clip has had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from culture_perception.models.lora_factors import (
    LowRank,
    factor_name,
    rows_name,
)
from culture_perception.models.lora_options import LoraError, LoraOptions
from culture_perception.models.lora_sites import Site, find_sites, kinds_there_are

_SHOWN: Final = 4


def inject(
    model: nn.Module, options: LoraOptions, token_rows: Sequence[int] | None = None
) -> list[str]:
    """Freezes a model and gives the chosen weights a low-rank change, which is nothing at first.

    The model computes what it did before until the change is trained or loaded.

    Args:
        model: an open_clip model.
        options: where and of what size.
        token_rows: which tokens' rows of the text tower's embedding may change; None: all. What
            a text without these tokens means then stays exactly as it was.

    Returns:
        Names of the parameters that have a change, in the model's order.

    Raises:
        LoraError: the model has changes already, a tower has no layer of the kinds that were
            asked for, or a token is beyond the vocabulary.
    """
    if any(_changes(model)):
        raise LoraError("the model has low-rank changes already: merge or remove them first")
    sites = find_sites(model, options)
    _check_towers(model, options, sites)
    rows = None if token_rows is None else _checked_rows(token_rows, sites)
    model.requires_grad_(False)
    for site in sites:
        weight = getattr(site.module, site.attribute)
        own = rows if site.blocks[0].kind == "embedding" else None
        change = LowRank(weight, site.blocks, options, own)
        parametrize.register_parametrization(site.module, site.attribute, change)
    return [site.parameter for site in sites]


def trainable(model: nn.Module) -> list[nn.Parameter]:
    """The factors: what an optimiser is to be given."""
    return [factor for _, change in _changes(model) for factor in change.parameters()]


def train_changes(model: nn.Module, training: bool = True) -> None:
    """Turns the dropout of the changes on or off; all else is in evaluation mode.

    In training mode batch normalisation would drift, and what it learned is in no factor.
    """
    model.eval()
    for _, change in _changes(model):
        change.train(training)


def delta(model: nn.Module) -> dict[str, Tensor]:
    """The changes as tensors, by name of the parameter: their factors alone, on the CPU.

    For a block B of a parameter P there are "P:B.up" float32 (rows, rank) and "P:B.down" float32
    (rank, columns); for an embedding of which only some rows change also "P:B.rows" int64 (rows,).
    A model without changes gives none.
    """
    tensors = {}
    for parameter, change in _changes(model):
        for block, one in change.blocks():
            for part in ("up", "down"):
                tensors[factor_name(parameter, block, part)] = _copy(getattr(one, part))
            if change.token_rows is not None:
                tensors[rows_name(parameter, block)] = _copy(change.token_rows)
    return tensors


def load_delta(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Puts factors that `delta` gave into the changes of a model: all of them or none.

    Raises:
        LoraError: names or shapes differ from those of the model's changes.
    """
    own = delta(model)
    odd = sorted(own.keys() ^ tensors.keys())
    odd += [n for n in own if n in tensors and own[n].shape != tensors[n].shape]
    odd += [n for n in own if n.endswith(".rows") and n not in odd and not own[n].equal(tensors[n])]
    if odd:
        raise LoraError(
            f"factors that are missing, unknown or of another shape: {', '.join(odd[:_SHOWN])}; "
            "inject with the options and the token rows that they were made with"
        )
    with torch.no_grad():
        for parameter, change in _changes(model):
            for block, one in change.blocks():
                one.up.copy_(tensors[factor_name(parameter, block, "up")])
                one.down.copy_(tensors[factor_name(parameter, block, "down")])


def set_scale(model: nn.Module, scale: float) -> None:
    """Weakens the changes: 0 is the model as it was, 1 the whole change.

    In between lies the line of WiSE-FT (Wortsman et al. 2022, arXiv 2109.01903), new skill against
    what was known before.

    Raises:
        LoraError: the scale is not from 0 to 1.
    """
    check_scale(scale)
    for _, change in _changes(model):
        change.scale = scale


def check_scale(scale: float) -> None:
    """Raises LoraError where a scale is not from 0 to 1."""
    if not 0.0 <= scale <= 1.0:
        raise LoraError(f"scale {scale} is out of range; give 0 (no change) to 1 (all of it)")


def merge(model: nn.Module) -> None:
    """Makes the changes part of the weights, at their scale; no factor is left."""
    _end(model, keep=True)


def remove(model: nn.Module) -> None:
    """Takes the changes away: each weight is bit for bit as it was."""
    _end(model, keep=False)


def _end(model: nn.Module, keep: bool) -> None:
    train_changes(model, training=False)
    for module in list(model.modules()):
        if not parametrize.is_parametrized(module):
            continue
        for attribute, changes in list(module.parametrizations.items()):  # type: ignore[union-attr, operator]
            if isinstance(changes[0], LowRank):
                parametrize.remove_parametrizations(module, attribute, leave_parametrized=keep)


def _changes(model: nn.Module) -> Iterator[tuple[str, LowRank]]:
    """Each with the name that its parameter has without it."""
    for path, module in model.named_modules():
        if isinstance(module, LowRank):
            owner, _, attribute = path.rpartition(".parametrizations.")
            if not owner:  # a matrix of the model itself
                attribute = path.removeprefix("parametrizations.")
            yield f"{owner}.{attribute.rpartition('.')[0]}".lstrip("."), module


def _check_towers(model: nn.Module, options: LoraOptions, sites: list[Site]) -> None:
    for tower in options.towers:
        if not any(site.tower == tower for site in sites):
            there = ", ".join(kinds_there_are(model, tower)) or "none"
            raise LoraError(
                f"the {tower} tower has no layer of the kinds {', '.join(options.kinds)}; "
                f"it has {there}: ask for some of these, or leave the tower out"
            )


def _checked_rows(token_rows: Sequence[int], sites: list[Site]) -> Tensor:
    rows = sorted(set(token_rows))
    embeddings = [site for site in sites if site.blocks[0].kind == "embedding"]
    if not embeddings or not rows:
        raise LoraError("token rows need at least one row and the kind embedding")
    size = min(site.blocks[0].rows[1] for site in embeddings)
    if rows[0] < 0 or rows[-1] >= size:
        raise LoraError(f"token rows {rows[0]} to {rows[-1]}: the vocabulary has 0 to {size - 1}")
    return torch.tensor(rows)


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().clone()


__all__ = [
    "LoraError",
    "LoraOptions",
    "check_scale",
    "delta",
    "inject",
    "load_delta",
    "merge",
    "remove",
    "set_scale",
    "train_changes",
    "trainable",
]
