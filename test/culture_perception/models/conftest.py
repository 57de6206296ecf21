"""What several tests of the models need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
import torch
from torch import nn

Hook: TypeAlias = Callable[[nn.Module, tuple[Any, ...]], None]


@pytest.fixture
def holds_at_most() -> Callable[[int], Hook]:
    """Makes hooks before a module's forward: as a device on which a larger batch has no place."""

    def of(limit: int) -> Hook:
        def check(module: nn.Module, inputs: tuple[Any, ...]) -> None:
            if len(inputs[0]) > limit:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

        return check

    return of
