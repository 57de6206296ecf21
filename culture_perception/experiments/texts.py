"""The labels that the same masks are named by: sets, their arms, languages and styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from culture_perception.concepts import STYLES, ActiveLabels, LabelSet
from culture_perception.experiments.options import Templates
from culture_perception.protocols import Encoder
from culture_perception.zero_shot import TextBank, embed_labels

FUSED: Final = "+"
"""Joins the languages of a cell whose labels are the mean of several."""


class Cell(NamedTuple):
    """What is scored apart.

    Attributes:
        products: on the table: "ycb", "konbini" or "scans".
        label_set: that names them.
        arm: of its texts: "verbatim", "normalised", "matched", or another set's name.
        language: tag, or several joined by "+".
        style: "plain" or "brand".
    """

    products: str
    label_set: str
    arm: str
    language: str
    style: str

    @property
    def title(self) -> str:
        """For people and as a key: "konbini ja plain", with the arm unless it is verbatim."""
        arm = "" if self.arm == "verbatim" else f" ({self.arm})"
        return f"{self.products} {self.language} {self.style}{arm}"


@dataclass(frozen=True, eq=False)
class Named:
    """A cell and its labels, embedded."""

    cell: Cell
    bank: TextBank


def banks_of(
    products: str, arms: Mapping[str, LabelSet], encoder: Encoder, templates: Templates
) -> list[Named]:
    """Every arm, language and style of a set, in that order.

    Args:
        products: on the table.
        arms: by name.
        encoder: embeds the texts, each cell in one batch.
        templates: "bare" leaves the prompts away.
    """
    return [
        Named(
            Cell(products, one.name, arm, language, style),
            embed(encoder, one.select(language, style), templates),
        )
        for arm, one in arms.items()
        for language in one.languages
        for style in STYLES
    ]


def embed(encoder: Encoder, labels: ActiveLabels, templates: Templates) -> TextBank:
    """The labels' embeddings, of their prompts or of the bare texts."""
    if templates == "bare":
        bare = tuple(replace(label, prompts=(label.label,)) for label in labels.labels)
        labels = ActiveLabels.of(labels.label_set, labels.language, labels.style, bare)
    return embed_labels(encoder, labels)


def fused(cells: Sequence[Named]) -> Named:
    """One cell of several languages: each label is the unit mean of its texts' embeddings.

    Args:
        cells: of one set, arm and style, with the same concepts in the same order.

    Raises:
        ValueError: they have not.
    """
    first = cells[0]
    concepts = {one.bank.labels.concept_ids for one in cells}
    rest = {(one.cell.products, one.cell.label_set, one.cell.arm, one.cell.style) for one in cells}
    if len(concepts) != 1 or len(rest) != 1:
        raise ValueError(f"{', '.join(one.cell.title for one in cells)} name different things")
    language = FUSED.join(one.cell.language for one in cells)
    mean = np.mean([one.bank.embeddings for one in cells], axis=0)
    rows = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    labels = replace(first.bank.labels, language=language)
    bank = TextBank(labels, rows.astype(np.float32), first.bank.encoder_name)
    return Named(first.cell._replace(language=language), bank)


def fused_styles(cells: Sequence[Named]) -> list[tuple[Named, list[Named]]]:
    """For each style all languages fused, with the cells that it is of; [] for one language."""
    by_style: dict[str, list[Named]] = {}
    for one in cells:
        by_style.setdefault(one.cell.style, []).append(one)
    return [(fused(parts), parts) for parts in by_style.values() if len(parts) > 1]
