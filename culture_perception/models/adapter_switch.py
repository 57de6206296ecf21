"""Adapters in a model in use: the weights of one of them, or the base's own, in an instant."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from culture_perception.models.adapter_fitting import FittedAdapter
from culture_perception.models.lora_factors import changed


class AdapterSwitch:
    """Puts the merged weights of an adapter into a model, and the base's own back.

    The base's tensors are kept, not copied: what comes back is bit for bit what was there. While
    an adapter is in use its merged weights take memory beside them. In reduced precision the sum
    of a weight as the tower has it and of its change is made in float32 and rounded once.
    """

    def __init__(self, model: nn.Module) -> None:
        """Takes a model, whose weights nobody else may change from now on."""
        self._model = model
        self._base: dict[str, Tensor] = {}

    @torch.no_grad()
    def use(self, fitted: FittedAdapter | None) -> None:
        """Changes to an adapter, or to the bare base.

        All merged weights are made before the first is put in: a failure changes nothing.
        """
        parameters = dict(self._model.named_parameters())
        # The model may have been moved meanwhile, for lack of memory.
        bare = {
            name: base.to(parameters[name].device, parameters[name].dtype)
            for name, base in self._base.items()
        }
        merged = {} if fitted is None else _merged(fitted, {**_data(parameters), **bare})
        for name, weight in bare.items():
            parameters[name].data = weight
        self._base = {name: parameters[name].data for name in merged}
        for name, weight in merged.items():
            parameters[name].data = weight


def _data(parameters: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    return {name: parameter.data for name, parameter in parameters.items()}


def _merged(fitted: FittedAdapter, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: changed(
            weights[name],
            [change.to(weights[name].device) for change in changes],
            fitted.adapter.strength,
        )
        for name, changes in fitted.changes.items()
    }
