"""Labels that name two things at once: duplicates, and texts contained in another's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from culture_perception.linting.findings import ERROR, WARNING, Finding, Label, in_groups
from culture_perception.linting.normal_text import comparable, occurs_in


def duplicates(labels: list[Label]) -> Iterator[Finding]:
    """Texts of two concepts that differ in capitals, width or white space alone.

    Args:
        labels: of one set; those of one language and style are compared.
    """
    for group in in_groups(labels):
        first: dict[str, Label] = {}
        for label in group:
            other = first.setdefault(comparable(label.text), label)
            if other is not label:
                yield Finding(
                    ERROR,
                    "duplicate",
                    label,
                    f"is {other.text!r} of {other.concept_id} (line {other.line}), but for "
                    "capitals, width or white space",
                    "change one of the two",
                )


def nested(labels: list[Label]) -> Iterator[Finding]:
    """Texts that are part of another concept's, which fit whatever that one fits.

    Args:
        labels: of one set; those of one language and style are compared.
    """
    for group in in_groups(labels):
        for (part, inner), (whole, outer) in permutations(
            [(label, comparable(label.text)) for label in group], 2
        ):
            if inner != outer and occurs_in(inner, outer):
                yield Finding(
                    WARNING,
                    "nested",
                    part,
                    f"is contained in {whole.text!r} of {whole.concept_id} (line {whole.line})",
                    "add what tells it from that one",
                )
