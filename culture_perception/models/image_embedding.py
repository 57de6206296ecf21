"""The image side of a `Sam`: an image, brought to its canvas and encoded."""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import torch
from torch import Tensor

from culture_perception.masks import Uint8Array
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.models.vit_encoder import FusedImageEncoder

ensure_torchvision()

from segment_anything.modeling import ImageEncoderViT, Sam  # noqa: E402
from segment_anything.utils.transforms import ResizeLongestSide  # noqa: E402


@dataclass(frozen=True)
class EmbeddedImage:
    """An encoded image and how it lies on the canvas.

    Attributes:
        embedding: (1, C, h, w) of the image encoder.
        image_hw: the image's size in pixels.
        bordered_hw: its size with the border that a small Sam's canvas or its thinness asks for.
        input_hw: the size it was resized to, with that border.
        canvas_hw: size of the canvas; the image lies in its upper left corner.
    """

    embedding: Tensor
    image_hw: tuple[int, int]
    bordered_hw: tuple[int, int]
    input_hw: tuple[int, int]
    canvas_hw: tuple[int, int]

    @property
    def filled_hw(self) -> tuple[float, float]:
        """The part of the canvas that the image fills, in pixels of the canvas."""
        height, width = (
            input_side * own / bordered
            for input_side, own, bordered in zip(
                self.input_hw, self.image_hw, self.bordered_hw, strict=True
            )
        )
        return height, width


class ImageEmbedder:
    """Encodes images of any size and shape, as segment-anything's predictor does."""

    def __init__(self, sam: Sam) -> None:
        """Take a `Sam`; its image encoder may be in any precision."""
        self._sam: Final[Any] = sam
        encoder = sam.image_encoder
        is_published = isinstance(encoder, ImageEncoderViT)
        self._encode: Final[Any] = FusedImageEncoder(encoder) if is_published else encoder
        self._transform: Final = ResizeLongestSide(sam.image_encoder.img_size)

    def embed(self, image_rgb: Uint8Array) -> EmbeddedImage:
        """Encode an image (H, W, 3) uint8 of at least one pixel."""
        canvas_hw = self._sam.canvas_hw if isinstance(self._sam, CanvasSam) else None
        bordered = with_border(image_rgb, canvas_hw, self._transform.target_length)
        resized = torch.as_tensor(self._transform.apply_image(bordered), device=self._sam.device)
        canvas = self._sam.preprocess(resized.permute(2, 0, 1).contiguous()[None])
        embedding = self._encode(canvas.to(_precision_of(self._sam.image_encoder)))
        return EmbeddedImage(
            embedding,
            (image_rgb.shape[0], image_rgb.shape[1]),
            (bordered.shape[0], bordered.shape[1]),
            (resized.shape[0], resized.shape[1]),
            (canvas.shape[2], canvas.shape[3]),
        )


def _precision_of(encoder: Any) -> torch.dtype:
    """The precision an encoder takes its images in: its weights', if it holds them."""
    weight = next(encoder.parameters(), None)
    return torch.float32 if weight is None else weight.dtype


def with_border(
    image: Uint8Array, canvas_hw: tuple[int, int] | None, target_length: int
) -> Uint8Array:
    """The image with what it lacks at the right and at the bottom, in its mean colour.

    The longest side is brought to the canvas's. An image higher than a canvas that is no square
    would then be too high, and of a very thin one nothing would be left.

    Args:
        image: (H, W, 3) uint8 of at least one pixel.
        canvas_hw: size of a canvas that is no square, pixels; None for a square.
        target_length: what the longest side is resized to, pixels.

    Returns:
        The image itself where it lacks nothing.
    """
    height, width = image.shape[:2]
    right = 0
    if canvas_hw:
        right = max(0, -(-height * canvas_hw[1] // canvas_hw[0]) - width)
    bottom = 0
    if 0 in ResizeLongestSide.get_preprocess_shape(height, width + right, target_length):
        least = (
            max(height, width + right) // (2 * target_length) + 1
        )  # half a pixel is rounded to one
        bottom, right = max(0, least - height), max(right, least - width)
    if not (bottom or right):
        return np.ascontiguousarray(image)
    colour = [float(value) for value in image.mean((0, 1))]
    bordered = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=colour)
    return np.asarray(bordered, np.uint8)
