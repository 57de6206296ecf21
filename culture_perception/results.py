"""What recognition finds in one image: first without names, then with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from culture_perception.masks import Float32Array, IdImage, id_image_from_masks
from culture_perception.protocols import Calibration, Segment


@dataclass(frozen=True)
class Hypothesis:
    """One candidate name: its probability (0 to 1) and cosine (-1 to 1)."""

    concept_id: str
    label: str
    probability: float
    similarity: float


@dataclass(frozen=True, eq=False)
class NamedMask:
    """A segment and its name.

    Attributes:
        instance_id: its value in the id image; UNLABELLED (65535) for an unknown.
        segment: mask, box and the segmenter's scores.
        concept_id: "" for an unknown.
        label: text in the active language and style; "" for an unknown.
        probability: of the name, 0 to 1; for an unknown, of its best hypothesis.
        similarity: cosine of the name, -1 to 1; for an unknown, of its best hypothesis.
        hypotheses: best first; the first may differ from the name, and is there for an unknown.
        track_id: what stays with the object from frame to frame; 0: not tracked.
    """

    instance_id: int
    segment: Segment
    concept_id: str
    label: str
    probability: float
    similarity: float
    hypotheses: tuple[Hypothesis, ...]
    track_id: int = 0

    @property
    def is_named(self) -> bool:
        """Whether a label of the active set names it."""
        return self.concept_id != ""


@dataclass(frozen=True, eq=False)
class Observation:
    """What an image shows, before names.

    Attributes:
        shape_hw: height and width of the image, pixels.
        segments: N of them.
        embeddings: float32 (N, D) unit rows, one a segment.
        encoder_name: the encoder that made them.
        calibration: the encoder's own.
        stage_ms: milliseconds for "segment", "crop" and "encode".
    """

    shape_hw: tuple[int, int]
    segments: tuple[Segment, ...]
    embeddings: Float32Array
    encoder_name: str
    calibration: Calibration
    stage_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Recognition:
    """Named masks of one image, and the labels that named them.

    Attributes:
        label_set: name.
        labels_version: of the active labels.
        language: tag asked for.
        style: "plain" or "brand".
        shape_hw: height and width of the image, pixels.
        masks: the named by falling probability, then the unknown. Instance ids of the named are
            1, 2, … in this order, or their track ids where they are tracked.
        stage_ms: milliseconds for "segment", "crop", "encode" and "name".
    """

    label_set: str
    labels_version: str
    language: str
    style: str
    shape_hw: tuple[int, int]
    masks: tuple[NamedMask, ...]
    stage_ms: Mapping[str, float]

    def id_image(self) -> IdImage:
        """(H, W) uint16: instance ids, 0 background, 65535 something that no label names.

        Where masks overlap the more probable name wins, and any name wins over none.
        """
        painted = self.masks[::-1]
        return id_image_from_masks(
            [named.segment.mask for named in painted],
            [named.instance_id for named in painted],
            self.shape_hw,
        )
