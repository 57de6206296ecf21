"""What the core asks of a segmenter and of an encoder, so that it needs neither torch nor ROS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from culture_perception.masks import (
    Box,
    Float32Array,
    FloatArray,
    MaskArray,
    Uint8Array,
    box_of,
)
from culture_perception.verification import Verifier


@dataclass(frozen=True, eq=False)
class Segment:
    """A class-free mask of something in the image.

    Attributes:
        mask: (H, W) bool, the size of the image.
        predicted_iou: the segmenter's own estimate of the mask's IoU; a model may exceed 0 to 1.
        stability: the segmenter's stability score, 0 to 1.
    """

    mask: MaskArray
    predicted_iou: float = 1.0
    stability: float = 1.0

    def __post_init__(self) -> None:
        if self.mask.dtype != np.bool_ or self.mask.ndim != 2:
            raise ValueError(
                f"a segment's mask has dtype {self.mask.dtype} and shape {self.mask.shape}; "
                "pass bool (H, W), for example mask > 0"
            )

    @cached_property
    def box_xyxy(self) -> Box:
        """Tight half-open box (x0, y0, x1, y1) in pixels; all zero for an empty mask."""
        return box_of(self.mask) or (0, 0, 0, 0)

    @cached_property
    def area(self) -> int:
        """Set pixels."""
        return int(np.count_nonzero(self.mask))


@dataclass(frozen=True)
class Calibration:
    """What turns an encoder's cosines into trustworthy numbers, measured on validation data.

    Attributes:
        logit_scale: what a cosine is multiplied by before the softmax.
        min_probability: below this the best label is rejected as unknown.
        min_similarity: below this cosine it is, too.
        verifier: judges pairs; None: there is none.
        min_match: below this probability of the verifier's it is, too.
    """

    logit_scale: float
    min_probability: float = 0.0
    min_similarity: float = -1.0
    verifier: Verifier | None = None
    min_match: float = 0.0

    def believes(
        self, cosines: FloatArray, images: Float32Array | FloatArray, texts: Float32Array
    ) -> MaskArray:
        """(N, C) bool: which labels may be believed by their cosine and by the verifier.

        Args:
            cosines: (N, C) of images and labels.
            images: (N, D) embeddings.
            texts: (C, D) embeddings of the labels.
        """
        near = cosines >= self.min_similarity
        if self.verifier is None:
            return np.asarray(near)
        return np.asarray(near & (self.verifier.matches(images, texts) >= self.min_match))


class Segmenter(Protocol):
    """Finds everything in an image, without naming it."""

    @property
    def name(self) -> str:
        """Identifies the model and its weights."""

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why, for people; empty: nothing."""

    def segment(self, image_rgb: Uint8Array) -> list[Segment]:
        """Segments of a uint8 (H, W, 3) RGB image, in any order; empty if nothing is found."""


class Encoder(Protocol):
    """Puts images and texts into one space, in which their cosine says how well they fit."""

    @property
    def name(self) -> str:
        """Identifies the model and its weights: text embeddings are cached under it."""

    @property
    def calibration(self) -> Calibration:
        """What makes its cosines probabilities, and when a name is not to be trusted."""

    @property
    def crop_size(self) -> int:
        """Side of the square crops that it sees, pixels."""

    @property
    def notice(self) -> str:
        """What it does with less than was asked for, and why, for people; empty: nothing."""

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        """Embeds uint8 (h, w, 3) RGB crops as float32 (N, D) unit rows; (0, D) for no crops."""

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        """Embeds texts as float32 (N, D) unit rows; (0, D) for no texts."""
