"""Device, threads, precision and backend: what is asked for, or an error that says what to give."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import torch

from culture_perception.models.runtime import Runtime, RuntimeOptionError, cpu_has_bfloat16

HAS_GPU = torch.cuda.is_available()
no_gpu = pytest.mark.skipif(HAS_GPU, reason="a GPU is there")


@no_gpu
def test_the_default_is_the_cpu_where_there_is_no_gpu() -> None:
    assert Runtime().torch_device() == torch.device("cpu")


@pytest.mark.skipif(not HAS_GPU, reason="no GPU")
def test_the_default_is_the_gpu_where_there_is_one() -> None:
    assert Runtime().torch_device().type == "cuda"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"precision": "int8"}, r"unknown precision 'int8'; known are auto, float32"),
        ({"backend": "onnx"}, r"unknown backend 'onnx'; known are torch, openvino"),
        ({"threads": 0}, r"threads 0: give 1 or more"),
    ],
)
def test_what_is_no_choice_is_refused_at_once(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RuntimeOptionError, match=message):
        Runtime(**fields)


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("gpu", r"unknown device 'gpu'; give auto, cuda_or_cpu, cpu, cuda"),
        ("cpu:x", r"unknown device 'cpu:x'"),
        ("meta", r"device 'meta' holds no values"),
        pytest.param("cuda", r"device 'cuda' is not there .*give device auto or cpu", marks=no_gpu),
        pytest.param("cuda:7", r"device 'cuda:7' is not there", marks=no_gpu),
    ],
)
def test_absent_device_is_named_with_the_cure(device: str, message: str) -> None:
    with pytest.raises(RuntimeOptionError, match=message):
        Runtime(device=device).torch_device()


def test_half_precision_of_gpus_is_refused_on_a_cpu() -> None:
    with pytest.raises(RuntimeOptionError, match=r"float16 is for GPUs; give bfloat16 or float32"):
        Runtime(device="cpu", precision="float16").dtype()


def test_auto_precision_is_exact_unless_less_will_do() -> None:
    fast = torch.bfloat16 if cpu_has_bfloat16() else torch.float32
    assert Runtime(device="cpu").dtype() == torch.float32
    assert Runtime(device="cpu").dtype(reduced=True) == fast


@pytest.mark.parametrize("reduced", [False, True])
def test_a_precision_that_is_asked_for_is_used(reduced: bool) -> None:
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        assert Runtime(device="cpu", precision=name).dtype(reduced) == dtype


@pytest.mark.parametrize(
    ("asked", "on_cpu"),
    [("auto", "auto"), ("float32", "float32"), ("bfloat16", "bfloat16"), ("float16", "float32")],
)
def test_on_the_cpu_all_but_the_device_stays(asked: Any, on_cpu: str) -> None:
    moved = Runtime(device="cuda", threads=3, precision=asked).on_cpu()
    assert (moved.device, moved.threads, moved.precision) == ("cpu", 3, on_cpu)
    assert moved.dtype(reduced=True) is not torch.float16


def test_threads_are_set_for_the_process() -> None:
    before = torch.get_num_threads()
    try:
        Runtime(threads=2).apply_threads()
        assert torch.get_num_threads() == 2
        Runtime().apply_threads()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(importlib.util.find_spec("openvino") is not None, reason="openvino is there")
def test_missing_backend_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(RuntimeOptionError, match=r"pip install"):
        Runtime(device="cpu", backend="openvino").torch_device()


def test_the_wish_for_a_gpu_that_is_not_there_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    runtime = Runtime(device="cuda_or_cpu")
    assert runtime.torch_device().type == "cpu"
    assert "fell back to the CPU" in runtime.notice
    assert "sees no CUDA device" in runtime.notice
    assert Runtime(device="auto").notice == Runtime(device="cpu").notice == ""
