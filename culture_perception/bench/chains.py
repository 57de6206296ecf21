"""The two chains from an image to embedded masks: the libraries' own use, and ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from culture_perception.crops import CropOptions, crop_mask
from culture_perception.masks import Float32Array, MaskArray, Uint8Array
from culture_perception.models.clip_small import ClipModel
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.stages import Stages
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.protocols import Encoder
from culture_perception.recognition import Options, observe

ensure_torchvision()

from open_clip.transform import PreprocessCfg, image_transform_v2  # noqa: E402
from segment_anything import SamAutomaticMaskGenerator  # noqa: E402
from segment_anything.modeling import Sam  # noqa: E402

CROP: Final = CropOptions()
PUBLISHED_OPTIONS: Final = (
    "points_per_side",
    "points_per_batch",
    "pred_iou_thresh",
    "stability_score_thresh",
    "stability_score_offset",
    "box_nms_thresh",
    "crop_n_layers",
    "crop_nms_thresh",
    "crop_overlap_ratio",
    "crop_n_points_downscale_factor",
    "min_mask_region_area",
)


@dataclass(eq=False)
class Found:
    """What a chain found in the frames that it was given, by frame."""

    masks: dict[int, list[MaskArray]] = field(default_factory=dict)
    rows: dict[int, Float32Array] = field(default_factory=dict)


class OneByOneEncoder:
    """CLIP as its own examples call it: one picture, one transform, one call."""

    def __init__(self, model: ClipModel, preprocess: PreprocessCfg, device: torch.device) -> None:
        """Takes a model of open_clip on the device, and its preparation of pictures."""
        self._model: Final = model
        self._transform: Final[Any] = image_transform_v2(preprocess, is_train=False)
        self._device: Final = device
        size = preprocess.size
        self.crop_size: Final = size if isinstance(size, int) else max(size)

    @torch.inference_mode()
    def encode(self, crop: Uint8Array) -> Float32Array:
        """A unit row (D,) of a picture (h, w, 3)."""
        picture = self._transform(Image.fromarray(crop))[None].to(self._device)
        row = self._model.encode_image(picture, normalize=True)[0]
        return np.asarray(row.float().cpu().numpy())


class ReferenceChain:
    """segment-anything's generator, then CLIP mask by mask."""

    def __init__(self, sam: Sam, options: MaskGeneratorOptions, encoder: OneByOneEncoder) -> None:
        """Takes the models, and the options of which it has the published ones."""
        values = {name: getattr(options, name) for name in PUBLISHED_OPTIONS}
        self._generator: Final[Any] = SamAutomaticMaskGenerator(sam, **values)
        self._encoder: Final = encoder
        self._device: Final = sam.device
        self.points_per_side: Final = options.points_per_side
        self.found: Final = Found()

    def run(self, image_rgb: Uint8Array, frame: int) -> Mapping[str, float]:
        """Finds and embeds; milliseconds by stage."""
        stages = Stages(self._device)
        with stages.timed("segment"):
            masks = [record["segmentation"] for record in self._generator.generate(image_rgb)]
        with stages.timed("label"):
            rows = label_one_by_one(self._encoder, image_rgb, masks)
        self.found.masks[frame], self.found.rows[frame] = masks, rows
        return stages.ms


class OurChain:
    """Our segmenter, then all masks in one batch."""

    def __init__(self, segmenter: SamSegmenter, encoder: Encoder) -> None:
        """Takes the models as recognition does."""
        self._segmenter: Final = segmenter
        self._encoder: Final = encoder
        self._options: Final = Options(crop=CROP, min_area=1, max_area_share=1.0)
        self.found: Final = Found()

    def run(self, image_rgb: Uint8Array, frame: int) -> Mapping[str, float]:
        """Finds and embeds; milliseconds by stage."""
        seen = observe(image_rgb, self._segmenter, self._encoder, self._options)
        self.found.masks[frame] = [segment.mask for segment in seen.segments]
        self.found.rows[frame] = seen.embeddings
        labelling = dict(seen.stage_ms)
        return {
            "segment": labelling.pop("segment"),
            **{f"segment.{step}": ms for step, ms in self._segmenter.stage_ms.items()},
            "label": sum(labelling.values()),
            **{f"label.{step}": ms for step, ms in labelling.items()},
        }


def label_one_by_one(
    encoder: OneByOneEncoder, image_rgb: Uint8Array, masks: Sequence[MaskArray]
) -> Float32Array:
    """Unit rows (N, D) of masks, one call each."""
    crops = (crop_mask(image_rgb, mask, encoder.crop_size, CROP) for mask in masks)
    rows = [encoder.encode(crop) for crop in crops]
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
