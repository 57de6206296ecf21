"""How long the stages of a computation take."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import torch


class Stages:
    """Sums up wall-clock time by stage.

    Attributes:
        ms: milliseconds of each stage that ran, in the order of their first run.
    """

    def __init__(self, device: torch.device) -> None:
        """Take the device that computes: a GPU works on after a call returns."""
        self.ms: dict[str, float] = {}
        self._waits = device.type == "cuda"

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what runs inside to a stage."""
        start = perf_counter()
        yield
        if self._waits:
            torch.cuda.synchronize()
        self.ms[stage] = self.ms.get(stage, 0.0) + (perf_counter() - start) * 1e3
