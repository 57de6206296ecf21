"""segment-anything's automatic mask generator, without upsampling masks that will be dropped.

The published generator brings every candidate to the size of the image and filters then; most of
its time after the decoder goes there. Here the predicted IoU, which needs no mask, filters first.
The masks that come out are the same.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from culture_perception.models.canvas_predictor import CanvasPredictor
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.point_prompts import CentrePrompts, grid_points
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything import SamAutomaticMaskGenerator  # noqa: E402
from segment_anything.modeling import Sam  # noqa: E402
from segment_anything.utils.amg import (  # noqa: E402
    MaskData,
    batched_mask_to_box,
    build_all_layer_point_grids,
    calculate_stability_score,
    is_box_near_crop_edge,
    mask_to_rle_pytorch,
    uncrop_masks,
)


class MaskGenerator(SamAutomaticMaskGenerator):  # type: ignore[misc]
    """`SamAutomaticMaskGenerator` for our options; `generate` is the published one."""

    def __init__(self, sam: Sam, options: MaskGeneratorOptions) -> None:
        """Take a `Sam` in evaluation mode; `centre_prompts` needs a small one."""
        grids = _grids(options)
        super().__init__(
            sam,
            points_per_side=None,
            points_per_batch=options.points_per_batch,
            pred_iou_thresh=options.pred_iou_thresh,
            stability_score_thresh=options.stability_score_thresh,
            stability_score_offset=options.stability_score_offset,
            box_nms_thresh=options.box_nms_thresh,
            crop_n_layers=options.crop_n_layers,
            crop_nms_thresh=options.crop_nms_thresh,
            crop_overlap_ratio=options.crop_overlap_ratio,
            crop_n_points_downscale_factor=options.crop_n_points_downscale_factor,
            point_grids=grids,
            min_mask_region_area=options.min_mask_region_area,
        )
        if isinstance(sam, CanvasSam):
            self.predictor = CanvasPredictor(sam)
        if options.centre_prompts:
            self.point_grids = CentrePrompts(
                self.predictor, options.centre_threshold, options.max_centres, grids
            )

    def _process_crop(
        self,
        image: NDArray[np.uint8],
        crop_box: list[int],
        crop_layer_idx: int,
        orig_size: tuple[int, ...],
    ) -> MaskData:
        """What the generator calls for each crop; it cannot itself take one without masks."""
        data = super()._process_crop(image, crop_box, crop_layer_idx, orig_size)
        data["crop_boxes"] = data["crop_boxes"].reshape(-1, 4)
        return data

    def _process_batch(
        self,
        points: NDArray[np.float64],
        im_size: tuple[int, ...],
        crop_box: list[int],
        orig_size: tuple[int, ...],
    ) -> MaskData:
        """What the generator calls for each batch of points (pixels of the crop)."""
        small, predicted_iou = self._decoded(points)
        passing = predicted_iou > self.pred_iou_thresh
        prompt, _ = torch.nonzero(passing, as_tuple=True)
        data = MaskData(
            masks=self._upsampled(small[passing])[..., : im_size[0], : im_size[1]],
            iou_preds=predicted_iou[passing],
            points=torch.as_tensor(points)[prompt.cpu()],
        )
        self._keep_stable(data)
        data["masks"] = data["masks"] > self.predictor.model.mask_threshold
        data["boxes"] = batched_mask_to_box(data["masks"])
        height, width = orig_size
        data.filter(~is_box_near_crop_edge(data["boxes"], crop_box, [0, 0, width, height]))
        whole = uncrop_masks(data["masks"], crop_box, height, width)
        data["rles"] = mask_to_rle_pytorch(whole)
        del data["masks"]
        return data

    def _decoded(self, points: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
        """Small logits (N, 3, h, w) and predicted IoU (N, 3) of N point prompts."""
        predictor: Any = self.predictor
        sam = predictor.model
        moved = predictor.transform.apply_coords(points, predictor.original_size)
        coordinates = torch.as_tensor(moved, device=predictor.device)[:, None, :]
        labels = torch.ones(coordinates.shape[:2], dtype=torch.int, device=predictor.device)
        sparse, dense = sam.prompt_encoder(points=(coordinates, labels), boxes=None, masks=None)
        decoded: tuple[Tensor, Tensor] = sam.mask_decoder(
            image_embeddings=predictor.features,
            image_pe=sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )
        return decoded

    def _upsampled(self, small: Tensor) -> Tensor:
        """Logits (M, h, w) at the size of the image that was encoded."""
        predictor: Any = self.predictor
        if not len(small):
            return small.new_zeros(0, *predictor.original_size)
        logits: Tensor = predictor.model.postprocess_masks(
            small[:, None], predictor.input_size, predictor.original_size
        )
        return logits[:, 0]

    def _keep_stable(self, data: MaskData) -> None:
        data["stability_score"] = calculate_stability_score(
            data["masks"], self.predictor.model.mask_threshold, self.stability_score_offset
        )
        if self.stability_score_thresh > 0.0:
            data.filter(data["stability_score"] >= self.stability_score_thresh)


def _grids(options: MaskGeneratorOptions) -> list[NDArray[np.float64]]:
    layers = options.crop_n_layers
    if options.points_per_side == 0:
        return [grid_points(0)] * (layers + 1)
    grids: list[NDArray[np.float64]] = build_all_layer_point_grids(
        options.points_per_side, layers, options.crop_n_points_downscale_factor
    )
    return grids
