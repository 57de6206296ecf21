"""The last rules between the masks that a generator found and the segments that are given out."""

from collections.abc import Sequence

import numpy as np

from culture_perception.masks import BoxedMask, Uint8Array, pairwise_iou_boxed
from culture_perception.models.edges import snap_to_edges
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.mask_proposals import MaskProposal
from culture_perception.protocols import Segment


def checked_image(image_rgb: Uint8Array) -> Uint8Array:
    """The image, contiguous.

    Raises:
        ValueError: it is not (H, W, 3) uint8.
    """
    if image_rgb.ndim != 3 or image_rgb.shape[2] != 3 or image_rgb.dtype != np.uint8:
        raise ValueError(
            f"image of shape {image_rgb.shape} and dtype {image_rgb.dtype}: "
            "give RGB as (H, W, 3) uint8"
        )
    return np.ascontiguousarray(image_rgb)


def refined(
    proposals: Sequence[MaskProposal], image_rgb: Uint8Array, options: MaskGeneratorOptions
) -> list[Segment]:
    """Segments of fitting area, without duplicates, edges snapped if asked for.

    Args:
        proposals: what was found in the image.
        image_rgb: (H, W, 3) uint8.
        options: min_area, max_area_share, mask_nms_thresh and snap_edges are read.

    Returns:
        Highest predicted IoU first; empty for no proposals.
    """
    height, width = image_rgb.shape[:2]
    least, most = max(options.min_area, 1), options.max_area_share * height * width
    fitting = [item for item in proposals if least <= item.packed.area <= most]
    unique = without_duplicates(fitting, options.mask_nms_thresh)
    unique.sort(key=_bound_iou, reverse=True)
    return [_segment(item, image_rgb, options.snap_edges) for item in unique]


def without_duplicates(proposals: Sequence[MaskProposal], iou_thresh: float) -> list[MaskProposal]:
    """Proposals without those that overlap a better one by more than `iou_thresh`, best first.

    Better is the higher product of predicted IoU and stability: each alone ranks worse. Box
    suppression, which the generator does, cannot tell a mask from its neighbour's of the same
    box, nor see that two boxes of one slanted object differ.
    """
    ranked = sorted(proposals, key=lambda item: _bound_iou(item) * item.stability, reverse=True)
    if iou_thresh >= 1.0:
        return ranked
    kept: list[MaskProposal] = []
    masks: list[BoxedMask] = []
    for item in ranked:
        mask = item.packed.boxed()
        if pairwise_iou_boxed([mask], masks).max(initial=0.0) <= iou_thresh:
            kept.append(item)
            masks.append(mask)
    return kept


def _bound_iou(proposal: MaskProposal) -> float:
    """The predicted IoU within 0 to 1, to which a model's head is not bound."""
    return min(max(proposal.predicted_iou, 0.0), 1.0)


def _segment(proposal: MaskProposal, image_rgb: Uint8Array, snap: bool) -> Segment:
    """A segment at full size, its edge moved if asked for and if anything of it would remain."""
    mask = proposal.mask((image_rgb.shape[0], image_rgb.shape[1]))
    if snap:
        snapped = snap_to_edges(mask, image_rgb)
        mask = snapped if snapped.any() else mask
    return Segment(mask, _bound_iou(proposal), proposal.stability)
