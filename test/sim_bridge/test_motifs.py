"""Pictograms: all draw, stay near their place, and repeat."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sim_bridge.products.motifs import MOTIFS, draw_motif

_GREY = (128, 128, 128)


def _drawn(name: str, seed: int = 0) -> np.ndarray:
    picture = Image.new("RGB", (100, 100), _GREY)
    draw_motif(ImageDraw.Draw(picture), name, 50, 50, 25, np.random.default_rng(seed))
    return np.asarray(picture)


@pytest.mark.parametrize("name", MOTIFS)
def test_covers_a_good_part_of_its_own_area_and_little_else(name: str) -> None:
    changed = (_drawn(name) != _GREY).any(axis=2)
    assert changed[25:75, 25:75].mean() > 0.15
    assert changed.sum() - changed[22:78, 22:78].sum() < 0.1 * changed.sum()


@pytest.mark.parametrize("name", ["coffee", "chips", "bubbles"])
def test_same_generator_state_same_picture(name: str) -> None:
    assert np.array_equal(_drawn(name, 3), _drawn(name, 3))
    assert not np.array_equal(_drawn(name, 3), _drawn(name, 4))


def test_unknown_motif_is_named_with_the_choices() -> None:
    with pytest.raises(ValueError, match=r"'sushi'.*coffee"):
        _drawn("sushi")
