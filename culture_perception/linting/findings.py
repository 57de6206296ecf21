"""What lint says, and the labels with their places in a file that it says it of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from culture_perception.concepts import STYLES, LabelError, LabelSet
from culture_perception.located_yaml import read_yaml

ERROR: Final = "error"
"""Two concepts cannot be told apart, or the encoder does not see what the text says."""
WARNING: Final = "warning"
"""The text can be used, but it is not what was meant, or unfair to one language."""


@dataclass(frozen=True)
class Label:
    """One text of a label file.

    Attributes:
        path: the file.
        line: of the text, from 1.
        concept_id: what it names; empty: the text stands for a whole language.
        language: tag that it is written in.
        style: "plain" or "brand"; empty: as for concept_id.
        text: exactly as written.
    """

    path: Path
    line: int
    concept_id: str
    language: str
    style: str
    text: str


@dataclass(frozen=True)
class Finding:
    """Something to mend.

    Attributes:
        severity: ERROR or WARNING.
        kind: one word, for programs, for example "typo".
        label: the text that it is about, and where that stands.
        problem: what is wrong.
        remedy: what to do.
    """

    severity: str
    kind: str
    label: Label
    problem: str
    remedy: str

    def __str__(self) -> str:
        """One line, as compilers write it: file, line, what is wrong, what to do."""
        label = self.label
        where = " ".join(part for part in (label.concept_id, label.language, label.style) if part)
        return (
            f"{label.path}:{label.line}: {self.severity}: {where}: {label.text!r} {self.problem}; "
            f"{self.remedy} [{self.kind}]"
        )


def labels_of(path: Path, label_set: LabelSet) -> list[Label]:
    """Every text of a label set: by language, style and concept.

    Args:
        path: the file that the set was read from.
        label_set: what was read.

    Raises:
        LabelError: the file can no longer be read.
    """
    concepts = read_yaml(path, LabelError).mapping()["concepts"].items()
    texts = [concept.mapping()["texts"].mapping() for concept in concepts]
    return [
        Label(path, node.line, concept.concept_id, tag, style, node.text())
        for tag in label_set.languages
        for style in STYLES
        for concept, by_tag in zip(label_set.concepts, texts, strict=True)
        for node in (by_tag[tag].mapping()[style],)
    ]


def language_label(path: Path, tag: str) -> Label:
    """A language in the list of a file's languages, to say something of all its texts."""
    nodes = read_yaml(path, LabelError).mapping()["languages"].items()
    line = next(node.line for node in nodes if node.text() == tag)
    return Label(path, line, "", tag, "", tag)


def in_groups(labels: list[Label]) -> Iterator[list[Label]]:
    """The labels that stand beside each other when a robot chooses: one language and style."""
    groups: dict[tuple[str, str], list[Label]] = {}
    for label in labels:
        groups.setdefault((label.language, label.style), []).append(label)
    yield from groups.values()
