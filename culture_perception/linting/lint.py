"""Everything that lint checks, on one label set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from culture_perception.concepts import STYLES, LabelSet
from culture_perception.labels import WORD_LISTS_FILE
from culture_perception.languages import settings_file
from culture_perception.linting.attributes import (
    AttributeCount,
    count_attributes,
    imbalances,
    read_attributes,
)
from culture_perception.linting.characters import odd_space, odd_width
from culture_perception.linting.findings import (
    ERROR,
    WARNING,
    Finding,
    labels_of,
    language_label,
)
from culture_perception.linting.misspellings import misspelled
from culture_perception.linting.same_texts import duplicates, nested
from culture_perception.linting.tokens import TokenCounter, lost_to_tokenizer
from culture_perception.linting.word_lists import Words, load_words
from culture_perception.resources import share_path


@dataclass(frozen=True)
class LintReport:
    """What lint found in one label set.

    Attributes:
        path: the file of the set.
        label_set: what was checked.
        findings: by line.
        counts: how many texts name each attribute, plain texts first.
    """

    path: Path
    label_set: LabelSet
    findings: tuple[Finding, ...]
    counts: tuple[AttributeCount, ...]

    @property
    def errors(self) -> int:
        """Findings that are errors."""
        return sum(finding.severity == ERROR for finding in self.findings)

    def only(self, language: str = "", style: str = "") -> LintReport:
        """What concerns one language or style; the counts keep the other languages beside it."""
        return LintReport(
            self.path,
            self.label_set,
            tuple(
                finding
                for finding in self.findings
                if language in ("", finding.label.language)
                and (not style or finding.label.style in ("", style))
            ),
            tuple(count for count in self.counts if style in ("", count.style)),
        )


def words_for(path: Path) -> dict[str, Words]:
    """Word lists for a label file: the package's own, and those near the file added to them.

    Raises:
        LabelError: a file of word lists is wrong.
    """
    shipped = share_path("config", WORD_LISTS_FILE)
    return load_words(*dict.fromkeys((shipped, settings_file(path, WORD_LISTS_FILE))))


def lint(
    path: Path, label_set: LabelSet, words: Mapping[str, Words], counter: TokenCounter | None
) -> LintReport:
    """Checks a label set.

    Args:
        path: the file that it was read from.
        label_set: what was read.
        words: attributes and typos by language.
        counter: tokenizer of an encoder; None: what a tokenizer does is not checked.

    Raises:
        LabelError: the file can no longer be read.
    """
    labels = labels_of(path, label_set)
    readings = read_attributes(labels, words)
    found = [
        *duplicates(labels),
        *nested(labels),
        *odd_space(labels),
        *odd_width(labels),
        *misspelled(labels, words),
        *imbalances(readings),
        *_unchecked(path, label_set, words),
    ]
    if counter:
        found += lost_to_tokenizer(labels, label_set.known_languages, counter)
    return LintReport(
        path,
        label_set,
        tuple(sorted(found, key=lambda finding: finding.label.line)),
        tuple(count for style in STYLES for count in count_attributes(readings, style)),
    )


def _unchecked(path: Path, label_set: LabelSet, words: Mapping[str, Words]) -> Iterator[Finding]:
    for tag in label_set.languages:
        if tag not in words or not words[tag].attributes:
            yield Finding(
                WARNING,
                "unchecked",
                language_label(path, tag),
                "has no lists of attributes, so nothing was said of them",
                f"write a {WORD_LISTS_FILE} beside the file",
            )
