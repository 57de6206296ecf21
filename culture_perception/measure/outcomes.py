"""What models make of scenes: seen once, kept without pictures, counted in many ways later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culture_perception.given_segments import GivenSegments
from culture_perception.masks import (
    Float32Array,
    FloatArray,
    MaskArray,
    Uint8Array,
    crop_to_box,
    pairwise_iou,
)
from culture_perception.measure.scene_sets import Scene, ScenePictures, read_scene
from culture_perception.metrics import Counts, ResultObject, TruthObject, score_frame
from culture_perception.protocols import Encoder, Segment, Segmenter
from culture_perception.recognition import name_segments, observe
from culture_perception.results import Observation, Recognition
from culture_perception.zero_shot import TextBank

MIN_VISIBILITY: Final = 0.5
"""Objects of which less is seen don't count."""

Cell: TypeAlias = tuple[str, str, str]
"""Label set, language and style."""


@dataclass(frozen=True, eq=False)
class Masks:
    """The masks of one scene against its objects.

    Attributes:
        overlaps: (N, M) IoU of each mask with each object.
        counts: (M,) bool: the object is visible enough to count.
        predicted_iou: (N,) as the segmenter says.
        stability: (N,) as the segmenter says.
        seconds: time that the masks took.
    """

    overlaps: FloatArray
    counts: NDArray[np.bool_]
    predicted_iou: FloatArray
    stability: FloatArray
    seconds: float


@dataclass(frozen=True, eq=False)
class Crops:
    """Embeddings of the objects of scenes, cut by their ground-truth masks as recognition does.

    Attributes:
        embeddings: float32 (N, D) unit rows.
        concept_ids: (N,) what each shows.
        scenes: (N,) number of the scene of each, from 0.
    """

    embeddings: Float32Array
    concept_ids: tuple[str, ...]
    scenes: NDArray[np.int64]


def visible_enough(scene: Scene) -> NDArray[np.bool_]:
    """(M,) bool: which objects of a scene count."""
    return np.array([thing.visibility >= MIN_VISIBILITY for thing in scene.objects], np.bool_)


def segment_scene(
    segmenter: Segmenter, scene: Scene, pictures: ScenePictures
) -> tuple[Masks, list[Segment]]:
    """Segments a scene once and compares the masks with its objects."""
    start = perf_counter()
    segments = segmenter.segment(pictures.image_rgb)
    seconds = perf_counter() - start
    masks = Masks(
        overlaps=pairwise_iou([segment.mask for segment in segments], pictures.masks),
        counts=visible_enough(scene),
        predicted_iou=np.array([segment.predicted_iou for segment in segments]),
        stability=np.array([segment.stability for segment in segments]),
        seconds=seconds,
    )
    return masks, segments


def embed_truth(encoder: Encoder, scenes: Iterable[Scene]) -> Crops:
    """Embeds the objects that count; none give embeddings of shape (0, D)."""
    rows: list[Float32Array] = [encoder.encode_images([])]
    concepts: list[str] = []
    numbers: list[int] = []
    for number, scene in enumerate(scenes):
        pictures = read_scene(scene)
        wanted = np.flatnonzero(visible_enough(scene))
        seen = _observed(pictures.image_rgb, [pictures.masks[i] for i in wanted], encoder)
        rows.append(seen.embeddings)
        named = {id(mask): scene.objects[i].concept_id for i, mask in enumerate(pictures.masks)}
        concepts += [named[id(segment.mask)] for segment in seen.segments]
        numbers += [number] * len(seen.segments)
    return Crops(np.concatenate(rows), tuple(concepts), np.array(numbers, dtype=np.int64))


def _observed(image_rgb: Uint8Array, masks: Sequence[MaskArray], encoder: Encoder) -> Observation:
    return observe(image_rgb, GivenSegments([Segment(mask) for mask in masks]), encoder)


def name_scene(
    segments: Sequence[Segment],
    encoder: Encoder,
    scene: Scene,
    pictures: ScenePictures,
    banks: Mapping[Cell, TextBank],
) -> dict[Cell, Counts]:
    """Names the masks found, by each cell's labels, and scores them against the objects."""
    observation = observe(pictures.image_rgb, GivenSegments(segments), encoder)
    truth = [
        TruthObject(thing.concept_id, crop_to_box(mask))
        for thing, mask, counts in zip(
            scene.objects, pictures.masks, visible_enough(scene), strict=True
        )
        if counts
    ]
    return {
        cell: score_frame(
            truth, _results(name_segments(observation, bank)), bank.labels.concept_ids
        )
        for cell, bank in banks.items()
    }


def _results(recognition: Recognition) -> list[ResultObject]:
    return [
        ResultObject(
            named.concept_id,
            named.hypotheses[0].concept_id if named.hypotheses else "",
            crop_to_box(named.segment.mask),
        )
        for named in recognition.masks
    ]


def run_segmenter(
    segmenter: Segmenter,
    encoder: Encoder | None,
    scenes: Iterable[Scene],
    banks: Mapping[Cell, TextBank],
) -> tuple[tuple[Masks, ...], tuple[dict[Cell, Counts], ...]]:
    """Segments each scene, and names what was found if there is an encoder."""
    masks, counts = [], []
    for scene in scenes:
        pictures = read_scene(scene)
        compared, segments = segment_scene(segmenter, scene, pictures)
        masks.append(compared)
        if encoder is not None:
            counts.append(name_scene(segments, encoder, scene, pictures, banks))
    return tuple(masks), tuple(counts)
