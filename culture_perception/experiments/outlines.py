"""Outlines of masks, for pictures that can be drawn over."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from culture_perception.masks import BoxedMask

Ring: TypeAlias = tuple[tuple[int, int], ...]
Outline: TypeAlias = tuple[Ring, ...]

_TOLERANCE_PX = 1.0


def outline(boxed: BoxedMask) -> Outline:
    """Outer rings of a mask, corners (x, y) in pixels of the full image; () for an empty mask."""
    x0, y0 = boxed.box[:2]
    rings, _ = cv2.findContours(
        boxed.inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    simple = [cv2.approxPolyDP(ring, _TOLERANCE_PX, True).reshape(-1, 2) for ring in rings]
    return tuple(
        tuple((int(x) + x0, int(y) + y0) for x, y in ring) for ring in simple if len(ring) > 2
    )
