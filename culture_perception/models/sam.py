"""segment-anything's `Sam` and automatic mask generator as this project's segmenter.

One adapter serves every size: the published models and the embedded small one differ in the
`Sam` they are given and in their options.
"""

from copy import deepcopy
from dataclasses import replace
from typing import Final

import torch

from culture_perception.masks import Uint8Array
from culture_perception.models.mask_generator import MaskGenerator
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal
from culture_perception.models.memory_fallback import MemoryFallback
from culture_perception.models.refinement import checked_image, refined
from culture_perception.models.runtime import DEFAULT_RUNTIME, Runtime
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Segment

ensure_torchvision()

from segment_anything.modeling import Sam  # noqa: E402

SMALLEST_BATCH: Final = 8  # prompts; below it the image's own share of the memory decides


class SamSegmenter:
    """Automatic masks of a `Sam`, as a `Segmenter`.

    Attributes:
        name: identifies the model and its weights.
        options: the generator's parameters.
    """

    def __init__(
        self,
        sam: Sam,
        name: str,
        options: MaskGeneratorOptions,
        runtime: Runtime = DEFAULT_RUNTIME,
    ) -> None:
        """Take a `Sam` of any size.

        Args:
            sam: the model; it is put into evaluation mode and moved to the device, or, where
                another precision is asked for, a copy of it.
            name: identifies the model and its weights.
            options: parameters; `centre_prompts` needs a small Sam.
            runtime: device, threads, precision and backend.

        Raises:
            ValueError: `centre_prompts` with a model that has no dense head, or the runtime is not
                there.
        """
        if options.centre_prompts and not isinstance(sam, CanvasSam):
            raise ValueError(f"{name} has no dense head: set centre_prompts to false")
        runtime.apply_threads()
        self.name: Final = name
        self.options: Final = options
        self._runtime: Final = runtime
        self._sam: Final = _prepared(sam, runtime.dtype(reduced=options.mode == "fast"))
        self._batch = options.points_per_batch
        self._memory: Final = MemoryFallback(
            runtime.torch_device(), options.points_per_batch, self._move_to_cpu, SMALLEST_BATCH
        )
        self._memory.place(self._put)

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why; empty: nothing."""
        return self._memory.notice

    @property
    def stage_ms(self) -> dict[str, float]:
        """Milliseconds of each step of the last image; empty before the first."""
        return dict(self._generator.stages.ms)

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        """Segments of an image.

        In exact mode, with the filters that are ours left off, they are what
        `SamAutomaticMaskGenerator` finds, in its order and with its scores, except for masks
        without a pixel: a segment has at least one.

        Args:
            image_rgb: (H, W, 3) uint8 of any size; it is resized to the model's.

        Returns:
            Segments with masks (H, W), highest predicted IoU first; of several crops, those of
            smaller ones come first. Empty if nothing was found. The predicted IoU is as the model
            gives it, and may exceed 1.

        Raises:
            ValueError: the image has another shape or dtype.
        """
        pixels = checked_image(image_rgb)
        if not pixels.size:
            return []
        return refined(self._memory.call(lambda: self._generated(pixels)), pixels, self.options)

    def _generated(self, image_rgb: Uint8Array) -> list[MaskProposal]:
        """What the generator finds, with as many prompts at once as the memory holds."""
        if self._batch != self._memory.batch:
            self._batch = self._memory.batch
            fitting = replace(self.options, points_per_batch=self._batch)
            self._generator = MaskGenerator(self._sam, fitting)
        return self._generator.generate(image_rgb)

    def _put(self, device: torch.device) -> None:
        self._generator = MaskGenerator(self._sam.to(device), self.options)

    def _move_to_cpu(self) -> None:
        """Called where a GPU cannot hold the model and a few prompts."""
        dtype = self._runtime.on_cpu().dtype(reduced=self.options.mode == "fast")
        _reduce(self._sam.to("cpu"), dtype)
        self._put(torch.device("cpu"))


def _prepared(sam: Sam, dtype: torch.dtype) -> Sam:
    """The model; a copy, where it lies, with encoder and decoder in less precision if asked for."""
    sam.eval()
    if dtype is torch.float32:
        return sam
    return _reduce(deepcopy(sam), dtype)  # the caller's may be in training


def _reduce(sam: Sam, dtype: torch.dtype) -> Sam:
    """Brings encoder and decoder to a precision.

    The prompt encoder's sines of coordinates would lose too much, and cost nothing.
    """
    sam.image_encoder.to(dtype)
    sam.mask_decoder.to(dtype)
    return sam
