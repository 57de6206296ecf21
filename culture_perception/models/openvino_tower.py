"""Image towers on OpenVINO: the same weights, compiled for the CPU by another library.

OpenVINO is an extra; see `runtime.Runtime.backend`, which tells where it is missing.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

import torch
from torch import Tensor, nn

from culture_perception.models.runtime import Runtime

_PRECISION: Final = {torch.float32: "f32", torch.bfloat16: "bf16"}
_TOWER_ATTRIBUTES: Final = ("img_size", "dense_maps")  # what a mask generator asks of an encoder


class OpenVinoTower(nn.Module):
    """Takes the place of an image tower: same input and output, both float32 on the CPU.

    It has no parameters: the weights are OpenVINO's.
    """

    def __init__(
        self, tower: nn.Module, size_hw: tuple[int, int], dtype: torch.dtype, threads: int
    ) -> None:
        """Converts and compiles a tower.

        Args:
            tower: in evaluation mode and float32, on the CPU; images (N, 3, H, W) to embeddings.
            size_hw: height and width of its images.
            dtype: precision to compute in: float32 or bfloat16.
            threads: of OpenVINO.
        """
        super().__init__()
        import openvino as ov

        example = torch.zeros(1, 3, *size_hw)
        with warnings.catch_warnings(), torch.no_grad():
            # What tracing remarks on: sizes that it takes as constants, as they are here.
            warnings.simplefilter("ignore")
            model: Any = ov.convert_model(
                tower, example_input=example, input=[ov.PartialShape([-1, 3, *size_hw])]
            )
        settings = {
            "INFERENCE_PRECISION_HINT": _PRECISION[dtype],
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._compiled: Any = ov.Core().compile_model(model, "CPU", settings)
        for name in _TOWER_ATTRIBUTES:
            if hasattr(tower, name):
                setattr(self, name, getattr(tower, name))

    def forward(self, images: Tensor) -> Tensor:
        """Embeddings of images (N, 3, H, W) of the tower's size."""
        found = self._compiled(images.float().contiguous().numpy())[0]
        return torch.from_numpy(found.copy())


def placed_tower(
    tower: nn.Module, size_hw: tuple[int, int], dtype: torch.dtype, runtime: Runtime
) -> tuple[nn.Module, torch.dtype]:
    """An image tower as the runtime wants it, and the precision in which it takes its images.

    Args:
        tower: in evaluation mode and float32.
        size_hw: height and width of its images.
        dtype: precision to compute in.
        runtime: its device and backend count.

    Raises:
        RuntimeOptionError: the device or the backend is not there.
    """
    device = runtime.torch_device()
    if runtime.backend == "openvino":
        threads = runtime.threads or torch.get_num_threads()
        return OpenVinoTower(tower.cpu(), size_hw, dtype, threads).eval(), torch.float32
    return tower.to(device, dtype), dtype
