"""Views of crops: what is outside the mask, by form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from culture_perception.adapt.objective import FORMS_OF
from culture_perception.adapt.options import VIEWS, AdaptOptions
from culture_perception.training.encoder_augment import FORMS, random_views


def _green_outside(forms: tuple[str, ...]) -> Tensor:
    """How much green there is in views of a red square in checks of green and black."""
    images = torch.zeros((4, 3, 128, 128), dtype=torch.uint8)
    checks = (torch.arange(128)[:, None] // 16 + torch.arange(128)[None] // 16) % 2 == 0
    images[:, 1, checks] = 255
    images[:, :, 40:88, 40:88] = torch.tensor([255, 0, 0], dtype=torch.uint8)[:, None, None]
    masks = torch.zeros((4, 1, 128, 128), dtype=torch.uint8)
    masks[:, :, 40:88, 40:88] = 1
    seeds = torch.Generator().manual_seed(0)
    views = random_views(images, masks, 64, np.random.default_rng(3), seeds, forms)
    return views[:, 1, :6].flatten()


def test_as_it_is_the_surroundings_keep_their_contrast_and_blurred_they_lose_it() -> None:
    raw, blurred = _green_outside(("raw",)), _green_outside(("blur",))
    assert raw.std() > 0.3
    assert blurred.std() < 0.6 * raw.std()
    assert blurred.mean() == pytest.approx(float(raw.mean()), abs=0.15)


def test_each_choice_of_views_has_forms_and_an_unknown_one_is_refused() -> None:
    assert set(FORMS_OF) == set(VIEWS)
    assert FORMS_OF["mixed"] == FORMS
    assert all(set(forms) <= set(FORMS) for forms in FORMS_OF.values())
    with pytest.raises(ValueError, match="views 'round' is none of mixed, mask, box"):
        AdaptOptions(views="round")  # type: ignore[arg-type]
