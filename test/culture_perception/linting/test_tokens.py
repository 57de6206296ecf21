from __future__ import annotations

from collections.abc import Callable

import pytest

from culture_perception.concepts import Language
from culture_perception.linting.findings import ERROR, WARNING, Label
from culture_perception.linting.tokens import TokenCount, lost_to_tokenizer


class LetterCounter:
    """A token a letter and two marks; capitals are unknown, a star is cleaned away."""

    name = "letters"
    context_length = 10

    def count(self, text: str) -> TokenCount:
        letters = [letter for letter in text if letter != "*"]
        return TokenCount(len(letters) + 2, len(letters), sum(map(str.isupper, letters)))


def languages(*templates: str) -> dict[str, Language]:
    return {"ja": Language("ja", "Japanese", None, templates)}


@pytest.mark.parametrize(
    ("text", "templates", "severity", "problem"),
    [
        ("ninechars", ("{}",), ERROR, "has its end cut in 1 of 1 prompts: 11 tokens, of which"),
        ("seven77", ("{}", "of{}"), ERROR, "has its end cut in 1 of 2 prompts: 11 tokens"),
        ("seven77", ("{}", "{}of"), WARNING, "is whole, but a template's words behind it are cut"),
    ],
)
def test_a_prompt_that_is_too_long_is_found(
    make_labels: Callable[..., list[Label]],
    text: str,
    templates: tuple[str, ...],
    severity: str,
    problem: str,
) -> None:
    (found,) = lost_to_tokenizer(make_labels(text), languages(*templates), LetterCounter())
    assert (found.severity, found.kind) == (severity, "cut")
    assert found.problem.startswith(problem) and found.problem.endswith("letters reads 10")
    assert found.remedy == "shorten it (1 too many)"


def test_a_prompt_that_just_fits_is_not(make_labels: Callable[..., list[Label]]) -> None:
    labels = make_labels("eight888", "six666")
    found = lost_to_tokenizer(labels[:1], languages("{}"), LetterCounter())
    assert list(found) == []
    found = lost_to_tokenizer(labels[1:], languages("{}of", "of{}"), LetterCounter())
    assert list(found) == []


@pytest.mark.parametrize(
    ("text", "severity", "kind", "problem"),
    [
        ("***", ERROR, "empty", "is nothing to letters once cleaned"),
        ("ABC", ERROR, "unknown", "is wholly unknown to letters"),
        ("Abc", WARNING, "unknown", "has 1 of 3 tokens that letters does not know"),
    ],
)
def test_a_text_that_does_not_reach_the_encoder_is_found(
    make_labels: Callable[..., list[Label]], text: str, severity: str, kind: str, problem: str
) -> None:
    (found,) = lost_to_tokenizer(make_labels(text), languages("{}"), LetterCounter())
    assert (found.severity, found.kind, found.problem) == (severity, kind, problem)


def test_a_text_with_something_to_clean_away_is_not(
    make_labels: Callable[..., list[Label]],
) -> None:
    assert list(lost_to_tokenizer(make_labels("a*"), languages("{}"), LetterCounter())) == []
