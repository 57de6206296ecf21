"""The points of a mask: which pixels have depth, and where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from culture_perception.intrinsics import Intrinsics, rays
from culture_perception.masks import BoxedMask, Float32Array, MaskArray

Uint32Array: TypeAlias = NDArray[np.uint32]

_NEIGHBOURS: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class PointOptions:
    """Which pixels of a mask are believed.

    A mask's border is never exact, and at the border of an object a depth camera mixes what is
    before with what is behind ("flying pixels"). So the pixels within `border_px` of a mask's
    border count only if the surface inside goes on in them, step by step. Parts that are all
    border, such as a handle, count as they are.

    Over 100 objects of 20 simulated scenes this took the error of a box's centre from 31 to 1.7 mm
    (median) where masks are one pixel too wide, 32 to 2.9 mm where they are two, and cost .1 mm
    where they are exact; to erode them by one pixel costs 2.4 mm there.

    Attributes:
        border_px: width of the border that is doubted, pixels; less where a thing is so thin that
            not a quarter of it would be left. 0: none.
        max_slope: how steeply a surface may go on, metres of depth a metre across (tangent of its
            angle to the image plane).
        slack_m: added to the step of depth that this allows from a pixel to the next, for the
            camera's noise, metres.
        max_gap_m: the depths of a mask are sorted; where neighbours are further apart than this
            and a pixel's step of max_slope, only the part with the median is kept. It takes away
            what is far before or behind, but not a table, whose depth goes on. 0: all are kept.
    """

    border_px: int = 3
    max_slope: float = 4.0
    slack_m: float = 0.005
    max_gap_m: float = 0.03

    def __post_init__(self) -> None:
        numbers = (self.border_px, self.max_slope, self.slack_m, self.max_gap_m)
        if not all(one >= 0 for one in numbers):  # NaN is not
            raise ValueError(
                f"border_px {self.border_px}, max_slope {self.max_slope}, slack_m {self.slack_m} "
                f"and max_gap_m {self.max_gap_m} must be 0 or more"
            )


@dataclass(frozen=True, eq=False)
class MaskPoints:
    """Points of one mask.

    Attributes:
        indices: uint32 (N,), row * width + column of each point's pixel, rising.
        points: float32 (N, 3), metres.
    """

    indices: Uint32Array
    points: Float32Array

    def __len__(self) -> int:
        return len(self.indices)


def points_of_mask(
    mask: BoxedMask,
    depth_m: Float32Array,
    intrinsics: Intrinsics,
    options: PointOptions | None = None,
) -> MaskPoints:
    """The points of a mask in the optical frame (x right, y down, z forward).

    Args:
        mask: in the pixels of the depth image.
        depth_m: float32 (H, W), metres along the optical axis, NaN for nothing.
        intrinsics: of the depth image.
        options: which pixels are believed.

    Returns:
        Points of the pixels that have depth; none for an empty mask or one without depth.

    Raises:
        ValueError: mask, depth and intrinsics are of different sizes.
    """
    options = options or PointOptions()
    x0, y0, x1, y1 = mask.box
    _check_sizes(mask, depth_m, intrinsics)
    window = np.s_[y0:y1, x0:x1]
    depth = depth_m[window]
    pixel_m = depth / np.float32(min(intrinsics.fx, intrinsics.fy))
    step_m = options.max_slope * pixel_m + options.slack_m
    rows, columns = np.nonzero(_believed(mask.inside, depth, step_m, options.border_px))
    near = _around_median(depth[rows, columns], step_m[rows, columns], options.max_gap_m)
    rows, columns = rows[near], columns[near]
    z = depth[rows, columns]
    indices = ((rows + y0) * intrinsics.width + columns + x0).astype(np.uint32)
    points = np.empty((len(z), 3), dtype=np.float32)
    np.multiply(rays(intrinsics)[window][rows, columns], z[:, None], out=points[:, :2])
    points[:, 2] = z
    return MaskPoints(indices, points)


def _check_sizes(mask: BoxedMask, depth_m: Float32Array, intrinsics: Intrinsics) -> None:
    if depth_m.shape != (intrinsics.height, intrinsics.width):
        raise ValueError(
            f"depth of shape {depth_m.shape} does not belong to intrinsics of "
            f"{(intrinsics.height, intrinsics.width)}; pass those of the depth image"
        )
    if mask.box[2] > intrinsics.width or mask.box[3] > intrinsics.height:
        raise ValueError(
            f"box {mask.box} reaches out of a depth image of {intrinsics.width} x "
            f"{intrinsics.height} pixels; pass depth that is aligned to the masks' image"
        )


def _believed(
    inside: MaskArray, depth: Float32Array, step_m: Float32Array, border_px: int
) -> MaskArray:
    """Pixels with depth, without those of the border in which the inner surface does not go on."""
    with_depth: MaskArray = inside & np.isfinite(depth)
    core, width = _core(with_depth, border_px)
    core |= _thin_parts(with_depth, core, width)
    for _ in range(width):
        # NaN would spread; beyond any depth, these lose against what is known.
        highest = cv2.dilate(np.where(core, depth, np.float32(-np.inf)), _NEIGHBOURS)
        lowest = cv2.erode(np.where(core, depth, np.float32(np.inf)), _NEIGHBOURS)
        goes_on = (depth <= highest + step_m) & (depth >= lowest - step_m)
        core |= with_depth & goes_on
    return core


def _core(with_depth: MaskArray, border_px: int) -> tuple[MaskArray, int]:
    """What is left without a border, and how wide that border is: up to border_px."""
    enough = np.count_nonzero(with_depth) / 4
    padded = np.pad(with_depth, border_px).view(np.uint8)
    for width in range(border_px, 0, -1):
        left = cv2.erode(padded, _NEIGHBOURS, iterations=width)
        core = left[border_px:-border_px, border_px:-border_px].astype(np.bool_)
        if np.count_nonzero(core) >= max(1.0, enough):
            return core, width
    return with_depth, 0


def _thin_parts(with_depth: MaskArray, core: MaskArray, width: int) -> MaskArray:
    """Parts without a core. The corners that are left of a rim around a good core are smaller."""
    none = np.zeros_like(core)
    if width == 0:
        return none
    thin = with_depth & ~cv2.dilate(core.view(np.uint8), _NEIGHBOURS, iterations=width).view(bool)
    if not thin.any():
        return none
    _, parts, figures, _ = cv2.connectedComponentsWithStats(thin.view(np.uint8))
    large = figures[:, cv2.CC_STAT_AREA] >= 4 * width**2
    large[0] = False  # what is not thin
    return np.asarray(large[parts])


def _around_median(depth: Float32Array, step_m: Float32Array, max_gap_m: float) -> MaskArray:
    """Bool (N,): which of the depths hang together with the median without a large gap."""
    if len(depth) == 0 or max_gap_m == 0:
        return np.ones(len(depth), dtype=np.bool_)
    ordered = np.sort(depth)
    middle = len(ordered) // 2
    gaps = np.flatnonzero(np.diff(ordered) > max_gap_m + step_m.max())
    below, above = gaps[gaps < middle], gaps[gaps >= middle]
    low = ordered[below[-1] + 1] if len(below) else ordered[0]
    high = ordered[above[0]] if len(above) else ordered[-1]
    return np.asarray((depth >= low) & (depth <= high))
