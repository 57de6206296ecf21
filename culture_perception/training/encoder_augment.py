"""Random views of stored crops: what makes 35 thousand crops last for a training."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from culture_perception.training.encoder_data import CROP_MARGIN

_BLUR_CELLS = 4  # as crops.py leaves outside the mask
_MAX_TILT_RAD = math.radians(20)
FORMS = ("raw", "blur", "foreign")
"""Of what is outside the mask: as it is, blurred as recognition does, or of something else."""


def random_views(
    images: Tensor,
    masks: Tensor,
    size: int,
    rng: np.random.Generator,
    seeds: torch.Generator,
    forms: Sequence[str] = FORMS,
) -> Tensor:
    """One random view of each crop: form, place, scale, tilt, mirroring, sharpness and light.

    Colours are meaning here, so hue is never changed and colour balance only a little.

    Args:
        images: uint8 (N, 3, S, S) stored crops.
        masks: uint8 (N, 1, S, S), 1 where the object is.
        size: side of the views, pixels.
        rng: choices for the whole batch.
        seeds: choices for each view.
        forms: some of FORMS, of which a batch has one.

    Returns:
        float32 (N, 3, size, size), nominally 0 to 1.
    """
    both = torch.cat([images, masks * 255], dim=1).float() / 255
    both = functional.grid_sample(
        both, _random_grid(len(both), size, seeds), padding_mode="border", align_corners=False
    )
    views = _in_form(both[:, :3], both[:, 3:], forms[int(rng.integers(len(forms)))], rng, seeds)
    if rng.random() < 0.35:
        views = _blunt(views, float(rng.uniform(0.45, 0.8)))
    return _relight(views, seeds)


def _random_grid(count: int, size: int, seeds: torch.Generator) -> Tensor:
    tilt = (torch.rand(count, generator=seeds) * 2 - 1) * _MAX_TILT_RAD
    tilt = torch.where(torch.rand(count, generator=seeds) < 0.5, tilt, 0.0)
    # From no margin to almost the whole stored one.
    least, most = 1.0, 1 + 1.8 * CROP_MARGIN
    zoom = least + (most - least) * torch.rand(count, generator=seeds)
    zoom = zoom / (1 + 2 * CROP_MARGIN)
    mirror = torch.where(torch.rand(count, generator=seeds) < 0.3, -1.0, 1.0)
    shift = 0.12 * (torch.rand(count, 2, generator=seeds) - 0.5)
    affine = torch.stack(
        [
            torch.stack([zoom * tilt.cos() * mirror, -zoom * tilt.sin(), shift[:, 0]], dim=1),
            torch.stack([zoom * tilt.sin() * mirror, zoom * tilt.cos(), shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    return functional.affine_grid(affine, [count, 3, size, size], align_corners=False)


def _in_form(
    views: Tensor, masks: Tensor, form: str, rng: np.random.Generator, seeds: torch.Generator
) -> Tensor:
    if form == "raw":
        return views
    outside = _blurred(views) if form == "blur" else _foreign(views, rng, seeds)
    # Segmenters miss the outline by a pixel either way.
    if rng.random() < 0.5:
        masks = functional.max_pool2d(masks, 3, 1, 1)
    return views * masks + outside * (1 - masks)


def _blurred(views: Tensor) -> Tensor:
    cells = functional.adaptive_avg_pool2d(views, _BLUR_CELLS)
    return functional.interpolate(cells, views.shape[-2:], mode="bilinear", align_corners=False)


def _foreign(views: Tensor, rng: np.random.Generator, seeds: torch.Generator) -> Tensor:
    if rng.random() < 0.5:
        return views[torch.randperm(len(views), generator=seeds)]
    return torch.rand(len(views), 3, 1, 1, generator=seeds).expand_as(views)


def _blunt(views: Tensor, share: float) -> Tensor:
    size = views.shape[-1]
    small = functional.interpolate(views, (int(size * share),) * 2, mode="area")
    return functional.interpolate(small, (size, size), mode="bilinear", align_corners=False)


def _relight(views: Tensor, seeds: torch.Generator) -> Tensor:
    def normal(*shape: int) -> Tensor:
        return torch.randn(len(views), *shape, generator=seeds)

    views = views * (1 + 0.15 * normal(1, 1, 1)) * (1 + 0.04 * normal(3, 1, 1))
    return views + 0.03 * normal(1, 1, 1) + 0.02 * normal(3, *views.shape[-2:])
