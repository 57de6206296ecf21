"""The most memory that a piece of work takes, on the host and on a GPU."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
from typing import Final

import torch

_MIB: Final = 2**20
_MIB_OF_KIB: Final = 1 / 1024
_RESET_PEAK: Final = "5"  # see proc(5), clear_refs


class PeakMemory:
    """Counts from when it is made, above what is held then."""

    def __init__(self, device: torch.device, give_back: bool = False) -> None:
        """Makes kernel and torch forget their peaks.

        Args:
            device: where the work is done; a GPU's memory is counted as well.
            give_back: return free memory to the kernel first. Else what the work takes of that
                does not count; but to get it anew takes time.
        """
        if give_back:
            _give_back()
        self._device: Final = device
        self._host_before_mib: Final = _restart_host_peak()
        self._gpu_before: Final = _restart_gpu_peak(device)

    def host_mib(self) -> float | None:
        """Resident memory of this process, MiB; None where the kernel does not tell."""
        if self._host_before_mib is None:
            return None
        return max(0.0, _status_mib("VmHWM") - self._host_before_mib)

    def gpu_mib(self) -> float | None:
        """Memory that torch allocated on the GPU, MiB; None where there is none."""
        if self._gpu_before is None:
            return None
        return (torch.cuda.max_memory_allocated(self._device) - self._gpu_before) / _MIB


def _give_back() -> None:
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    if trim is not None:
        trim(0)


def _restart_host_peak() -> float | None:
    try:
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return None
    return _status_mib("VmRSS")


def _restart_gpu_peak(device: torch.device) -> int | None:
    if device.type != "cuda":
        return None
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _status_mib(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return float(line.split()[1]) * _MIB_OF_KIB
    raise OSError(f"/proc/self/status has no {name}; this kernel does not count it")
