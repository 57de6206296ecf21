"""Where in an open_clip model a low-rank change can go: its weights by tower and kind of layer.

open_clip's towers come from four libraries (its own, torch, timm, transformers) and name the same
parts differently; this is the only place that knows these names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from torch import nn

from culture_perception.models.lora_options import Kind, LoraOptions, Tower

WHOLE: Final = "all"
"""Name of the block that is a whole weight."""

_STACKED: Final[dict[str, tuple[Kind, ...]]] = {
    "in_proj_weight": ("q", "k", "v"),  # torch and open_clip
    **dict.fromkeys(("qkv", "to_qkv", "Wqkv", "in_proj"), ("q", "k", "v")),  # timm, transformers
    **dict.fromkeys(("kv", "to_kv"), ("k", "v")),
    **dict.fromkeys(("q", "q_proj", "q_proj_weight", "query", "q_lin", "to_q"), ("q",)),
    **dict.fromkeys(("k", "k_proj", "k_proj_weight", "key", "k_lin", "to_k"), ("k",)),
    **dict.fromkeys(("v", "v_proj", "v_proj_weight", "value", "v_lin", "to_v"), ("v",)),
}
_PROJECTIONS: Final = ("proj", "text_projection", "head", "trunk.head", "trunk.fc")
_TEXT_OF_CLIP: Final = ("transformer.", "token_embedding.", "text_projection")
_NO_TOKENS: Final = ("position", "token_type", "relative_attention_bias")
_ATTENTION: Final = ("attn", "attention", "token_mixer")  # the last in MobileCLIP's towers
_NOT_IN_ATTENTION: Final = ("mlp", "ffn", "fc", "intermediate")


@dataclass(frozen=True)
class Block:
    """Rows of a weight that one low-rank change covers.

    Attributes:
        name: "q", "k" or "v" of a weight that stacks several, else WHOLE.
        kind: of the layer.
        rows: first row and the one after the last.
    """

    name: str
    kind: Kind
    rows: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Site:
    """A weight that can be changed.

    Attributes:
        module: that has it.
        attribute: its name there.
        parameter: its name in the model.
        tower: that it is of.
        blocks: of its rows, those whose kind was asked for.
    """

    module: nn.Module
    attribute: str
    parameter: str
    tower: Tower
    blocks: tuple[Block, ...]


def find_sites(model: nn.Module, options: LoraOptions) -> list[Site]:
    """The weights of the towers and kinds that were asked for, in the model's order.

    A weight that two modules share is left alone: it can not be changed in one place. So is what
    has no part in embeddings, such as CoCa's decoder of captions.
    """
    sites = []
    for site in _all_sites(model):
        blocks = tuple(one for one in site.blocks if one.kind in options.kinds)
        if blocks and site.tower in options.towers:
            sites.append(Site(site.module, site.attribute, site.parameter, site.tower, blocks))
    return sites


def kinds_there_are(model: nn.Module, tower: Tower) -> tuple[Kind, ...]:
    """The kinds of layers that a tower has, sorted by name."""
    found = {b.kind for site in _all_sites(model) if site.tower == tower for b in site.blocks}
    return tuple(sorted(found))


def _all_sites(model: nn.Module) -> Iterator[Site]:
    uses = Counter(
        id(weight) for module in model.modules() for weight in module.parameters(recurse=False)
    )
    for path, module in model.named_modules():
        for attribute, weight in module.named_parameters(recurse=False):
            parameter = f"{path}.{attribute}".lstrip(".")
            tower = _tower_of(parameter, hasattr(model, "text"))
            if tower is None or weight.ndim < 2 or uses[id(weight)] > 1:
                continue
            kinds = _kinds_of(module, parameter)
            if kinds:
                blocks = _blocks(kinds, len(weight))
                yield Site(module, attribute, parameter, tower, blocks)


def _tower_of(parameter: str, has_text_tower: bool) -> Tower | None:
    if parameter.startswith("visual."):
        return "image"
    of_text = ("text.",) if has_text_tower else _TEXT_OF_CLIP
    return "text" if parameter.startswith(of_text) else None


def _kinds_of(module: nn.Module, parameter: str) -> tuple[Kind, ...]:
    """Of the blocks of a weight, from its first row to its last; empty: not to be changed."""
    path = parameter.split(".")
    within_tower = ".".join(path[1:]) if path[0] in ("visual", "text") else parameter
    if isinstance(module, nn.Embedding):
        return () if any(word in parameter for word in _NO_TOKENS) else ("embedding",)
    if path[-1] in _STACKED:  # a weight of torch's or open_clip's own attention
        return _STACKED[path[-1]]
    if within_tower in _PROJECTIONS:  # a matrix that a tower has itself
        return ("projection",)
    if path[-1] != "weight" or not isinstance(module, nn.Linear | nn.Conv2d):
        return ()
    if within_tower.startswith(tuple(f"{one}." for one in _PROJECTIONS)):
        return ("projection",)
    if path[-2] in _STACKED:
        return _STACKED[path[-2]]
    if isinstance(module, nn.Conv2d):
        return ("conv",)
    return ("out",) if _is_in_attention(path[:-1]) else ("mlp",)


def _is_in_attention(path: list[str]) -> bool:
    """Whether the innermost part of a model that is known by its name is attention."""
    for part in reversed(path):
        name = part.lower()
        if name.startswith(_NOT_IN_ATTENTION):
            return False
        if any(word in name for word in _ATTENTION):
            return True
    return False


def _blocks(kinds: tuple[Kind, ...], rows: int) -> tuple[Block, ...]:
    if len(kinds) == 1:
        return (Block(WHOLE, kinds[0], (0, rows)),)
    edges = [rows * index // len(kinds) for index in range(len(kinds) + 1)]
    return tuple(Block(kind, kind, edge) for kind, edge in zip(kinds, pairwise(edges), strict=True))
