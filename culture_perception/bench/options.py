"""How it is measured, and what one comparison is recorded as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch

from culture_perception.bench.frames import Frame
from culture_perception.bench.interleaving import Run, Work, highest, interleave, mean_stages
from culture_perception.models.runtime import Runtime

Record: TypeAlias = dict[str, Any]
OnRun: TypeAlias = Callable[[], None]


@dataclass(frozen=True)
class BenchOptions:
    """How it is measured.

    Attributes:
        frames: pictures and what is in them; labelling and vit_b see the first alone.
        repeat: pairs of runs a frame.
        points_per_side: of the prompt grid.
        threads: of torch.
        device: torch's name, or auto.
    """

    frames: Sequence[Frame]
    repeat: int
    points_per_side: int
    threads: int
    device: str = "auto"

    @property
    def exact(self) -> Runtime:
        """What the reference runs on as well."""
        return Runtime(self.device, self.threads, "float32")

    @property
    def fast(self) -> Runtime:
        """As users have it by default."""
        return Runtime(self.device, self.threads)

    @property
    def torch_device(self) -> torch.device:
        """Where both compute.

        Raises:
            RuntimeOptionError: it is not there.
        """
        return self.exact.torch_device()


def compared(
    pairs: Sequence[tuple[Work, Work]], options: BenchOptions, ours: Runtime, on_run: OnRun
) -> Record:
    """Runs pairs of reference and ours, and gives the record of their speed and memory.

    Args:
        pairs: see interleave.
        options: repeat and device count.
        ours: what ours runs on; the reference runs in float32.
        on_run: called after each run.
    """
    device = ours.torch_device()
    result = interleave(pairs, options.repeat, on_run, device)
    return {
        "ratio": result.ratio,
        "cpu_ratio": result.cpu_ratio,
        "ratio_range": list(result.ratio_range),
        "precision": {
            "reference": precision_of(options.exact),
            "ours": precision_of(ours),
        },
        "reference": _runs_record(result.reference, result.first[0]),
        "ours": _runs_record(result.ours, result.first[1]),
    }


def precision_of(runtime: Runtime) -> str:
    """What a runtime computes in where less than float32 is good enough, as torch names it."""
    return str(runtime.dtype(reduced=True)).removeprefix("torch.")


def device_name(device: torch.device) -> str:
    """A device as torch calls it, and which one it is."""
    if device.type != "cuda":
        return str(device)
    return f"{device} ({torch.cuda.get_device_name(device)})"


def _runs_record(runs: Sequence[Run], first: Run) -> Record:
    seconds = [run.seconds for run in runs]
    return {
        "frames_per_s": len(runs) / sum(seconds),
        "seconds": [round(one, 4) for one in seconds],
        "cpu_s_a_frame": float(np.mean([run.cpu_s for run in runs])),
        "stage_ms": mean_stages(runs),
        "peak_mib": highest([run.peak_mib for run in (first, *runs)]),
        "peak_gpu_mib": highest([run.peak_gpu_mib for run in (first, *runs)]),
    }
