"""SAM, SAM 2 and EdgeTAM as the library transformers has them, behind the Segmenter protocol.

The masks come from the same steps, parameters and thresholds as those of `mask_generator`. The
library's own mask generation is not used: it places its points as SAM's preprocessing does, by
the longer side, while SAM 2's stretches the image, so that on an image that is not square its
points lie elsewhere than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from culture_perception.masks import Box, Uint8Array
from culture_perception.models.image_embedding import with_border
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import (
    MaskProposal,
    PackedMask,
    crop_area_score,
    outermost,
    suppressed,
    without_small_regions,
)
from culture_perception.models.memory_fallback import MemoryFallback
from culture_perception.models.point_prompts import Points
from culture_perception.models.refinement import checked_image, refined
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SMALLEST_BATCH
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Segment

ensure_torchvision()

from segment_anything.utils.amg import (  # noqa: E402
    build_all_layer_point_grids,
    calculate_stability_score,
    generate_crop_boxes,
    is_box_near_crop_edge,
)


@dataclass(frozen=True)
class _Crop:
    """An encoded crop of an image.

    Attributes:
        embeddings: a tensor or several, as the model wants them back.
        points: (N, 2) the prompts, in pixels of the crop.
        prompts: (1, N, 1, 2) the same, in pixels of what the model sees.
        sizes: what the processor needs to bring masks to the size of the crop.
        box: where it lies, half-open, in pixels of the image.
        whole_hw: size of the image.
    """

    embeddings: Any
    points: Points
    prompts: Tensor
    sizes: tuple[Any, ...]
    box: Box
    whole_hw: tuple[int, int]


class TransformersSegmenter:
    """Automatic masks of a SAM of transformers, as a `Segmenter`.

    Attributes:
        name: identifies the model and its weights.
        options: the generator's parameters.
    """

    def __init__(
        self,
        model: Any,
        processor: Any,
        name: str,
        options: MaskGeneratorOptions,
        runtime: Runtime,
    ) -> None:
        """Take a loaded model; it is put into evaluation mode and moved to the device.

        Args:
            model: SamModel, Sam2Model or EdgeTamModel.
            processor: the library's, of that model.
            name: identifies the model and its weights.
            options: parameters; `centre_prompts` and the fast mode are for other segmenters.
            runtime: device and threads; its precision is that of the image encoder.

        Raises:
            ValueError: an option is none of this model, or the runtime is not there.
        """
        if options.centre_prompts:
            raise ValueError(f"{name} has no dense head: set centre_prompts to false")
        if options.mode != "exact":
            raise ValueError(
                f"{name} has no mode {options.mode}, which is of embedded, vit_b, vit_l, vit_h and "
                "small .safetensors segmenters: set mode to exact, or choose one of these"
            )
        runtime.apply_threads()
        self.name: Final = name
        self.options: Final = options
        self._runtime: Final = runtime
        self._dtype = runtime.dtype()
        self._model: Final = model.eval()
        self._processor: Final = processor
        self._grids: Final[list[Points]] = build_all_layer_point_grids(
            options.points_per_side, options.crop_n_layers, options.crop_n_points_downscale_factor
        )
        self._memory: Final = MemoryFallback(
            runtime.torch_device(), options.points_per_batch, self._move_to_cpu, SMALLEST_BATCH
        )
        self._memory.place(self._model.to)

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why; empty: nothing."""
        return self._memory.notice

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        """Segments of an image, highest predicted IoU first; of crops, those of smaller ones.

        Args:
            image_rgb: (H, W, 3) uint8 of any size; it is resized to the model's.

        Returns:
            Segments with masks (H, W); empty if nothing was found.

        Raises:
            ValueError: the image has another shape or dtype.
        """
        pixels = checked_image(image_rgb)
        if pixels.size == 0:
            return []
        return refined(self._memory.call(lambda: self._proposals(pixels)), pixels, self.options)

    def _move_to_cpu(self) -> None:
        self._dtype = self._runtime.on_cpu().dtype()
        self._model.to("cpu")

    @torch.inference_mode()
    def _proposals(self, image_rgb: Uint8Array) -> list[MaskProposal]:
        options = self.options
        whole_hw = (image_rgb.shape[0], image_rgb.shape[1])
        crops = generate_crop_boxes(whole_hw, options.crop_n_layers, options.crop_overlap_ratio)
        found: list[MaskProposal] = []
        for (x0, y0, x1, y1), layer in zip(*crops, strict=True):
            if x0 >= x1 or y0 >= y1:  # of fewer pixels than crops
                continue
            crop = self._encoded(image_rgb, (x0, y0, x1, y1), layer)
            in_crop = list(self._found_in(crop))
            found += suppressed(in_crop, lambda item: item.predicted_iou, options.box_nms_thresh)
        if options.crop_n_layers > 0:
            found = suppressed(found, crop_area_score, options.crop_nms_thresh)
        if options.min_mask_region_area > 0:
            thresh = max(options.box_nms_thresh, options.crop_nms_thresh)
            found = without_small_regions(found, options.min_mask_region_area, whole_hw, thresh)
        return found

    def _encoded(self, image_rgb: Uint8Array, box: Box, layer: int) -> _Crop:
        x0, y0, x1, y1 = box
        device = self._memory.device
        points = self._grids[layer] * np.array([x1 - x0, y1 - y0], np.float64)
        given = self._processor(
            images=self._bordered(image_rgb[y0:y1, x0:x1]),
            input_points=[[[point] for point in points.tolist()]],
            return_tensors="pt",
            # Else three rows would be taken for three channels.
            input_data_format="channels_last",
        )
        reduced = self._dtype != torch.float32
        with torch.autocast(device.type, self._dtype, enabled=reduced):
            embeddings = self._model.get_image_embeddings(given["pixel_values"].to(device))
        # SAM 2 stretches the image, so that it has no size before padding.
        named = [name for name in ("original_sizes", "reshaped_input_sizes") if name in given]
        return _Crop(
            embeddings=_as_float(embeddings),
            points=points,
            prompts=given["input_points"].to(device, torch.float32),
            sizes=tuple(given[name] for name in named),
            box=box,
            whole_hw=(image_rgb.shape[0], image_rgb.shape[1]),
        )

    def _bordered(self, image_rgb: Uint8Array) -> Uint8Array:
        """With a border if the image is too thin for SAM's preparation; SAM 2's stretches it."""
        size = self._processor.image_processor.size
        longest = size.get("longest_edge") if isinstance(size, dict) else size.longest_edge
        return with_border(image_rgb, None, longest) if longest else image_rgb

    def _found_in(self, crop: _Crop) -> Iterator[MaskProposal]:
        """Masks that pass every filter but the suppression, in the order of their prompts."""
        batch = self._memory.batch
        for start in range(0, len(crop.points), batch):
            answer = self._model(
                image_embeddings=crop.embeddings,
                input_points=crop.prompts[:, start : start + batch],
                multimask_output=True,
            )
            scores = answer.iou_scores[0].flatten()
            good = scores > self.options.pred_iou_thresh
            if good.any():
                small = answer.pred_masks[0].flatten(0, 1)[good]
                which = start + good.nonzero()[:, 0] // answer.iou_scores.shape[2]
                yield from self._at_full_size(small, scores[good], crop.points[which.cpu()], crop)

    def _at_full_size(
        self, small: Tensor, scores: Tensor, points: Points, crop: _Crop
    ) -> Iterator[MaskProposal]:
        """Proposals of logits (M, h, w), scores (M,) and points (M, 2) whose stability passes."""
        # As one image with M masks; the processor takes a list of images.
        (logits,) = self._processor.post_process_masks([small[None]], *crop.sizes, binarize=False)
        logits = logits[0, :, : crop.box[3] - crop.box[1], : crop.box[2] - crop.box[0]]
        stability = calculate_stability_score(logits, 0.0, self.options.stability_score_offset)
        masks = (logits > 0).cpu().numpy()
        for index in (stability >= self.options.stability_score_thresh).nonzero()[:, 0].tolist():
            inside = PackedMask.of(masks[index])
            if not _touches_a_cut(inside.box, crop):
                packed = inside.moved(crop.box[0], crop.box[1])
                x, y = points[index] + crop.box[:2]
                yield MaskProposal(
                    packed=packed,
                    corners=outermost(packed.box),
                    predicted_iou=float(scores[index]),
                    stability=float(stability[index]),
                    point_xy=(float(x), float(y)),
                    crop_box=crop.box,
                )


def _touches_a_cut(box: Box, crop: _Crop) -> bool:
    """Whether a box in the crop ends where the crop does and the image does not."""
    height, width = crop.whole_hw
    corners = torch.tensor([outermost(box)])
    return bool(is_box_near_crop_edge(corners, list(crop.box), [0, 0, width, height])[0])


def _as_float(embeddings: Any) -> Any:
    """In single precision, one tensor or several: the decoder's coordinates need it."""
    if isinstance(embeddings, Tensor):
        return embeddings.float()
    return [level.float() for level in embeddings]
