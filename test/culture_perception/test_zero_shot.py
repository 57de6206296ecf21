from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from culture_perception.concepts import ActiveLabels, LabelText
from culture_perception.masks import Float32Array, FloatArray, Uint8Array
from culture_perception.protocols import Calibration
from culture_perception.zero_shot import (
    TextBank,
    TextBankCache,
    embed_labels,
    probabilities,
    similarity,
)

VECTORS = {"right": (1.0, 0.0), "up": (0.0, 1.0), "left": (-1.0, 0.0)}


class WordEncoder:
    """Embeds three words as directions in the plane, and counts its calls."""

    calibration = Calibration(10.0)
    crop_size = 8
    notice = ""

    def __init__(self, name: str = "words") -> None:
        self.name = name
        self.batches: list[list[str]] = []

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        self.batches.append(list(texts))
        return np.array([VECTORS[text] for text in texts], np.float32).reshape(-1, 2)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        raise AssertionError("texts only")


def labels(*prompts: tuple[str, ...], name: str = "words") -> ActiveLabels:
    texts = tuple(
        LabelText(f"{name}.{i}", f"label {i}", one, "US", "word", "en")
        for i, one in enumerate(prompts)
    )
    return ActiveLabels.of(name, "en", "plain", texts)


def test_similarity_is_the_cosine_whatever_the_lengths() -> None:
    a = np.array([[3.0, 0.0], [1.0, 1.0]])
    b = np.array([[2.0, 0.0], [0.0, 0.5], [-1.0, -1.0]])

    root = np.sqrt(0.5)
    np.testing.assert_allclose(
        similarity(a, b), [[1.0, 0.0, -root], [root, root, -1.0]], atol=1e-12
    )


def test_a_row_of_zeros_is_similar_to_nothing() -> None:
    assert similarity(np.zeros((1, 2)), np.ones((1, 2))).tolist() == [[0.0]]


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_similarity_of_nothing(n: int, m: int) -> None:
    assert similarity(np.ones((n, 4)), np.ones((m, 4))).shape == (n, m)


def test_embeddings_of_two_encoders_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match=r"\(1, 2\) and \(1, 3\)"):
        similarity(np.ones((1, 2)), np.ones((1, 3)))


def test_probabilities_by_hand() -> None:
    found = probabilities(np.array([[0.2, 0.1]]), logit_scale=10 * np.log(3))

    np.testing.assert_allclose(found, [[0.75, 0.25]])


def test_probabilities_do_not_overflow() -> None:
    np.testing.assert_allclose(probabilities(np.array([[1.0, -1.0]]), 1e6), [[1.0, 0.0]])


def test_no_labels_have_no_probabilities() -> None:
    assert probabilities(np.zeros((2, 0)), 1.0).shape == (2, 0)
    assert probabilities(np.zeros((0, 2)), 1.0).shape == (0, 2)


@pytest.mark.parametrize("logit_scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_makes_no_probabilities_is_refused(logit_scale: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        probabilities(np.zeros((1, 2)), logit_scale)


@given(
    hnp.arrays(np.float64, (3, 4), elements=st.floats(-1, 1)),
    st.floats(0.1, 200),
)
def test_probabilities_sum_to_one_and_keep_the_order(
    cosines: FloatArray, logit_scale: float
) -> None:
    found = probabilities(cosines, logit_scale)

    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    best = found.argmax(axis=1)
    np.testing.assert_allclose(cosines[range(3), best], cosines.max(axis=1), atol=1e-12)


def test_a_label_is_the_mean_of_its_prompts_at_unit_length() -> None:
    encoder = WordEncoder()

    bank = embed_labels(encoder, labels(("right", "up"), ("left",)))

    root = np.sqrt(0.5)
    np.testing.assert_allclose(bank.embeddings, [[root, root], [-1.0, 0.0]], rtol=1e-6)
    assert bank.embeddings.dtype == np.float32
    assert encoder.batches == [["right", "up", "left"]], "one batch"


def test_a_label_without_prompts_is_its_own() -> None:
    active = ActiveLabels.of("w", "en", "plain", (LabelText("w.up", "up", (), "US", "w", "en"),))

    assert embed_labels(WordEncoder(), active).embeddings.tolist() == [[0.0, 1.0]]


def test_no_labels_make_an_empty_bank() -> None:
    assert embed_labels(WordEncoder(), labels()).embeddings.shape == (0, 2)


def test_a_bank_needs_one_row_a_label() -> None:
    with pytest.raises(ValueError, match=r"1 labels .*\(2, 3\)"):
        TextBank(labels(("up",)), np.ones((2, 3), np.float32))


def test_a_cached_bank_is_not_embedded_again() -> None:
    encoder, cache = WordEncoder(), TextBankCache()
    first = cache.get(encoder, labels(("up",)))

    assert cache.get(encoder, labels(("up",))) is first
    assert cache.get(encoder, labels(("left",))) is not first
    assert cache.get(WordEncoder("other"), labels(("up",))) is not first
    assert len(encoder.batches) == 2


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    encoder, cache = WordEncoder(), TextBankCache(capacity=2)
    up, left, right = (labels((word,)) for word in ("up", "left", "right"))
    for wanted in (up, left, up, right, up):
        cache.get(encoder, wanted)

    assert len(cache) == 2
    assert len(encoder.batches) == 3, "up was used in between, so left had to go"
    cache.get(encoder, left)
    assert len(encoder.batches) == 4


def test_a_cache_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TextBankCache(capacity=0)
