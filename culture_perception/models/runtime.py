"""Where and how models run: device, threads, precision, backend; checked before anything loads."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import torch

Precision: TypeAlias = Literal["auto", "float32", "bfloat16", "float16"]
Backend: TypeAlias = Literal["torch", "openvino"]
CUDA_OR_CPU: Final = "cuda_or_cpu"

_DTYPES: Final = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_BFLOAT16_FLAGS: Final = frozenset(("avx512_bf16", "amx_bf16", "bf16"))


class RuntimeOptionError(ValueError):
    """A device, precision or backend is unknown or not there; the message names the cure."""


@dataclass(frozen=True)
class Runtime:
    """How a model is to be run.

    Attributes:
        device: "auto" takes the first CUDA device where torch sees one, else the CPU; "cuda_or_cpu"
            does so too, and `notice` then says that it is the CPU; or any of torch's names, such as
            "cpu" or "cuda:1".
        threads: CPU threads of torch, for the whole process; None leaves them as they are.
        precision: of the weights and of what is computed with them. "auto" is float32 for what has
            to equal a reference; where less is enough it is bfloat16 on a device that multiplies
            such numbers in hardware, and float16 on an older GPU.
        backend: what computes the encoder's image tower. "openvino" runs it on the CPU.
            Segmenters run on torch with any.

    Raises:
        RuntimeOptionError: a value is none of these.
    """

    device: str = "auto"
    threads: int | None = None
    precision: Precision = "auto"
    backend: Backend = "torch"

    def __post_init__(self) -> None:
        _check_choice("precision", self.precision, get_args(Precision))
        _check_choice("backend", self.backend, get_args(Backend))
        if self.threads is not None and self.threads < 1:
            raise RuntimeOptionError(f"threads {self.threads}: give 1 or more, or None")

    def apply_threads(self) -> None:
        """Sets torch's threads, of the whole process, if a number is asked for."""
        if self.threads is not None:
            torch.set_num_threads(self.threads)

    def torch_device(self) -> torch.device:
        """The device to compute on.

        Raises:
            RuntimeOptionError: torch does not know the device or cannot use it here, or the
                backend does not run on it or is not installed.
        """
        device = self._chosen_device()
        if self.backend == "openvino":
            _check_openvino(device)
        return device

    def dtype(self, reduced: bool = False) -> torch.dtype:
        """The precision to compute in.

        Args:
            reduced: whether "auto" may take less than float32, that is, whether a result that
                differs a little from the reference's is good enough.

        Raises:
            RuntimeOptionError: the device cannot be used or has no such precision.
        """
        device = self.torch_device()
        if self.precision == "auto":
            return _fast_dtype(device) if reduced else torch.float32
        if self.precision == "float16" and device.type == "cpu":
            raise RuntimeOptionError(
                "precision float16 is for GPUs; give bfloat16 or float32 for device cpu"
            )
        if self.precision == "bfloat16" and device.type == "cuda" and not _gpu_has_bfloat16():
            raise RuntimeOptionError(
                f"{torch.cuda.get_device_name(device)} has no bfloat16; give float16 or float32"
            )
        return _DTYPES[self.precision]

    @property
    def notice(self) -> str:
        """That the CPU is used where a GPU was wished for; empty: all is as wished."""
        if self.device != CUDA_OR_CPU or self._chosen_device().type == "cuda":
            return ""
        return (
            f"fell back to the CPU: torch {torch.__version__} sees no CUDA device; check the "
            "driver (nvidia-smi) and that this build of torch has CUDA"
        )

    def on_cpu(self) -> Runtime:
        """The same on the CPU; of the precisions, float16 alone is not there and is float32."""
        precision: Precision = "float32" if self.precision == "float16" else self.precision
        return replace(self, device="cpu", precision=precision)

    def _chosen_device(self) -> torch.device:
        if self.device in ("auto", CUDA_OR_CPU):
            # OpenVINO's towers are on the CPU: the rest would only be carried to and fro.
            on_gpu = self.backend == "torch" and torch.cuda.is_available()
            return torch.device("cuda" if on_gpu else "cpu")
        try:
            device = torch.device(self.device)
        except RuntimeError as error:
            raise RuntimeOptionError(
                f"unknown device {self.device!r}; give auto, cuda_or_cpu, cpu, cuda or cuda:N"
            ) from error
        _check_usable(device)
        return device


def cpu_has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16, AMX or Arm's); else it loses.

    Linux tells; elsewhere the answer is no.
    """
    # torch.cpu has had functions for this under other names in each release.
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "").split()
    return not _BFLOAT16_FLAGS.isdisjoint(flags)


def _gpu_has_bfloat16() -> bool:
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def _fast_dtype(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        return torch.bfloat16 if _gpu_has_bfloat16() else torch.float16
    return torch.bfloat16 if device.type == "cpu" and cpu_has_bfloat16() else torch.float32


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise RuntimeOptionError(f"unknown {name} {value!r}; known are {', '.join(known)}")


def _check_usable(device: torch.device) -> None:
    """A device that torch knows by name may be absent, or missing from this build of torch."""
    if device.type == "cpu":
        return
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise RuntimeOptionError(
            f"device {str(device)!r} is not there for torch {torch.__version__} ({reason}); "
            "give device auto or cpu, or install a build of torch for that device"
        ) from error
    if device.type == "meta":
        raise RuntimeOptionError("device 'meta' holds no values; give auto, cpu or cuda")


def _check_openvino(device: torch.device) -> None:
    if device.type != "cpu":
        raise RuntimeOptionError(f"backend openvino runs on the CPU, not on {device}; give cpu")
    if importlib.util.find_spec("openvino") is None:
        raise RuntimeOptionError(
            "backend openvino is not installed: pip install 'culture_perception[openvino]', or "
            "pip install -c constraints.txt openvino"
        )


DEFAULT_RUNTIME: Final = Runtime()
