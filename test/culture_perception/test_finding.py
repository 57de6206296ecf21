"""Searches among segments whose embeddings are written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from culture_perception.concepts import ActiveLabels, LabelText, Language
from culture_perception.finding import (
    QUERY_ID,
    Outcome,
    Query,
    concept_query,
    find,
    text_query,
)
from culture_perception.masks import Float32Array, Uint8Array
from culture_perception.protocols import Calibration, Segment
from culture_perception.recognition import Options
from culture_perception.results import Observation
from culture_perception.zero_shot import TextBank, embed_labels

ENGLISH = Language("en", "English", None, ("{}", "a {}"))
RED, GREEN, BLUE = np.eye(3, dtype=np.float32)


class WordEncoder:
    """A text is the sum of the colours that it names."""

    name = "words"
    notice = ""
    crop_size = 8
    calibration = Calibration(10.0)

    def encode_images(self, crops: Sequence[Uint8Array]) -> Float32Array:
        raise AssertionError("no search looks at an image again")

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        axes = {"red": RED, "scarlet": RED, "green": GREEN, "blue": BLUE}
        rows = [sum((axes.get(word, 0 * RED) for word in t.split()), 0 * RED) for t in texts]
        return np.array(rows, np.float32).reshape(-1, 3)


def bank(*texts: str) -> TextBank:
    labels = tuple(LabelText(f"c.{one}", one, (one,), "", "", "en") for one in texts)
    return embed_labels(WordEncoder(), ActiveLabels.of("c", "en", "plain", labels))


def seen(*rows: Float32Array, least: float = 0.5) -> Observation:
    return Observation(
        shape_hw=(4, 4),
        segments=tuple(Segment(np.ones((4, 4), np.bool_)) for _ in rows),
        embeddings=np.array(rows, np.float32).reshape(-1, 3),
        encoder_name="words",
        calibration=Calibration(10.0, least),
    )


def concept(of: TextBank, concept_id: str) -> Query:
    query = concept_query(of, concept_id)
    assert query is not None
    return query


def test_the_one_that_fits_is_found() -> None:
    found = find(seen(GREEN, RED), concept(bank("red", "green"), "c.red"))
    assert found.outcome is Outcome.FOUND
    (one,) = found.candidates
    assert one.index == 1
    assert one.similarity == pytest.approx(1.0)
    # softmax of 10 and 0
    assert one.probability == pytest.approx(1 / (1 + np.exp(-10)))


def test_two_that_fit_alike_are_ambiguous_best_first() -> None:
    nearly = RED + 0.1 * GREEN
    found = find(seen(nearly, GREEN, RED), concept(bank("red", "green"), "c.red"))
    assert found.outcome is Outcome.AMBIGUOUS
    assert [one.index for one in found.candidates] == [2, 0]


def test_a_much_worse_second_does_not_make_it_ambiguous() -> None:
    half = RED + 0.95 * GREEN
    found = find(seen(half, RED), concept(bank("red", "green"), "c.red"), margin=0.2)
    assert found.outcome is Outcome.FOUND
    assert [one.index for one in found.candidates] == [1]


def test_without_a_margin_only_equals_are_ambiguous() -> None:
    query, nearly = concept(bank("red", "green"), "c.red"), RED + 0.1 * GREEN
    assert find(seen(nearly, RED), query, margin=0.0).outcome is Outcome.FOUND
    assert find(seen(RED, RED), query, margin=0.0).outcome is Outcome.AMBIGUOUS


def test_what_another_label_names_better_is_not_found_but_told() -> None:
    found = find(seen(GREEN, GREEN + 0.5 * RED), concept(bank("red", "green"), "c.red"))
    assert found.outcome is Outcome.NOT_FOUND
    assert [one.index for one in found.candidates] == [1, 0]


def test_thresholds_count_as_in_naming() -> None:
    query = concept(bank("red", "green"), "c.red")
    half = RED + 0.95 * GREEN
    assert find(seen(half), query).outcome is Outcome.FOUND
    strict = Options(min_probability=0.9)
    assert find(seen(half), query, strict).outcome is Outcome.NOT_FOUND
    assert find(seen(half), query, Options(min_similarity=0.8)).outcome is Outcome.NOT_FOUND


def test_an_image_without_segments_holds_nothing() -> None:
    found = find(seen(), concept(bank("red"), "c.red"))
    assert (found.outcome, found.candidates) == (Outcome.NOT_FOUND, ())


def test_a_concept_of_another_set_is_no_query() -> None:
    assert concept_query(bank("red"), "c.green") is None


def test_free_text_competes_with_the_labels() -> None:
    query = text_query(bank("red", "green"), WordEncoder(), "blue", ENGLISH)
    assert query.concept_id == QUERY_ID
    assert [label.label for label in query.bank.labels.labels] == ["blue", "red", "green"]
    assert find(seen(BLUE, RED), query).candidates[0].index == 0
    assert find(seen(RED, GREEN), query).outcome is Outcome.NOT_FOUND


def test_labels_of_the_same_meaning_are_no_rivals() -> None:
    query = text_query(bank("red", "green"), WordEncoder(), "scarlet", ENGLISH)
    assert [label.label for label in query.bank.labels.labels] == ["scarlet", "green"]
    assert find(seen(RED), query).outcome is Outcome.FOUND


def test_free_text_without_labels_is_judged_by_its_cosine() -> None:
    query = text_query(bank(), WordEncoder(), "red", ENGLISH)
    options = Options(min_similarity=0.5)
    assert find(seen(RED), query, options).outcome is Outcome.FOUND
    assert find(seen(GREEN), query, options).outcome is Outcome.NOT_FOUND
