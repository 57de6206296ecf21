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
        In the order and with the scores of the proposals, of which those without a pixel are
        always left out; empty for no proposals.
    """
    height, width = image_rgb.shape[:2]
    least, most = max(options.min_area, 1), options.max_area_share * height * width
    fitting = [item for item in proposals if least <= item.packed.area <= most]
    unique = without_duplicates(fitting, options.mask_nms_thresh)
    return [_segment(item, image_rgb, options.snap_edges) for item in unique]


def without_duplicates(proposals: Sequence[MaskProposal], iou_thresh: float) -> list[MaskProposal]:
    """Proposals without those that overlap a better one by more than `iou_thresh`, in their order.

    Better is the higher product of predicted IoU and stability: each alone ranks worse. Box
    suppression, which the generator does, cannot tell a mask from its neighbour's of the same
    box, nor see that two boxes of one slanted object differ.
    """
    if iou_thresh >= 1.0:
        return list(proposals)
    ranked = sorted(range(len(proposals)), key=lambda i: _quality(proposals[i]), reverse=True)
    kept: list[int] = []
    masks: list[BoxedMask] = []
    for index in ranked:
        mask = proposals[index].packed.boxed()
        if pairwise_iou_boxed([mask], masks).max(initial=0.0) <= iou_thresh:
            kept.append(index)
            masks.append(mask)
    return [proposals[index] for index in sorted(kept)]


def _quality(proposal: MaskProposal) -> float:
    """Predicted IoU, which a head does not bind to 0 to 1 as an IoU is, times stability."""
    return min(max(proposal.predicted_iou, 0.0), 1.0) * proposal.stability


def _segment(proposal: MaskProposal, image_rgb: Uint8Array, snap: bool) -> Segment:
    """A segment at full size, its edge moved if asked for and if anything of it would remain."""
    mask = proposal.mask((image_rgb.shape[0], image_rgb.shape[1]))
    if snap:
        snapped = snap_to_edges(mask, image_rgb)
        mask = snapped if snapped.any() else mask
    return Segment(mask, proposal.predicted_iou, proposal.stability)
