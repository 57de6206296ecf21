"""Imports torchvision beside a torch that its compiled operators were not built for.

The torchvision wheel on PyPI is built for CUDA. Beside a CPU-only torch its operators do not
load, and without `torchvision::nms` even `import torchvision` fails, although segment-anything
and open_clip need no other operator of it. This module registers that one in numpy.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

Operators = Literal["native", "substitute"]

_SCHEMAS: Final = tuple(
    f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" for name in ("nms", "qnms")
)
# A torch.library.Library takes its operators along when it is collected, so it lives here.
_libraries: Final[list[torch.library.Library]] = []


def ensure_torchvision() -> Operators:
    """Makes `import torchvision` work; call it before anything that imports torchvision.

    Returns:
        "native" where torchvision's own operators load, "substitute" where its `nms` is ours
        (CPU tensors only; every other compiled operator is then missing).

    Raises:
        RuntimeError: torchvision fails to import for another reason than its missing operators.
    """
    if _libraries:
        return "substitute"
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    else:
        return "native"
    _import_with_substitute()
    return "substitute"


def _import_with_substitute() -> None:
    """Registers the operator, then imports torchvision afresh."""
    _forget_torchvision()
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    library.impl("nms", _nms, "CPU")
    _libraries.append(library)
    torchvision = importlib.import_module("torchvision")
    # torchvision.ops asks this before each call; it only knows of its own compiled file.
    torchvision.extension._has_ops = lambda: True


def _forget_torchvision() -> None:
    """Removes the half-imported modules: Python would hand them out again."""
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]


def _nms(dets: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Implements the operator's schema on CPU tensors: float (N, 4), (N,) -> int64 (K,)."""
    boxes_xyxy = dets.detach().to(torch.float32).numpy()
    kept = suppress(boxes_xyxy, scores.detach().to(torch.float32).numpy(), iou_threshold)
    return torch.from_numpy(kept)


def suppress(
    boxes_xyxy: NDArray[np.float32], scores: NDArray[np.float32], iou_threshold: float
) -> NDArray[np.int64]:
    """Non-maximum suppression: of boxes that overlap too much, keeps the one of highest score.

    Args:
        boxes_xyxy: float (N, 4), corners in any one unit.
        scores: float (N,).
        iou_threshold: A box goes if its IoU with a kept one is greater than this.

    Returns:
        int64 (K,) indices of the kept boxes, highest score first (ties: lowest index first);
        (0,) for no boxes.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(int(best))
        order = order[~_overlap(boxes_xyxy[best], boxes_xyxy[order], iou_threshold)]
    return np.asarray(kept, dtype=np.int64)


def _overlap(
    box: NDArray[np.float32], boxes: NDArray[np.float32], iou_threshold: float
) -> NDArray[np.bool_]:
    """Tells which of `boxes` (M, 4) have an IoU greater than the threshold with `box` (4,)."""
    top_left = np.maximum(box[:2], boxes[:, :2])
    sides = np.clip(np.minimum(box[2:], boxes[:, 2:]) - top_left, 0, None)
    intersection = sides.prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    union = areas + (box[2:] - box[:2]).prod() - intersection
    # Without a division, two empty boxes (0 / 0) simply do not overlap, as in torchvision.
    overlapping: NDArray[np.bool_] = intersection > iou_threshold * union
    return overlapping
