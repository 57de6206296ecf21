"""The verifier, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from culture_perception.masks import Float32Array
from culture_perception.protocols import Calibration
from culture_perception.verification import Verifier

ONE: Float32Array = np.array([[1.0, 0.0]], np.float32)
BOTH: Float32Array = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)


def verifier(*parts: float, bias: float = 0.0, output: float = 1.0) -> Verifier:
    """Each part of the input (product, difference, image, text) summed with one weight."""
    hidden = np.repeat(np.array(parts, np.float32), 2)[:, None]
    return Verifier(hidden, np.zeros(1, np.float32), np.array([output], np.float32), bias)


class TestMatches:
    """Pairs of images and texts."""

    @pytest.mark.parametrize(
        ("weights", "logits"),
        [
            ((1, 0, 0, 0), [1, 0]),  # the cosine
            ((0, 1, 0, 0), [0, 2]),  # the sum of differences
            ((0, 0, 1, 0), [1, 1]),
            ((0, 0, 0, 3), [3, 3]),
            ((-1, 0, 0, 0), [0, 0]),  # rectified
        ],
    )
    def test_parts(self, weights: tuple[float, ...], logits: list[float]) -> None:
        assert verifier(*weights).matches(ONE, BOTH)[0] == pytest.approx(expit(logits))

    def test_bias_and_output(self) -> None:
        found = verifier(1, 0, 0, 0, bias=-3.0, output=2.0).matches(BOTH, BOTH)
        assert found == pytest.approx(expit(np.array([[-1.0, -3.0], [-3.0, -1.0]])))

    def test_none(self) -> None:
        nothing = np.zeros((0, 2), np.float32)
        assert verifier(1, 0, 0, 0).matches(nothing, BOTH).shape == (0, 2)
        assert verifier(1, 0, 0, 0).matches(BOTH, nothing).shape == (2, 0)

    def test_embeddings_of_another_encoder_are_refused(self) -> None:
        with pytest.raises(ValueError, match="length 2"):
            verifier(1, 0, 0, 0).matches(np.zeros((1, 3), np.float32), BOTH)

    def test_weights_must_fit(self) -> None:
        with pytest.raises(ValueError, match="make no verifier"):
            Verifier(*(np.zeros(shape, np.float32) for shape in ((8, 3), (2,), (3,))), 0.0)


class TestBelief:
    """What a calibration makes of it."""

    def test_cosine_alone(self) -> None:
        cosines = np.array([[0.5, 0.2]])
        assert Calibration(1.0, min_similarity=0.3).believes(cosines, ONE, BOTH).tolist() == [
            [True, False]
        ]

    def test_both(self) -> None:
        own = Calibration(1.0, 0.0, -1.0, verifier(0, 0, 0, 0, bias=0.0), min_match=0.5)
        assert own.believes(np.zeros((1, 2)), ONE, BOTH).all()
        sure = Calibration(1.0, 0.0, -1.0, verifier(0, 0, 0, 0, bias=0.0), min_match=0.51)
        assert not sure.believes(np.zeros((1, 2)), ONE, BOTH).any()
