from __future__ import annotations

import numpy as np
import pytest

from culture_perception.matching import match_by_iou


@pytest.mark.parametrize(
    ("iou", "pairs"),
    [
        pytest.param([[0.9, 0.6]], {0: (0, 0.9)}, id="the better mask"),
        pytest.param([[0.5]], {0: (0, 0.5)}, id="just enough"),
        pytest.param([[0.49]], {}, id="just too little"),
        pytest.param(
            [[0.7, 0.6], [0.6, 0.0]], {0: (1, 0.6), 1: (0, 0.6)}, id="both rather than one"
        ),
        pytest.param([[0.6, 0.45], [0.4, 0.0]], {0: (0, 0.6)}, id="misses take nothing away"),
        pytest.param([[0.8], [0.7]], {0: (0, 0.8)}, id="one mask covers one object"),
    ],
)
def test_match_by_iou(iou: list[list[float]], pairs: dict[int, tuple[int, float]]) -> None:
    assert match_by_iou(np.array(iou)) == pairs


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (0, 0)])
def test_nothing_matches_nothing(shape: tuple[int, int]) -> None:
    assert match_by_iou(np.zeros(shape)) == {}
