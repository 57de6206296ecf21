"""The ladder: each object is lost on one rung."""

from __future__ import annotations

import numpy as np
import pytest

from culture_perception.experiments.failures import RUNGS, Chain, count_rungs, rungs


@pytest.mark.parametrize(
    ("links", "rung"),
    [
        # hit, covered, right if perfect, right if found, right elsewhere
        ("11111", "right"),
        ("00110", "segmenter missed"),
        ("01110", "not claimed"),  # named rightly, but another mask took the label
        ("01010", "not claimed"),  # even where the perfect mask would have been named wrongly
        ("01100", "mask wrong"),
        ("01001", "wrong language"),
        ("01000", "encoder wrong"),
    ],
)
def test_rung(links: str, rung: str) -> None:
    chain = Chain(*(np.array([link == "1"]) for link in links))
    assert rungs(chain) == [rung]


def test_every_rung_is_counted() -> None:
    assert count_rungs(["right", "right", "mask wrong"]) == {
        **dict.fromkeys(RUNGS, 0),
        "right": 2,
        "mask wrong": 1,
    }
