"""Table II: masks of a segmenter, named, against what is really there.

In each scene some labels are asked for: those of its objects, and absent ones. A label is said to
be there if a mask holds it with a probability of tau or more. With P labels present and A absent:
a true positive is a present label whose mask covers its object (IoU of hit_iou or more), any other
present label is a miss, a false positive is an absent label that is said to be there. A present
label on a wrong mask is a miss and no false positive: only so do the printed figures of the paper
obey their own algebra (accuracy = (recall + 1 - false positive rate) / 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.assignment import UNKNOWN, assign
from culture_perception.experiments.options import SegmentationOptions
from culture_perception.experiments.resampling import (
    Clusters,
    Estimate,
    divided,
    estimate,
    share_estimate,
)
from culture_perception.experiments.sightings import Found
from culture_perception.experiments.texts import Named
from culture_perception.masks import FloatArray, IntArray
from culture_perception.measure.scene_sets import Scene
from culture_perception.zero_shot import probabilities, similarity

COLUMNS: Final = ("present", "absent", "hit", "false", "iou")
"""Of a label asked for: whether it is present or absent, hit or falsely claimed, and the IoU of its
mask with its object (0 unless hit)."""
_PRESENT, _ABSENT, _HIT, _FALSE, _IOU = range(len(COLUMNS))


def _precision(sums: FloatArray) -> FloatArray:
    return divided(sums[..., _HIT], sums[..., _HIT] + sums[..., _FALSE])


def _recall(sums: FloatArray) -> FloatArray:
    return divided(sums[..., _HIT], sums[..., _PRESENT])


def _f1(sums: FloatArray) -> FloatArray:
    return divided(2 * sums[..., _HIT], sums[..., _HIT] + sums[..., _FALSE] + sums[..., _PRESENT])


def _accuracy(sums: FloatArray) -> FloatArray:
    """Mean of the shares of present labels found and of absent labels not claimed."""
    claimed = divided(sums[..., _FALSE], sums[..., _ABSENT])
    return np.asarray((_recall(sums) + 1 - claimed) / 2)


def _iou(sums: FloatArray) -> FloatArray:
    return divided(sums[..., _IOU], sums[..., _PRESENT])


def _hit_iou(sums: FloatArray) -> FloatArray:
    return divided(sums[..., _IOU], sums[..., _HIT])


STATISTICS: Final[Mapping[str, Callable[[FloatArray], FloatArray]]] = {
    "f1": _f1,
    "iou": _iou,
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "iou_of_hits": _hit_iou,
}
"""From sums of COLUMNS. iou: mean over present labels, a miss counts 0; iou_of_hits: over hits."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The labels asked for, over all scenes.

    Attributes:
        scene: (N,) number of the scene.
        concepts: (N,) of the label.
        thing: (N,) number of its object in the scene; -1 where it is absent.
        clusters: scene and object of each.
    """

    scene: IntArray
    concepts: NDArray[np.str_]
    thing: IntArray
    clusters: Clusters


@dataclass(frozen=True, eq=False)
class Dealt:
    """Which mask of a scene holds each label of a cell.

    Attributes:
        holders: (C,) number of the mask in Found; -1: none.
        probability: (C,) of the label for that mask; 0: none.
    """

    holders: IntArray
    probability: FloatArray

    def label_of(self, mask: int) -> int | None:
        """The most probable label that a mask holds; None for none."""
        own = np.flatnonzero(self.holders == mask)
        return int(own[self.probability[own].argmax()]) if len(own) else None


@dataclass(frozen=True, eq=False)
class Claims:
    """What a cell's labels make of the masks.

    Attributes:
        columns: (N, 5) float64, COLUMNS of each label asked for.
        dealt: of each scene, all labels.
    """

    columns: FloatArray
    dealt: tuple[Dealt, ...]


@dataclass(frozen=True)
class Segmented:
    """A cell of Table II: an Estimate for each of STATISTICS, and what they are of."""

    figures: Mapping[str, Estimate]
    n: int
    scenes: int
    objects: int


def asked_in(
    scenes: Sequence[Scene], concepts: Sequence[str], options: SegmentationOptions
) -> Asked:
    """The labels asked for: all that are present, and absent ones drawn by the scene's seed.

    Args:
        scenes: whose objects are there.
        concepts: of all labels of the set; objects of other concepts are not asked for.
        options: `negatives` counts here.
    """
    rows: list[tuple[int, str, int]] = []
    for number, scene in enumerate(scenes):
        present = {
            one.concept_id: i for i, one in enumerate(scene.objects) if one.concept_id in concepts
        }
        absent = [one for one in concepts if one not in present]
        if options.negatives == "equal":
            order = np.random.default_rng(scene.seed).permutation(len(absent))
            absent = [absent[i] for i in sorted(order[: len(present)])]
        rows += [(number, concept, i) for concept, i in present.items()]
        rows += [(number, concept, -1) for concept in absent]
    names = np.array([concept for _, concept, _ in rows], dtype=np.str_)
    numbers = np.array([number for number, _, _ in rows], dtype=np.intp)
    seeds = np.array([str(scenes[number].seed) for number in numbers], dtype=np.str_)
    return Asked(
        scene=numbers,
        concepts=names,
        thing=np.array([thing for _, _, thing in rows], dtype=np.intp),
        clusters=Clusters(seeds, names),
    )


def claim(
    asked: Asked,
    scenes: Sequence[Scene],
    found: Sequence[Found],
    named: Named,
    logit_scale: float,
    options: SegmentationOptions,
) -> Claims:
    """Deals a cell's labels out to the masks of each scene and judges those asked for."""
    column_of = {concept: i for i, concept in enumerate(named.bank.labels.concept_ids)}
    dealt = tuple(
        deal(seen, scene, named, logit_scale, options)
        for scene, seen in zip(scenes, found, strict=True)
    )
    columns = np.zeros((len(asked.scene), len(COLUMNS)))
    for row, (number, concept) in enumerate(zip(asked.scene, asked.concepts, strict=True)):
        mask = int(dealt[number].holders[column_of[str(concept)]])
        columns[row] = _judged(int(asked.thing[row]), mask, found[number], options)
    return Claims(columns, dealt)


def deal(
    seen: Found, scene: Scene, named: Named, logit_scale: float, options: SegmentationOptions
) -> Dealt:
    """Which mask of a scene holds each of a cell's C labels."""
    labels = named.bank.labels.concept_ids
    stable = np.flatnonzero(seen.stability > options.stability)
    cosines = similarity(seen.embeddings[options.crop][stable], named.bank.embeddings)
    if options.over == "scene":
        there = {thing.concept_id for thing in scene.objects}
        cosines[:, [label not in there for label in labels]] = -np.inf
    chances = probabilities(cosines, logit_scale)
    holders, held = np.full(len(labels), -1, dtype=np.intp), np.zeros(len(labels))
    for column, row in _pairs(chances, options).items():
        holders[column], held[column] = stable[row], chances[row, column]
    return Dealt(holders, held)


def _pairs(chances: FloatArray, options: SegmentationOptions) -> dict[int, int]:
    """Label to mask, of those that reach tau."""
    if not chances.size:
        return {}
    enough = chances >= options.tau
    if options.dealing == "per_label":
        best = chances.argmax(axis=0)
        return {c: int(r) for c, r in enumerate(best) if enough[r, c]}
    names = assign(chances, enough, "one_to_one" if options.dealing == "one_to_one" else "greedy")
    return {int(c): r for r, c in enumerate(names) if c != UNKNOWN}


def _judged(thing: int, mask: int, seen: Found, options: SegmentationOptions) -> list[float]:
    claimed = mask >= 0
    if thing < 0:
        return [0.0, 1.0, 0.0, float(claimed), 0.0]
    overlap = float(seen.overlaps[mask, thing]) if claimed else 0.0
    hit = claimed and overlap >= options.hit_iou
    return [1.0, 0.0, float(hit), 0.0, overlap if hit else 0.0]


def segmented(asked: Asked, claims: Claims) -> Segmented:
    """The figures of a cell."""
    present = asked.thing >= 0
    figures = {
        name: estimate(claims.columns, asked.clusters, statistic)
        for name, statistic in STATISTICS.items()
    }
    own = Clusters(asked.clusters.scenes[present], asked.clusters.objects[present])
    figures["recall"] = share_estimate(claims.columns[present, _HIT] > 0, own)
    return Segmented(
        figures=figures,
        n=int(present.sum()),
        scenes=len(np.unique(asked.clusters.scenes)),
        objects=len(np.unique(asked.concepts[present])),
    )
