"""General data to hold an encoder to: rendered siblings, as its own training has them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.adapt.pictures import PictureList, Pictures
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import DataError, load_crops

MOST: Final = 2000
"""Crops that are kept of a data set."""


def read_siblings(folder: Path, crop_size: int, seed: int) -> tuple[Pictures, tuple[str, ...]]:
    """Crops of a data set of `python -m sim_bridge.training_data`, and their products' labels.

    Args:
        folder: of the data set.
        crop_size: side of the crops that the encoder sees, pixels.
        seed: of which crops are kept where there are more than MOST.

    Raises:
        SystemFailure: it is missing or damaged.
    """
    try:
        found = load_crops(folder)
    except (DataError, OSError, KeyError, ValueError) as error:
        raise SystemFailure(f"siblings of {folder}: {error}") from error
    chosen = np.random.default_rng(seed).permutation(len(found))[:MOST]
    crops = PictureList(crop_size)
    for i in chosen:
        if found.masks[i].any():
            name = str(found.products[i])
            crops.add(found.images[i], found.masks[i], name, int(found.products[i]))
    products = np.unique(found.products[chosen])
    labels = [found.labels[i].text for i in products]
    brands = [one.text for i in products if (one := found.brand_labels[i]) is not None]
    return crops.done(), tuple(dict.fromkeys([*labels, *brands]))
