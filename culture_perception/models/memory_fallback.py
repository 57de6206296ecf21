"""What a model does where the device has no memory left: smaller batches, then the CPU."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

import torch

Result = TypeVar("Result")
_LOGGER: Final = logging.getLogger(__name__)


class MemoryFallback:
    """Repeats work that ran out of the device's memory with less, and remembers what did fit.

    The work reads `batch` and `device` at each try. A step down is for good: a batch that did not
    fit once would fail again at the next image, after the same time.

    Attributes:
        batch: the most items to give the model at once.
        device: where the model is now.
        notice: what was given up and why, for people; empty: nothing.
    """

    def __init__(
        self, device: torch.device, batch: int, move_to_cpu: Callable[[], None], smallest: int = 1
    ) -> None:
        """Starts with everything that is asked for.

        Args:
            device: where the model is.
            batch: items to begin with.
            move_to_cpu: takes the model to the CPU, when batches of `smallest` are still too large.
            smallest: batch below which splitting is pointless.
        """
        self.batch = batch
        self.device = device
        self.notice = ""
        self._asked: Final = batch
        self._move_to_cpu: Final = move_to_cpu
        self._smallest: Final = smallest

    def call(self, work: Callable[[], Result]) -> Result:
        """The result of the work.

        Raises:
            torch.cuda.OutOfMemoryError: the smallest batch does not fit into the CPU's memory.
        """
        while True:
            try:
                return work()
            except torch.cuda.OutOfMemoryError as error:
                if self.batch <= self._smallest and self.device.type == "cpu":
                    raise
                reason = str(error).strip().partition("\n")[0]
            # Outside of the handler: its traceback keeps what the failed try had allocated.
            self._step_down(reason)

    def _step_down(self, reason: str) -> None:
        failed = self.device
        if self.batch > self._smallest:
            self.batch = max(self.batch // 2, self._smallest)
            cure = f"batches of {self.batch} instead of {self._asked}"
        else:
            self._move_to_cpu()
            self.batch, self.device = self._asked, torch.device("cpu")
            cure = "computing on the CPU, which is slower"
        if failed.type == "cuda":
            torch.cuda.empty_cache()
        self.notice = f"out of memory on {failed}: {cure} ({reason})"
        _LOGGER.warning(self.notice)
