"""One frame: image -> segments -> crops -> embeddings -> probabilities -> named masks.

`observe` does what depends on the image alone, `name_segments` what depends on the labels; a
change of labels needs only the second. `recognise` is both.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from culture_perception.assignment import UNKNOWN, Assignment, assign, check_assignment
from culture_perception.crops import CropForm, CropOptions, crop_masks
from culture_perception.masks import UNLABELLED, FloatArray, MaskArray, Uint8Array
from culture_perception.protocols import Encoder, Segment, Segmenter
from culture_perception.results import Hypothesis, NamedMask, Observation, Recognition
from culture_perception.zero_shot import (
    TextBank,
    embed_labels,
    probabilities,
    similarity,
)

__all__ = [
    "Assignment",
    "CropForm",
    "CropOptions",
    "Encoder",
    "Hypothesis",
    "Judgement",
    "NamedMask",
    "Observation",
    "Options",
    "Recognition",
    "Segment",
    "Segmenter",
    "TextBank",
    "embed_labels",
    "judge",
    "name_segments",
    "observe",
    "recognise",
]

_NO_HYPOTHESIS: Final = Hypothesis("", "", 0.0, 0.0)


@dataclass(frozen=True)
class Options:
    """How segments are chosen, shown to the encoder and named.

    Attributes:
        crop: what the encoder sees of a mask.
        assignment: how names are dealt out; see assignment.Assignment.
        min_probability: what a name must reach, or the mask is unknown; 0 rejects nothing, None
            takes the encoder's own calibration.
        min_similarity: cosine that a name must reach as well; -1 rejects nothing, None takes the
            encoder's own calibration, its verifier included.
        top_k: hypotheses kept a mask, at least 1.
        min_area: smaller masks are dropped, pixels.
        max_area_share: larger masks are dropped, share of the image; the table is no product.
        temperature: what cosines are divided by before the softmax; None: the encoder's own,
            1 / its logit scale.
    """

    crop: CropOptions = field(default_factory=CropOptions)
    assignment: Assignment = "greedy"
    min_probability: float | None = None
    min_similarity: float | None = None
    top_k: int = 5
    min_area: int = 64
    max_area_share: float = 0.5
    temperature: float | None = None

    def __post_init__(self) -> None:
        check_assignment(self.assignment)
        if self.top_k < 1:
            raise ValueError(f"top_k {self.top_k} keeps no hypothesis; use at least 1")
        if self.min_area < 1 or not 0.0 < self.max_area_share <= 1.0:
            raise ValueError(
                f"min_area {self.min_area} (at least 1 pixel) or max_area_share "
                f"{self.max_area_share} (above 0, up to 1) is out of range"
            )
        if not _within(self.min_probability, 0.0) or not _within(self.min_similarity, -1.0):
            raise ValueError(
                f"min_probability {self.min_probability} (0 to 1) or min_similarity "
                f"{self.min_similarity} (-1 to 1) is out of range"
            )
        if self.temperature is not None and not self.temperature > 0:
            raise ValueError(f"temperature {self.temperature} must be above 0, or None")


def recognise(
    image_rgb: Uint8Array,
    segmenter: Segmenter,
    encoder: Encoder,
    bank: TextBank,
    options: Options | None = None,
) -> Recognition:
    """Finds and names what is in a uint8 (H, W, 3) RGB image; see observe and name_segments."""
    options = options or Options()
    return name_segments(observe(image_rgb, segmenter, encoder, options), bank, options)


def observe(
    image_rgb: Uint8Array, segmenter: Segmenter, encoder: Encoder, options: Options | None = None
) -> Observation:
    """Segments an image and embeds what the encoder sees of each segment, in one batch.

    An image without pixels has no segments; the models are not asked.

    Args:
        image_rgb: uint8 (H, W, 3), RGB.
        segmenter: finds the masks.
        encoder: embeds the crops.
        options: its crop, min_area and max_area_share count here.

    Raises:
        ValueError: the image is not uint8 (H, W, 3).
    """
    options = options or Options()
    if image_rgb.dtype != np.uint8 or image_rgb.ndim != 3 or image_rgb.shape[2] != 3:
        raise ValueError(
            f"an image of {image_rgb.dtype} {image_rgb.shape} cannot be recognised; "
            "pass uint8 (H, W, 3) in RGB order (images.to_rgb makes it from a message)"
        )
    stage_ms: dict[str, float] = {}
    with _timed(stage_ms, "segment"):
        found = segmenter.segment(image_rgb) if image_rgb.size else []
        limit = options.max_area_share * image_rgb.shape[0] * image_rgb.shape[1]
        segments = tuple(one for one in found if options.min_area <= one.area <= limit)
    with _timed(stage_ms, "crop"):
        masks = [segment.mask for segment in segments]
        boxes = [segment.box_xyxy for segment in segments]
        crops = crop_masks(image_rgb, masks, encoder.crop_size, options.crop, boxes)
    with _timed(stage_ms, "encode"):
        embeddings = encoder.encode_images(list(crops))
    return Observation(
        shape_hw=(image_rgb.shape[0], image_rgb.shape[1]),
        segments=segments,
        embeddings=embeddings,
        encoder_name=encoder.name,
        calibration=encoder.calibration,
        stage_ms=stage_ms,
    )


def name_segments(
    observation: Observation, bank: TextBank, options: Options | None = None
) -> Recognition:
    """Names the segments of an observation by the labels of a bank; no labels name nothing.

    Raises:
        ValueError: bank and observation come from different encoders.
    """
    options = options or Options()
    _check_same_encoder(observation, bank)
    stage_ms = dict(observation.stage_ms)
    with _timed(stage_ms, "name"):
        masks = _named_masks(observation, bank, options)
    return Recognition(
        label_set=bank.labels.label_set,
        labels_version=bank.labels.version,
        language=bank.labels.language,
        style=bank.labels.style,
        shape_hw=observation.shape_hw,
        masks=masks,
        stage_ms=stage_ms,
    )


def _named_masks(
    observation: Observation, bank: TextBank, options: Options
) -> tuple[NamedMask, ...]:
    judged = judge(observation, bank, options)
    cosines, chances = judged.cosines, judged.chances
    names = assign(chances, judged.allowed, options.assignment)
    answers = [
        _Answer(
            segment,
            None
            if names[i] == UNKNOWN
            else _hypothesis(bank, int(names[i]), chances[i], cosines[i]),
            _ranked(bank, chances[i], cosines[i], options.top_k),
        )
        for i, segment in enumerate(observation.segments)
    ]
    answers.sort(key=lambda answer: (answer.name is None, -answer.shown.probability))
    return tuple(answer.numbered(rank) for rank, answer in enumerate(answers, start=1))


@dataclass(frozen=True, eq=False)
class Judgement:
    """How well each of C labels fits each of N segments.

    Attributes:
        cosines: (N, C), -1 to 1.
        chances: (N, C) calibrated probabilities, 0 to 1; rows sum to 1.
        allowed: (N, C) bool, whether the label may be believed.
    """

    cosines: FloatArray
    chances: FloatArray
    allowed: MaskArray


def judge(observation: Observation, bank: TextBank, options: Options) -> Judgement:
    """Compares the segments of an observation with the labels of a bank of the same encoder."""
    own = observation.calibration
    scale = 1.0 / options.temperature if options.temperature else own.logit_scale
    cosines = similarity(observation.embeddings, bank.embeddings)
    chances = probabilities(cosines, scale)
    least = own.min_probability if options.min_probability is None else options.min_probability
    allowed = (chances >= least) & _believed(cosines, observation, bank, options)
    return Judgement(cosines, chances, np.asarray(allowed))


def _believed(
    cosines: FloatArray, observation: Observation, bank: TextBank, options: Options
) -> MaskArray:
    if options.min_similarity is not None:
        return np.asarray(cosines >= options.min_similarity)
    return observation.calibration.believes(cosines, observation.embeddings, bank.embeddings)


def _within(value: float | None, lowest: float) -> bool:
    return value is None or lowest <= value <= 1.0


@dataclass(frozen=True, eq=False)
class _Answer:
    segment: Segment
    name: Hypothesis | None
    hypotheses: tuple[Hypothesis, ...]

    @property
    def shown(self) -> Hypothesis:
        return self.name or (*self.hypotheses, _NO_HYPOTHESIS)[0]

    def numbered(self, rank: int) -> NamedMask:
        return NamedMask(
            instance_id=UNLABELLED if self.name is None else rank,
            segment=self.segment,
            concept_id="" if self.name is None else self.name.concept_id,
            label="" if self.name is None else self.name.label,
            probability=self.shown.probability,
            similarity=self.shown.similarity,
            hypotheses=self.hypotheses,
        )


def _ranked(
    bank: TextBank, chances: FloatArray, cosines: FloatArray, top_k: int
) -> tuple[Hypothesis, ...]:
    order = np.argsort(-chances, kind="stable")[:top_k]
    return tuple(_hypothesis(bank, int(column), chances, cosines) for column in order)


def _hypothesis(
    bank: TextBank, column: int, chances: FloatArray, cosines: FloatArray
) -> Hypothesis:
    label = bank.labels.labels[column]
    return Hypothesis(label.concept_id, label.label, float(chances[column]), float(cosines[column]))


def _check_same_encoder(observation: Observation, bank: TextBank) -> None:
    names = {observation.encoder_name, bank.encoder_name} - {""}
    if len(names) > 1 or observation.embeddings.shape[1] != bank.embeddings.shape[1]:
        raise ValueError(
            f"images were embedded by {observation.encoder_name!r} (D = "
            f"{observation.embeddings.shape[1]}), labels by {bank.encoder_name!r} (D = "
            f"{bank.embeddings.shape[1]}); embed the labels with the encoder in use"
        )


@contextmanager
def _timed(stage_ms: dict[str, float], stage: str) -> Iterator[None]:
    start_ns = time.perf_counter_ns()
    yield
    stage_ms[stage] = (time.perf_counter_ns() - start_ns) / 1e6
