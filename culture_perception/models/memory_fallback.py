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

    def place(self, put: Callable[[torch.device], None]) -> None:
        """Puts a model onto the device, or onto the CPU where the device has no room for it.

        Args:
            put: takes the model to the device; what it left half done, `move_to_cpu` has to undo.

        Raises:
            RuntimeError: it fails for another reason than the device's memory.
        """
        try:
            put(self.device)
        except RuntimeError as error:
            if self.device.type == "cpu" or not _is_out_of_memory(error):
                raise
            reason = _first_line(error)
        else:
            return
        self._go_to_cpu(reason)

    def call(self, work: Callable[[], Result]) -> Result:
        """The result of the work.

        Raises:
            RuntimeError: the smallest batch does not fit into the CPU's memory, or the work fails
                for another reason.
        """
        while True:
            try:
                return work()
            except RuntimeError as error:
                is_last = self.batch <= self._smallest and self.device.type == "cpu"
                if is_last or not _is_out_of_memory(error):
                    raise
                reason = _first_line(error)
            # Outside of the handler: its traceback keeps what the failed try had allocated.
            if self.batch > self._smallest:
                self.batch = max(self.batch // 2, self._smallest)
                self._tell(self.device, f"batches of {self.batch} instead of {self._asked}", reason)
            else:
                self._go_to_cpu(reason)

    def _go_to_cpu(self, reason: str) -> None:
        failed = self.device
        self._move_to_cpu()
        self.batch, self.device = self._asked, torch.device("cpu")
        self._tell(failed, "computing on the CPU, which is slower", reason)

    def _tell(self, failed: torch.device, cure: str, reason: str) -> None:
        if failed.type == "cuda":
            torch.cuda.empty_cache()
        self.notice = f"out of memory on {failed}: {cure} ({reason})"
        _LOGGER.warning(self.notice)


def _is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a device's memory is full; only torch's own allocator has an error class for it."""
    signs = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
    is_named = any(sign in str(error) for sign in signs)
    return is_named or isinstance(error, torch.cuda.OutOfMemoryError)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
