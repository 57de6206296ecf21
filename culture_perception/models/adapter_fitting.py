"""Whether an adapter's factors are of a model, and which rows of its weights they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from culture_perception.models.adapter_card import AdapterError
from culture_perception.models.adapter_files import Adapter
from culture_perception.models.lora_factors import Change, Rows, split_name
from culture_perception.models.lora_sites import Site, find_sites

_SHOWN: Final = 3


@dataclass(frozen=True, eq=False)
class FittedAdapter:
    """An adapter whose factors are known to be of a model.

    Attributes:
        adapter: itself.
        changes: of each parameter that it changes.
    """

    adapter: Adapter
    changes: Mapping[str, tuple[Change, ...]]


def fit(adapter: Adapter, model: nn.Module) -> FittedAdapter:
    """Finds the weights that an adapter changes.

    Args:
        adapter: for this model, by the hash of its card; that is not asked here.
        model: an open_clip model without changes.

    Raises:
        AdapterError: a parameter is not there or can not be changed, or factors are missing, of
            another shape, or not numbers.
    """
    sites = {site.parameter: site for site in find_sites(model, adapter.card.options)}
    changes: dict[str, list[Change]] = defaultdict(list)
    faults = []
    for (parameter, block), parts in sorted(_grouped(adapter).items()):
        found = _change_or_fault(sites.get(parameter), parameter, block, parts)
        if isinstance(found, Change):
            changes[parameter].append(found)
        else:
            faults.append(found)
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise AdapterError(
            f"adapter {adapter.card.name} does not fit this model: {'; '.join(faults[:_SHOWN])}"
            f"{more}. Take a whole copy, or make it again for this base"
        )
    return FittedAdapter(adapter, {name: tuple(own) for name, own in changes.items()})


def _grouped(adapter: Adapter) -> dict[tuple[str, str], dict[str, Tensor]]:
    """Factors by parameter and block."""
    groups: dict[tuple[str, str], dict[str, Tensor]] = defaultdict(dict)
    for name, tensor in adapter.factors.items():
        try:
            parameter, block, part = split_name(name)
        except ValueError as error:
            raise AdapterError(f"adapter {adapter.card.name}: damaged ({error})") from error
        groups[parameter, block][part] = tensor
    return groups


def _change_or_fault(
    site: Site | None, parameter: str, block: str, parts: Mapping[str, Tensor]
) -> Change | str:
    try:
        return _change(site, parameter, block, parts)
    except ValueError as error:
        return str(error)


def _change(site: Site | None, parameter: str, block: str, parts: Mapping[str, Tensor]) -> Change:
    if site is None:
        raise ValueError(f"it has no {parameter} of the card's towers and kinds")
    found = next((one for one in site.blocks if one.name == block), None)
    if found is None:
        raise ValueError(f"{parameter} has no block {block}")
    missing = {"up", "down"} - parts.keys()
    if missing:
        raise ValueError(f"{parameter}:{block} lacks {', '.join(sorted(missing))}")
    weight = getattr(site.module, site.attribute)
    first, end = found.rows
    rows: Rows = slice(first, end)
    if "rows" in parts:
        rows = _token_rows(parts["rows"], parameter, end)
    count = len(rows) if isinstance(rows, Tensor) else end - first
    up, down = parts["up"], parts["down"]
    expected = (count, weight[0].numel())
    product = (up.shape[0], down.shape[1]) if up.ndim == down.ndim == 2 else ()
    if product != expected or up.shape[1] != down.shape[0]:
        raise ValueError(
            f"{parameter}:{block} has factors {tuple(up.shape)} and {tuple(down.shape)} where "
            f"their product must be {expected}"
        )
    if not (up.is_floating_point() and up.isfinite().all() and down.isfinite().all()):
        raise ValueError(f"{parameter}:{block} has factors that are no numbers")
    return Change(rows, up.float(), down.float())


def _token_rows(rows: Tensor, parameter: str, end: int) -> Tensor:
    rising = rows.ndim == 1 and rows.dtype == torch.int64 and bool((rows.diff() > 0).all())
    if not rising or not len(rows) or rows[0] < 0 or rows[-1] >= end:
        raise ValueError(f"{parameter} has rows that do not rise from 0 to below {end}")
    return rows
