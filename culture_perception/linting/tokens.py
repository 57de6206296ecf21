"""What an encoder's tokenizer does to labels: cuts them, does not know them, leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from culture_perception.concepts import Language
from culture_perception.linting.findings import ERROR, WARNING, Finding, Label


@dataclass(frozen=True)
class TokenCount:
    """What a tokenizer makes of a text, before it is cut.

    Attributes:
        needed: tokens in all, marks of beginning and end included.
        words: of them, those that stand for something in the text.
        unknown: of the words, those that the vocabulary does not have.
    """

    needed: int
    words: int
    unknown: int


class TokenCounter(Protocol):
    """A tokenizer that tells what it would need."""

    @property
    def name(self) -> str:
        """Of the encoder that it belongs to."""

    @property
    def context_length(self) -> int:
        """Tokens that the encoder reads of a text; the others are cut."""

    def count(self, text: str) -> TokenCount:
        """Counts the tokens of a text."""


def lost_to_tokenizer(
    labels: list[Label], languages: Mapping[str, Language], counter: TokenCounter
) -> Iterator[Finding]:
    """Labels whose prompts are cut, or that are unknown or empty to a tokenizer.

    Args:
        labels: in any languages.
        languages: by tag, with the templates that make prompts.
        counter: the tokenizer.
    """
    for label in labels:
        yield from _unseen(label, counter)
        yield from _cut(label, languages[label.language], counter)


def _unseen(label: Label, counter: TokenCounter) -> Iterator[Finding]:
    count = counter.count(label.text)
    cure = "write it otherwise, or choose another encoder"
    if count.words == 0:
        yield Finding(ERROR, "empty", label, f"is nothing to {counter.name} once cleaned", cure)
    elif count.unknown == count.words:
        yield Finding(ERROR, "unknown", label, f"is wholly unknown to {counter.name}", cure)
    elif count.unknown:
        problem = f"has {count.unknown} of {count.words} tokens that {counter.name} does not know"
        yield Finding(WARNING, "unknown", label, problem, cure)


def _cut(label: Label, language: Language, counter: TokenCounter) -> Iterator[Finding]:
    """The label's own end is cut, or only what a template puts behind it."""
    limit = counter.context_length
    # Only what stands before the label, and the label, must fit for its end to be read.
    to_its_end = [template.partition("{}")[0] + label.text for template in language.templates]
    for severity, what, texts in (
        (ERROR, "has its end cut", to_its_end),
        (
            WARNING,
            "is whole, but a template's words behind it are cut",
            language.prompts(label.text),
        ),
    ):
        needed = [counter.count(text).needed for text in texts]
        cut = sum(one > limit for one in needed)
        if cut:
            problem = (
                f"{what} in {cut} of {len(texts)} prompts: {max(needed)} tokens, of which "
                f"{counter.name} reads {limit}"
            )
            yield Finding(
                severity, "cut", label, problem, f"shorten it ({max(needed) - limit} too many)"
            )
            return
