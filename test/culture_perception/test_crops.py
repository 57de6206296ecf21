from __future__ import annotations

import numpy as np
import pytest

from culture_perception.crops import CropForm, CropOptions, crop_mask, crop_masks, square_window
from culture_perception.masks import MaskArray, Uint8Array

RED, BLUE = (200, 0, 0), (0, 0, 200)


def scene() -> tuple[Uint8Array, MaskArray]:
    """A red rectangle of 8 x 4 pixels on blue, and its mask."""
    image = np.full((20, 30, 3), BLUE, dtype=np.uint8)
    mask = np.zeros((20, 30), dtype=np.bool_)
    mask[8:12, 10:18] = True
    image[mask] = RED
    return image, mask


@pytest.mark.parametrize(
    ("options", "window"),
    [
        pytest.param(CropOptions(padding=0.0), (10, 6, 18, 14), id="square around the centre"),
        pytest.param(CropOptions(padding=0.25), (8, 4, 20, 16), id="share of the longer side"),
        pytest.param(CropOptions(padding=0.0, padding_px=3), (7, 3, 21, 17), id="pixels"),
        pytest.param(CropOptions(padding=1.0), (2, -2, 26, 22), id="out of the image"),
    ],
)
def test_square_window(options: CropOptions, window: tuple[int, int, int, int]) -> None:
    assert square_window((10, 8, 18, 12), options) == window


def test_a_box_crop_is_the_image_as_it_is() -> None:
    image, mask = scene()

    crop = crop_mask(image, mask, 8, CropOptions("box", padding=0.0))

    assert crop.dtype == np.uint8
    np.testing.assert_array_equal(crop, image[6:14, 10:18])


def test_a_black_crop_shows_the_mask_only() -> None:
    image, mask = scene()

    crop = crop_mask(image, mask, 8, CropOptions("black", padding=0.0))

    assert (crop[2:6] == RED).all()
    assert not crop[:2].any() and not crop[6:].any()


def test_a_blurred_crop_keeps_the_mask_and_loses_detail_outside() -> None:
    _, mask = scene()
    stripes = np.zeros((20, 30, 3), np.uint8)
    stripes[:, ::2] = 255

    crop = crop_mask(stripes, mask, 8, CropOptions("blur", padding=0.0))

    np.testing.assert_array_equal(crop[2:6], stripes[8:12, 10:18])
    assert np.abs(crop[:2].astype(int) - 127).max() <= 1, "only the mean of the stripes is left"


def test_the_border_is_repeated_outside_the_image() -> None:
    image, _ = scene()
    corner = np.zeros((20, 30), np.bool_)
    corner[0:4, 0:4] = True
    image[corner] = RED

    crop = crop_mask(image, corner, 12, CropOptions("box", padding=1.0))
    black = crop_mask(image, corner, 12, CropOptions("black", padding=1.0))

    assert (crop[:8, :8] == RED).all(), "window is (-4, -4, 8, 8): the red corner runs on"
    assert not black[:4].any() and not black[:, :4].any(), "but the object ends with the image"
    assert (black[4:8, 4:8] == RED).all()


@pytest.mark.parametrize("size", [4, 64])
@pytest.mark.parametrize("form", ["box", "blur", "black"])
def test_crops_have_the_encoders_size(form: CropForm, size: int) -> None:
    image, mask = scene()

    crops = crop_masks(image, [mask, ~mask], size, CropOptions(form))

    assert crops.shape == (2, size, size, 3) and crops.dtype == np.uint8


def test_a_uniform_image_stays_uniform_in_every_size() -> None:
    image = np.full((20, 30, 3), 77, np.uint8)
    _, mask = scene()

    for form in ("box", "blur"):
        assert (crop_mask(image, mask, 50, CropOptions(form)) == 77).all()


def test_a_mask_of_one_pixel_has_a_picture() -> None:
    image, _ = scene()
    dot = np.zeros((20, 30), np.bool_)
    dot[19, 29] = True

    assert (crop_mask(image, dot, 4, CropOptions("blur")) == BLUE).all()


def test_no_masks_have_no_pictures() -> None:
    image, _ = scene()

    assert crop_masks(image, [], 8, CropOptions()).shape == (0, 8, 8, 3)


def test_an_empty_mask_is_refused() -> None:
    image, mask = scene()

    with pytest.raises(ValueError, match="empty mask"):
        crop_mask(image, np.zeros_like(mask), 8, CropOptions())


def test_a_mask_of_another_image_is_refused() -> None:
    image, mask = scene()

    with pytest.raises(ValueError, match=r"\(20, 29\)"):
        crop_mask(image, mask[:, 1:], 8, CropOptions())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"form": "grey"}, "'grey'.*blur, box, black"),
        ({"padding": -0.1}, "padding -0.1"),
        ({"padding": float("nan")}, "padding nan"),
        ({"padding_px": -1}, "padding_px -1"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        CropOptions(**options)  # type: ignore[arg-type]
