"""What of the image the encoder sees of a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import cv2
import numpy as np

from culture_perception.masks import Box, MaskArray, Uint8Array, box_of

CropForm: TypeAlias = Literal["blur", "box", "black"]
"""What is outside the mask: blurred beyond recognition, as it is, or black."""

_BLUR_CELLS: Final = 4
"""Outside the mask, only this many by this many mean colours are left of a crop."""


@dataclass(frozen=True)
class CropOptions:
    """How a mask becomes a square picture.

    Attributes:
        form: what is done outside the mask.
        padding: added on each side, as a share of the box's longer side.
        padding_px: added on each side as well, pixels of the image.
    """

    form: CropForm = "blur"
    padding: float = 0.1
    padding_px: int = 0

    def __post_init__(self) -> None:
        if self.form not in get_args(CropForm):
            raise ValueError(
                f"unknown crop form {self.form!r}; use {', '.join(get_args(CropForm))}"
            )
        if not 0.0 <= self.padding <= 10.0 or self.padding_px < 0:
            raise ValueError(
                f"padding {self.padding} or padding_px {self.padding_px} makes no crop; "
                "use 0 to 10 (share of the longer side) and 0 or more pixels"
            )


def square_window(box: Box, options: CropOptions) -> Box:
    """The square window around a half-open box, padded; it may reach out of the image."""
    width, height = box[2] - box[0], box[3] - box[1]
    longer = max(width, height)
    side = longer + 2 * (round(longer * options.padding) + options.padding_px)
    x0 = box[0] - (side - width) // 2
    y0 = box[1] - (side - height) // 2
    return x0, y0, x0 + side, y0 + side


def crop_mask(
    image_rgb: Uint8Array, mask: MaskArray, size: int, options: CropOptions, box: Box | None = None
) -> Uint8Array:
    """The picture of one mask: uint8 (size, size, 3).

    Where the window reaches out of the image, the image's border is repeated.

    Args:
        image_rgb: uint8 (H, W, 3).
        mask: bool (H, W), not empty.
        size: side of the picture, pixels.
        options: see CropOptions.
        box: the mask's tight half-open box, where it is known; to find it takes all pixels.

    Raises:
        ValueError: the mask is empty or has another size than the image.
    """
    if mask.shape != image_rgb.shape[:2]:
        raise ValueError(
            f"a mask of shape {mask.shape} does not belong to an image of {image_rgb.shape}; "
            "both need the same height and width"
        )
    box = box or box_of(mask)
    if box is None or box[0] == box[2]:
        raise ValueError("an empty mask has no picture; leave out masks without set pixels")
    window = square_window(box, options)
    picture = _resized(_window_of(image_rgb, window, cv2.BORDER_REPLICATE), size)
    if options.form == "box":
        return picture
    # The border is repeated in the picture only: the object ends where the image ends.
    inside = _window_of(mask.view(np.uint8), window, cv2.BORDER_CONSTANT) * np.uint8(255)
    return _without_outside(picture, _resized(inside, size), options.form)


def crop_masks(
    image_rgb: Uint8Array,
    masks: Sequence[MaskArray],
    size: int,
    options: CropOptions,
    boxes: Sequence[Box] | None = None,
) -> Uint8Array:
    """The pictures of masks, as crop_mask makes them: uint8 (N, size, size, 3).

    Args:
        image_rgb: uint8 (H, W, 3).
        masks: N of bool (H, W), none empty.
        size: side of the pictures, pixels.
        options: see CropOptions.
        boxes: the masks' tight half-open boxes, where they are known.

    Raises:
        ValueError: a mask is empty or has another size than the image.
    """
    pictures = np.empty((len(masks), size, size, 3), dtype=np.uint8)
    known = [None] * len(masks) if boxes is None else boxes
    for picture, mask, box in zip(pictures, masks, known, strict=True):
        picture[:] = crop_mask(image_rgb, mask, size, options, box)
    return pictures


def _window_of(image: Uint8Array, window: Box, border: int) -> Uint8Array:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = window
    inside = image[max(0, y0) : y1, max(0, x0) : x1]
    out = (max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width))
    if not any(out):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *out, border, value=0), dtype=np.uint8)


def _resized(image: Uint8Array, size: int) -> Uint8Array:
    shrinks = image.shape[0] > size
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size, size), interpolation=how), dtype=np.uint8)


def _without_outside(picture: Uint8Array, inside: Uint8Array, form: CropForm) -> Uint8Array:
    share = (inside / np.float32(255))[..., None]
    outside = _blurred(picture) if form == "blur" else np.zeros_like(picture)
    mixed = picture * share + outside * (1 - share)
    return np.asarray(np.rint(mixed), dtype=np.uint8)


def _blurred(picture: Uint8Array) -> Uint8Array:
    size = (picture.shape[1], picture.shape[0])
    cells = cv2.resize(picture, (_BLUR_CELLS, _BLUR_CELLS), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cells, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
