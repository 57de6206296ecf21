"""Out of memory: smaller batches, then the CPU; raised by torch's own error in the model's call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from culture_perception.models.memory_fallback import MemoryFallback

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
ERROR = "CUDA out of memory. Tried to allocate 2 GiB"


def _never() -> None:
    pytest.fail("the model was moved to the CPU")


def test_work_that_fits_is_done_once_and_needs_no_notice() -> None:
    memory = MemoryFallback(CPU, 64, _never)
    assert memory.call(lambda: memory.batch) == 64
    assert memory.notice == ""


def test_batches_are_halved_until_they_fit_and_stay_so(
    holds_at_most: Callable[[int], Any],
) -> None:
    model = nn.Linear(3, 2)
    model.register_forward_pre_hook(holds_at_most(20))
    memory = MemoryFallback(CPU, 64, _never)
    rows = torch.arange(192.0).view(64, 3)
    sizes: list[int] = []

    def work() -> torch.Tensor:
        sizes.append(memory.batch)
        return torch.cat([model(part) for part in rows.split(memory.batch)])

    found = memory.call(work)
    memory.call(work)

    assert torch.allclose(found, rows @ model.weight.T + model.bias)
    assert sizes == [64, 32, 16, 16]
    assert memory.notice == f"out of memory on cpu: batches of 16 instead of 64 ({ERROR})"


def test_the_cpu_is_the_last_step_of_a_gpu_with_its_own_batches() -> None:
    moved: list[str] = []
    memory = MemoryFallback(CUDA, 4, lambda: moved.append("cpu"), smallest=2)

    def work() -> tuple[str, int]:
        if memory.device.type == "cuda":
            raise torch.cuda.OutOfMemoryError(ERROR)
        return memory.device.type, memory.batch

    assert memory.call(work) == ("cpu", 4)
    assert moved == ["cpu"]
    assert memory.notice.startswith("out of memory on cuda: computing on the CPU")


def test_a_model_that_fits_is_put_onto_the_device() -> None:
    put: list[torch.device] = []
    memory = MemoryFallback(CUDA, 4, _never)
    memory.place(put.append)
    assert (put, memory.device, memory.notice) == ([CUDA], CUDA, "")


@pytest.mark.parametrize(
    "error",
    [
        torch.cuda.OutOfMemoryError(ERROR),
        RuntimeError("CUDA error: out of memory\nCompile with ..."),  # where no context fits
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
)
def test_a_model_without_room_is_moved_to_the_cpu_at_once(error: RuntimeError) -> None:
    moved: list[str] = []
    memory = MemoryFallback(CUDA, 64, lambda: moved.append("cpu"))

    def put(device: torch.device) -> None:
        raise error

    memory.place(put)
    assert (moved, memory.device, memory.batch) == (["cpu"], CPU, 64)
    line = str(error).partition("\n")[0]
    assert memory.notice == (
        f"out of memory on cuda: computing on the CPU, which is slower ({line})"
    )


@pytest.mark.parametrize(
    ("device", "error"),
    [(CUDA, RuntimeError("CUDA error: an illegal access")), (CPU, RuntimeError(ERROR))],
)
def test_other_faults_of_putting_a_model_are_not_hidden(
    device: torch.device, error: RuntimeError
) -> None:
    def put(device: torch.device) -> None:
        raise error

    with pytest.raises(RuntimeError, match=str(error)):
        MemoryFallback(device, 64, _never).place(put)


def test_what_no_batch_can_hold_is_an_error() -> None:
    memory = MemoryFallback(CPU, 2, _never)

    def work() -> None:
        raise torch.cuda.OutOfMemoryError(ERROR)

    with pytest.raises(torch.cuda.OutOfMemoryError, match="out of memory"):
        memory.call(work)


def test_other_errors_are_not_repeated() -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        MemoryFallback(CPU, 64, _never).call(work)
    assert tries == [1]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_real_gpu_without_memory_gives_the_same_rows() -> None:
    device = torch.device("cuda")
    model = nn.Linear(1024, 1 << 20, device=device)
    torch.cuda.set_per_process_memory_fraction(8 * 2**30 / torch.cuda.mem_get_info()[1])
    memory = MemoryFallback(device, 4096, _never)
    rows = torch.ones(4096, 1024, device=device)

    def work() -> torch.Tensor:
        return torch.cat([model(part).amax(dim=1) for part in rows.split(memory.batch)])

    try:
        found = memory.call(work)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert found.shape == (4096,)
    assert 1 < memory.batch < 4096
    assert np.isfinite(found.detach().cpu().numpy()).all()
