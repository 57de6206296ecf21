"""COCO's average precision and panoptic quality of what an experiment found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from culture_perception.experiments.mask_metrics import (
    MISSING,
    SceneMasks,
    average_precision,
    panoptic_quality,
)
from culture_perception.experiments.segmentation import Dealt
from culture_perception.experiments.sightings import Found
from culture_perception.masks import BoxedMask
from culture_perception.measure.scene_sets import Scene


def class_free(
    truth: Sequence[Sequence[BoxedMask]], found: Sequence[Found], shape_hw: tuple[int, int]
) -> Mapping[str, float]:
    """Figures of masks alone, ranked by predicted IoU; {} where the libraries are missing.

    Args:
        truth: true masks of each scene.
        found: masks of each scene.
        shape_hw: of all pictures, pixels.
    """
    if MISSING:
        return {}
    scenes = [
        SceneMasks(
            shape_hw,
            true,
            np.zeros(len(true), np.intp),
            seen.masks,
            np.zeros(len(seen.masks), np.intp),
            seen.predicted_iou.astype(np.float64),
        )
        for true, seen in zip(truth, found, strict=True)
    ]
    return {**average_precision(scenes), **panoptic_quality(scenes, 1)}


def named(
    truth: Sequence[Sequence[BoxedMask]],
    scenes: Sequence[Scene],
    found: Sequence[Found],
    dealt: Sequence[Dealt],
    concepts: Sequence[str],
    shape_hw: tuple[int, int],
) -> Mapping[str, float]:
    """Figures of masks with their names, ranked by probability; {} where libraries are missing.

    Args:
        truth: true masks of each scene.
        scenes: what the true masks are.
        found: masks of each scene.
        dealt: which of them hold which label.
        concepts: of the labels; true objects of others are left out.
        shape_hw: of all pictures, pixels.
    """
    if MISSING:
        return {}
    column = {concept: i for i, concept in enumerate(concepts)}
    both = [
        _named_scene(column, scene, true, seen, names, shape_hw)
        for scene, true, seen, names in zip(scenes, truth, found, dealt, strict=True)
    ]
    return {**average_precision(both), **panoptic_quality(both, len(concepts))}


def _named_scene(
    column: Mapping[str, int],
    scene: Scene,
    truth: Sequence[BoxedMask],
    seen: Found,
    names: Dealt,
    shape_hw: tuple[int, int],
) -> SceneMasks:
    known = [i for i, thing in enumerate(scene.objects) if thing.concept_id in column]
    held = np.flatnonzero(names.holders >= 0)
    return SceneMasks(
        shape_hw=shape_hw,
        truth=[truth[i] for i in known],
        truth_classes=np.array([column[scene.objects[i].concept_id] for i in known], np.intp),
        found=[seen.masks[names.holders[label]] for label in held],
        found_classes=held,
        scores=names.probability[held],
    )
