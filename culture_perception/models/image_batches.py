"""Crops as a model's input: all in one step where open_clip would only normalise each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from culture_perception.masks import Uint8Array
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from open_clip.transform import PreprocessCfg, image_transform_v2  # noqa: E402

ImageTransform: TypeAlias = Callable[[Image.Image], Tensor]
_WHITE: Final = 255


class ImageBatcher:
    """open_clip's transform of pictures, equal to it for every size.

    A picture of the model's own size is neither resized nor cut, so that only its values change:
    such ones, and recognition makes no other, take one step together instead of one each.

    Attributes:
        shape_hw: the model's own size, pixels.
    """

    def __init__(self, preprocess: PreprocessCfg) -> None:
        """Takes open_clip's description of the resizing and normalising of a model's training."""
        size = preprocess.size
        self.shape_hw: Final = (size, size) if isinstance(size, int) else (size[0], size[1])
        self._one: Final[ImageTransform] = image_transform_v2(preprocess, is_train=False)
        self._mean: Final = torch.tensor(preprocess.mean).view(1, 3, 1, 1)
        self._deviation: Final = torch.tensor(preprocess.std).view(1, 3, 1, 1)

    def __call__(self, crops: Sequence[Uint8Array]) -> Tensor:
        """Input of a model: float32 (N, 3, H, W), on the CPU.

        Args:
            crops: N of uint8 (h, w, 3) RGB, at least one.
        """
        if any(crop.shape[:2] != self.shape_hw for crop in crops):
            return torch.stack([self._one(Image.fromarray(crop)) for crop in crops])
        pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)
        values = pixels.to(torch.float32, memory_format=torch.channels_last)
        return values.div_(_WHITE).sub_(self._mean).div_(self._deviation)
