"""What is asked about products, in which words: the texts of the culture benchmark's items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.concepts import Concept
from culture_perception.culture_bench.items import OPTIONS, Item
from culture_perception.label_lookup import key_of
from culture_perception.labels import load_arms

_ARM: Final = "normalised"
_CATEGORIES: Final = {
    "household": "markets_and_shopping",
    "personal_care": "markets_and_shopping",
    "stationery": "markets_and_shopping",
    "tool": "markets_and_shopping",
    "toy": "entertainment",
}
"""Of label sets, to the benchmark's; all others are food."""
QUESTIONS: Final = {
    "en": {
        "recognition": "What is the product in the middle of this picture?",
        "cultural_knowledge": "Under which name is the product in this picture sold?",
        "present": "Which of these is on the table?",
        "left": "Which of these is to the left of the {}?",
    },
    "ja": {
        "recognition": "この写真の中央の商品は何ですか。",
        "cultural_knowledge": "この写真の商品は何という名前で売られていますか。",
        "present": "テーブルの上にあるのはどれですか。",
        "left": "{}の左にあるのはどれですか。",
    },
}


@dataclass(frozen=True)
class Texts:
    """A label set in one language.

    Attributes:
        label_set: name.
        country: of its products.
        language: of the texts.
        concepts: concept id -> concept.
    """

    label_set: str
    country: str
    language: str
    concepts: Mapping[str, Concept]

    def text(self, concept_id: str, style: str = "plain") -> str:
        """What a product is called."""
        return self.concepts[concept_id].texts[self.language][style]


def load_texts(label_set: str, language: str) -> Texts:
    """A label set with its typos mended.

    Raises:
        LabelError: there is no such set, or its file is wrong.
    """
    labels = load_arms(label_set)[_ARM]
    concepts = {one.concept_id: one for one in labels.concepts}
    return Texts(label_set, labels.culture, language, concepts)


def distractors(
    texts: Texts, answer: str, others: Sequence[str], style: str, rng: np.random.Generator
) -> list[str]:
    """Three others, in a drawn order; none whose text is part of the answer's, or the reverse."""
    fitting = [one for one in others if not _nested(texts, answer, one, style)]
    return [fitting[i] for i in rng.permutation(len(fitting))[: OPTIONS - 1]]


def _nested(texts: Texts, one: str, other: str, style: str) -> bool:
    """Whether, in any language, the text of one holds the other's: both might be right."""
    by_language = texts.concepts[one].texts, texts.concepts[other].texts
    pairs = [[key_of(of[tag][style]) for of in by_language] for tag in by_language[0]]
    return any(first in second or second in first for first, second in pairs)


def make_item(
    texts: Texts,
    kind: str,
    answer: str,
    image: Path,
    question: str,
    wrong: Sequence[str],
    style: str,
    rng: np.random.Generator,
) -> Item:
    """An item about a product; where the right option stands is drawn.

    Args:
        texts: that it is asked in.
        kind: one of the benchmark's types.
        answer: concept id.
        image: file of the picture.
        question: as it is asked.
        wrong: concept ids, three or more, of which the first three are taken.
        style: of the options.
        rng: decides the place.
    """
    place = int(rng.integers(OPTIONS))
    options = [texts.text(one, style) for one in wrong[: OPTIONS - 1]]
    options.insert(place, texts.text(answer, style))
    return Item(
        item_id=f"{image.stem}-{kind}-{texts.language}",
        image=image,
        question=question,
        options=tuple(options),
        answer=place,
        concept=answer,
        country=texts.country,
        region="",
        category=_CATEGORIES.get(texts.concepts[answer].category, "food"),
        kind=kind,
        language=texts.language,
    )
