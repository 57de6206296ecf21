"""Masks, their boxes and the id images that hold many of them.

A mask is bool (H, W), masks are bool (N, H, W). Boxes are (x0, y0, x1, y1) in pixels, half-open:
x1 and y1 lie just outside. An id image is uint16 (H, W), as mono16 in a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

MaskArray: TypeAlias = NDArray[np.bool_]
IdImage: TypeAlias = NDArray[np.uint16]
Uint8Array: TypeAlias = NDArray[np.uint8]
Float32Array: TypeAlias = NDArray[np.float32]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]
Box: TypeAlias = tuple[int, int, int, int]

BACKGROUND: Final = 0
"""Value in an id image where there is nothing."""
UNLABELLED: Final = 65535
"""Value in an id image where there is something that no label names."""


def box_of(mask: MaskArray) -> Box | None:
    """The tight half-open box (x0, y0, x1, y1) of a mask (H, W), or None if it is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True, eq=False)
class BoxedMask:
    """A mask kept only inside its box, as a message carries it.

    Attributes:
        box: half-open (x0, y0, x1, y1) in pixels of the full image.
        inside: (y1 - y0, x1 - x0) bool.
    """

    box: Box
    inside: MaskArray

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.box
        if min(x0, y0) < 0 or self.inside.shape != (y1 - y0, x1 - x0):
            raise ValueError(
                f"box {self.box} does not hold a mask of shape {self.inside.shape}; "
                "a box is half-open, (x0, y0, x1, y1) with x0 and y0 at least 0"
            )

    @property
    def area(self) -> int:
        """Set pixels."""
        return int(np.count_nonzero(self.inside))


def crop_to_box(mask: MaskArray) -> BoxedMask:
    """Cuts a mask (H, W) to its tight box, as a view; an empty one gives box (0, 0, 0, 0)."""
    x0, y0, x1, y1 = box = box_of(mask) or (0, 0, 0, 0)
    return BoxedMask(box, mask[y0:y1, x0:x1])


def paste(boxed: BoxedMask, shape_hw: tuple[int, int]) -> MaskArray:
    """The full-size mask (H, W) of a boxed one.

    Raises:
        ValueError: the box reaches out of an image of shape_hw.
    """
    x0, y0, x1, y1 = boxed.box
    if y1 > shape_hw[0] or x1 > shape_hw[1]:
        raise ValueError(
            f"box {boxed.box} reaches out of an image of {shape_hw[1]} x {shape_hw[0]} pixels; "
            "pass the shape (height, width) of the image that the mask was cut from"
        )
    mask = np.zeros(shape_hw, dtype=np.bool_)
    mask[y0:y1, x0:x1] = boxed.inside
    return mask


def id_image_from_masks(
    masks: Sequence[MaskArray] | MaskArray, ids: Sequence[int], shape_hw: tuple[int, int]
) -> IdImage:
    """Paints masks into an id image (H, W) uint16; where they overlap, the later one wins.

    Raises:
        ValueError: an id is not in 1 to 65535, or there are not as many ids as masks.
    """
    if len(masks) != len(ids):
        raise ValueError(f"{len(masks)} masks came with {len(ids)} ids; pass one id a mask")
    image = np.zeros(shape_hw, dtype=np.uint16)
    for mask, value in zip(masks, ids, strict=True):
        if not BACKGROUND < value <= UNLABELLED:
            raise ValueError(f"id {value} does not fit an id image; use 1 to {UNLABELLED}")
        image[mask] = value
    return image


def pairwise_iou(
    a: Sequence[MaskArray] | MaskArray, b: Sequence[MaskArray] | MaskArray
) -> FloatArray:
    """Intersection over union of each mask in a with each in b: (N, M) float64.

    The union of two empty masks is empty: their IoU is 0, as nothing was found.
    """
    return pairwise_iou_boxed([crop_to_box(mask) for mask in a], [crop_to_box(mask) for mask in b])


def pairwise_iou_boxed(a: Sequence[BoxedMask], b: Sequence[BoxedMask]) -> FloatArray:
    """As pairwise_iou, of boxed masks; pixels are compared only where boxes meet."""
    iou = np.zeros((len(a), len(b)), dtype=np.float64)
    areas_b = [other.area for other in b]
    for i, one in enumerate(a):
        area = one.area
        for j, other in enumerate(b):
            shared = _intersection(one, other)
            if shared:
                iou[i, j] = shared / (area + areas_b[j] - shared)
    return iou


def _intersection(a: BoxedMask, b: BoxedMask) -> int:
    x0, y0 = max(a.box[0], b.box[0]), max(a.box[1], b.box[1])
    x1, y1 = min(a.box[2], b.box[2]), min(a.box[3], b.box[3])
    if x0 >= x1 or y0 >= y1:
        return 0
    inside_a = a.inside[y0 - a.box[1] : y1 - a.box[1], x0 - a.box[0] : x1 - a.box[0]]
    inside_b = b.inside[y0 - b.box[1] : y1 - b.box[1], x0 - b.box[0] : x1 - b.box[0]]
    return int(np.count_nonzero(inside_a & inside_b))
