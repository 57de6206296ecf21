"""Figures of masks that the field has libraries for: COCO's average precision, panoptic quality.

Both come with the extra `experiments`: pycocotools and torchmetrics.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from culture_perception.masks import Box, BoxedMask, IntArray, paste

MISSING: Final = tuple(
    name for name in ("pycocotools", "torchmetrics") if importlib.util.find_spec(name) is None
)
"""Libraries that are not installed."""


@dataclass(frozen=True, eq=False)
class SceneMasks:
    """The masks of one scene, true and found, with the class of each.

    Attributes:
        shape_hw: of the image, pixels.
        truth: true masks.
        truth_classes: (M,) 0 or more.
        found: masks found.
        found_classes: (N,) 0 or more.
        scores: (N,) higher is surer.
    """

    shape_hw: tuple[int, int]
    truth: Sequence[BoxedMask]
    truth_classes: IntArray
    found: Sequence[BoxedMask]
    found_classes: IntArray
    scores: np.ndarray[Any, np.dtype[np.float64]]


def average_precision(scenes: Sequence[SceneMasks]) -> Mapping[str, float]:
    """COCO's AP over IoU .5 to .95, AP50, AP75 and the recall AR100, by pycocotools.

    Classes that no scene has are left out. NaN where there is no true mask.
    """
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    names = ("ap", "ap50", "ap75", "ar100")
    truth, found = _annotations(scenes)
    if not truth:
        return dict.fromkeys(names, math.nan)
    with contextlib.redirect_stdout(io.StringIO()):  # it tells its progress there
        coco = COCO()
        kinds = sorted({entry["category_id"] for entry in truth})
        coco.dataset = {
            "images": [
                {"id": i, "height": scene.shape_hw[0], "width": scene.shape_hw[1]}
                for i, scene in enumerate(scenes)
            ],
            "annotations": truth,
            "categories": [{"id": kind} for kind in kinds],
        }
        coco.createIndex()
        if not found:
            return dict.fromkeys(names, 0.0)
        judge = COCOeval(coco, coco.loadRes(found), "segm")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    stats = [float(judge.stats[i]) for i in (0, 1, 2, 8)]
    return dict(zip(names, (math.nan if value < 0 else value for value in stats), strict=True))


def _annotations(
    scenes: Sequence[SceneMasks],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    truth: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for image, scene in enumerate(scenes):
        for mask, kind in zip(scene.truth, scene.truth_classes.tolist(), strict=True):
            entry = _entry(image, mask, kind, scene.shape_hw)
            truth.append({**entry, "id": len(truth) + 1, "iscrowd": 0, "area": mask.area})
        for mask, kind, score in zip(
            scene.found, scene.found_classes.tolist(), scene.scores.tolist(), strict=True
        ):
            found.append({**_entry(image, mask, kind, scene.shape_hw), "score": score})
    return truth, found


def _entry(image: int, mask: BoxedMask, kind: int, shape_hw: tuple[int, int]) -> dict[str, Any]:
    from pycocotools import mask as coding

    code = coding.encode(np.asfortranarray(paste(mask, shape_hw).astype(np.uint8)))
    return {"image_id": image, "category_id": kind, "segmentation": code}


def panoptic_quality(scenes: Sequence[SceneMasks], classes: int) -> Mapping[str, float]:
    """Panoptic, segmentation and recognition quality, by torchmetrics; the background counts not.

    Classes that neither truth nor masks have are left out of the mean. Where found masks overlap,
    the surer one has the pixel.

    Args:
        scenes: what was found.
        classes: how many there may be.

    Returns:
        pq, sq and rq, 0 to 1; NaN where there is no mask at all.
    """
    from culture_perception.models.torchvision_compat import ensure_torchvision

    ensure_torchvision()  # torchmetrics imports it
    import torch
    from torchmetrics.detection import PanopticQuality

    # The background is the one stuff class; its own quality is taken out of the mean again.
    judge = PanopticQuality(
        things=set(range(classes)),
        stuffs={classes},
        return_sq_and_rq=True,
        return_per_class=True,
    )
    for scene in scenes:
        order = np.argsort(scene.scores, kind="stable")
        found = [scene.found[i] for i in order]
        window = _window([*found, *scene.truth])
        painted = _painted(window, found, scene.found_classes[order], classes)
        true = _painted(window, scene.truth, scene.truth_classes, classes)
        judge.update(torch.from_numpy(painted[None]), torch.from_numpy(true[None]))
    denominator = judge.true_positives + 0.5 * (judge.false_positives + judge.false_negatives)
    counted = denominator[:classes] > 0
    if not bool(counted.any()):
        return dict.fromkeys(("pq", "sq", "rq"), math.nan)
    figures = judge.compute()[:classes][counted].mean(dim=0)
    return dict(zip(("pq", "sq", "rq"), figures.tolist(), strict=True))


def _window(masks: Sequence[BoxedMask]) -> Box:
    """What holds all masks, and a pixel where there are none: outside, all is background."""
    boxes = np.array([mask.box for mask in masks] or [(0, 0, 1, 1)])
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _painted(
    window: Box, masks: Sequence[BoxedMask], kinds: IntArray, background: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """(h, w, 2) class and number of the mask of each pixel of a window; later masks lie on top."""
    left, top, right, bottom = window
    picture = np.zeros((bottom - top, right - left, 2), dtype=np.int64)
    picture[..., 0] = background
    for number, (mask, kind) in enumerate(zip(masks, kinds.tolist(), strict=True), start=1):
        x0, y0, x1, y1 = mask.box
        part = picture[y0 - top : y1 - top, x0 - left : x1 - left]
        part[mask.inside] = (kind, number)
    return picture
