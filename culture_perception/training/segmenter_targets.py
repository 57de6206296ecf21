"""Prompts, masks and dense maps that a view teaches the segmenter.

Prompts are what inference gives: a single point, sometimes a box. Points on the table are part of
every image, with an empty mask: without them the IoU head never learns to say "nothing here".
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from culture_perception.models.small_image_encoder import (
    CENTRE,
    EDGE,
    FOREGROUND,
    MAP_STRIDE,
    OFFSET_UNIT_CELLS,
    OFFSET_X,
    OFFSET_Y,
)
from culture_perception.training.segmenter_augment import View, random_view
from culture_perception.training.segmenter_data import Frame, FrameRecord, read_frame

MIN_AREA_SHARE = 60.0 / (384 * 288)
"""Objects smaller than this share of the canvas are not prompted."""
BOX_SHARE = 0.1
"""Share of the object prompts that are boxes."""
CENTRAL_SHARE = 0.5
"""Share of the object points deep inside the object, where centre peaks lie at inference."""


@dataclass(frozen=True)
class Prompts:
    """Prompts of one image and what each should give.

    Attributes:
        corners: (K, 2, 2) float32 pixels (x, y): a point twice, or a box's two corners.
        is_box: (K,) bool.
        masks: (K, H, W) float32, all 0 for a point on the background.
        is_background: (K,) bool.
    """

    corners: NDArray[np.float32]
    is_box: NDArray[np.bool_]
    masks: NDArray[np.float32]
    is_background: NDArray[np.bool_]


@dataclass(frozen=True)
class Batch:
    """A training batch: `Prompts` stacked over B images, with images and dense maps.

    Attributes:
        images: (B, 3, H, W) float32, 0 to 255.
        corners: (B, K, 2, 2) float32.
        is_box: (B, K) bool.
        masks: (B, K, H, W) float32.
        is_background: (B, K) bool.
        maps: (B, 5, H/4, W/4) float32, channels as the dense head's.
    """

    images: Tensor
    corners: Tensor
    is_box: Tensor
    masks: Tensor
    is_background: Tensor
    maps: Tensor


def random_batch(
    frames: list[FrameRecord], size: int, width: int, prompts: int, rng: np.random.Generator
) -> Batch:
    """Draw `size` views with `prompts` prompts each on a canvas of the given width."""
    views = [_view_with_objects(frames, width, rng) for _ in range(size)]
    drawn = [sample_prompts(view.ids, prompts, rng) for view in views]
    return Batch(
        images=torch.from_numpy(np.stack([view.image for view in views])).permute(0, 3, 1, 2),
        corners=torch.from_numpy(np.stack([item.corners for item in drawn])),
        is_box=torch.from_numpy(np.stack([item.is_box for item in drawn])),
        masks=torch.from_numpy(np.stack([item.masks for item in drawn])),
        is_background=torch.from_numpy(np.stack([item.is_background for item in drawn])),
        maps=torch.from_numpy(np.stack([dense_targets(view.ids) for view in views])),
    )


def sample_prompts(ids: NDArray[np.uint8], count: int, rng: np.random.Generator) -> Prompts:
    """Draw `count` prompts for an id image (H, W); one or two of them on the background."""
    corners = np.zeros((count, 2, 2), np.float32)
    is_box = np.zeros(count, np.bool_)
    masks = np.zeros((count, *ids.shape), np.float32)
    objects = rng.permutation(large_ids(ids))
    background = min(count, 1 + int(rng.random() < 0.5)) if len(objects) else count
    table_distance = _distance_inside(ids == 0)
    for index in range(background):
        corners[index] = _background_point(table_distance, rng)
    for index in range(background, count):
        mask = ids == objects[(index - background) % len(objects)]
        masks[index] = mask
        is_box[index] = rng.random() < BOX_SHARE
        corners[index] = _noisy_box(mask, rng) if is_box[index] else _object_point(mask, rng)
    return Prompts(corners, is_box, masks, np.arange(count) < background)


def dense_targets(ids: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Targets (5, H/4, W/4) of the dense head for an id image (H, W), H and W multiples of 4."""
    half = MAP_STRIDE // 2
    coarse = ids[half::MAP_STRIDE, half::MAP_STRIDE]
    maps = np.zeros((5, *coarse.shape), np.float32)
    maps[FOREGROUND] = _shrunk(ids > 0, coarse.shape)
    maps[EDGE] = _shrunk(_edges(ids), coarse.shape) > 0.1
    grid_y, grid_x = np.mgrid[0 : coarse.shape[0], 0 : coarse.shape[1]].astype(np.float32)
    for value in large_ids(ids):
        mask = coarse == value
        if np.count_nonzero(mask) < 3:
            continue
        x, y = _centre_cell(mask)
        spread = max(0.8, 0.22 * float(np.sqrt(np.count_nonzero(mask))))
        square = (grid_x - x) ** 2 + (grid_y - y) ** 2
        heat = np.exp(-square / (2.0 * spread**2)) * mask
        maps[CENTRE] = np.maximum(maps[CENTRE], heat)
        maps[OFFSET_X][mask] = (x - grid_x[mask]) / OFFSET_UNIT_CELLS
        maps[OFFSET_Y][mask] = (y - grid_y[mask]) / OFFSET_UNIT_CELLS
    return maps


def large_ids(ids: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Ids of the objects large enough to learn from, ascending; empty where there is none."""
    areas = np.bincount(ids.ravel(), minlength=1)
    areas[0] = 0
    large: NDArray[np.int64] = np.flatnonzero(areas >= MIN_AREA_SHARE * ids.size)
    return large


def _view_with_objects(frames: list[FrameRecord], width: int, rng: np.random.Generator) -> View:
    """A random view, with an object in it unless five frames in a row show none."""
    for _ in range(5):
        frame: Frame = read_frame(frames[int(rng.integers(len(frames)))])
        view = random_view(frame, width, rng)
        if len(large_ids(view.ids)):
            break
    return view


def _distance_inside(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance in pixels of each cell of a mask to the nearest cell outside it."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _random_pixel(mask: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    chosen = int(rng.integers(len(rows)))
    return columns[chosen] + 0.5, rows[chosen] + 0.5


def _background_point(
    table_distance: NDArray[np.float32], rng: np.random.Generator
) -> tuple[float, float]:
    """A point off the objects: far from them, or (harder) just beside one."""
    near = rng.random() < 0.4
    allowed = (table_distance > 1.5) & (table_distance < 8.0) if near else table_distance > 6.0
    if not allowed.any():
        allowed = table_distance > 0.0
    return _random_pixel(allowed, rng) if allowed.any() else (0.5, 0.5)


def _object_point(mask: NDArray[np.bool_], rng: np.random.Generator) -> tuple[float, float]:
    if rng.random() < CENTRAL_SHARE:
        distance = _distance_inside(mask)
        mask = mask & (distance >= 0.5 * distance.max())
    return _random_pixel(mask, rng)


def _noisy_box(mask: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    box = np.array(
        [[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]], dtype=np.float64
    )
    noisy: NDArray[np.float64] = box + rng.normal(0.0, 0.06, (2, 2)) * (box[1] - box[0])
    return noisy


def _shrunk(mask: NDArray[np.bool_], shape_hw: tuple[int, ...]) -> NDArray[np.float32]:
    size = (shape_hw[1], shape_hw[0])
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _edges(ids: NDArray[np.uint8]) -> NDArray[np.bool_]:
    edges = np.zeros(ids.shape, np.bool_)
    edges[:-1] |= ids[1:] != ids[:-1]
    edges[:, :-1] |= ids[:, 1:] != ids[:, :-1]
    return edges


def _centre_cell(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """The cell (x, y) deepest inside a mask; among equals the one nearest to their mean."""
    distance = _distance_inside(np.pad(mask, 1))[1:-1, 1:-1]
    rows, columns = np.nonzero(distance >= 0.9 * distance.max())
    square = (rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2
    nearest = int(np.argmin(square))
    return int(columns[nearest]), int(rows[nearest])
