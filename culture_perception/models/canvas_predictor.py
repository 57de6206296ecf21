"""segment-anything's predictor for a Sam whose canvas is wider than high."""

import cv2
import numpy as np

from culture_perception.masks import Uint8Array
from culture_perception.models.sam_small import CanvasSam
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything import SamPredictor  # noqa: E402


class CanvasPredictor(SamPredictor):  # type: ignore[misc]
    """`SamPredictor` that takes images of any shape.

    The published one brings the longest side to the canvas's; an image (or a crop of one) that is
    higher than 4:3 would then be too high, and is given a plain border at its right first.

    Attributes:
        image_hw: size of the image as it was given, in pixels.
    """

    image_hw: tuple[int, int] = (0, 0)

    def __init__(self, sam: CanvasSam) -> None:
        """Take a small Sam."""
        super().__init__(sam)

    def set_image(self, image: Uint8Array, image_format: str = "RGB") -> None:
        """Encode an image (H, W, 3) uint8."""
        self.image_hw = (image.shape[0], image.shape[1])
        super().set_image(_with_border(image, self.model.canvas_hw), image_format)

    @property
    def filled_hw(self) -> tuple[float, float]:
        """The part of the canvas that the image fills, in pixels of the canvas."""
        height, width = self.input_size
        columns = width * self.image_hw[1] / self.original_size[1]
        return float(height), columns


def _with_border(image: Uint8Array, canvas_hw: tuple[int, int]) -> Uint8Array:
    """The image, with a border at the right if it is higher than the canvas's shape."""
    height, width = image.shape[:2]
    missing = -(-height * canvas_hw[1] // canvas_hw[0]) - width
    if missing <= 0:
        return np.ascontiguousarray(image)
    colour = [float(value) for value in image.mean((0, 1))]
    bordered = cv2.copyMakeBorder(image, 0, 0, 0, missing, cv2.BORDER_CONSTANT, value=colour)
    return np.asarray(bordered, np.uint8)
