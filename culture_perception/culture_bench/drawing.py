"""Recognition questions about named pictures: the other options are drawn with a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.culture_bench.items import OPTIONS, Item, ItemError
from culture_perception.label_lookup import key_of

_QUESTIONS: Final = {
    "en": "What is shown in this picture?",
    "ja": "この写真に写っているものは何ですか。",
}


@dataclass(frozen=True)
class Named:
    """A picture of which the concept is known.

    Attributes:
        item_id: stable and unique.
        image: its file.
        concept: what it shows.
        also: other concepts that are true of it, never drawn against it.
        country: code; "" where only a region is known.
        region: name, where there is no country.
        category: one of the fifteen.
    """

    item_id: str
    image: Path
    concept: str
    also: tuple[str, ...]
    country: str
    region: str
    category: str


def draw_items(pictures: Sequence[Named], language: str, seed: int) -> tuple[Item, ...]:
    """A question about each picture, with three other concepts of its category.

    Where a category has fewer, the rest is drawn from the others. One seed gives one set; a
    picture's options do not hang on which other pictures are asked about, as long as the concepts
    are the same.

    Raises:
        ItemError: there are fewer than four concepts to draw from.
    """
    known: dict[str, dict[str, str]] = {}
    for one in pictures:
        known.setdefault(one.category, {}).setdefault(key_of(one.concept), one.concept)
    every = {key: text for part in known.values() for key, text in part.items()}
    return tuple(_item(one, known[one.category], every, language, seed) for one in pictures)


def _item(
    one: Named, near: dict[str, str], every: dict[str, str], language: str, seed: int
) -> Item:
    digest = hashlib.sha256(one.item_id.encode("utf-8")).digest()
    rng = np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
    true = {key_of(text) for text in (one.concept, *one.also)}
    first = [near[key] for key in sorted(near) if key not in true]
    rest = [every[key] for key in sorted(every) if key not in true and key not in near]
    drawn = [first[i] for i in rng.permutation(len(first))[: OPTIONS - 1]]
    drawn += [rest[i] for i in rng.permutation(len(rest))[: OPTIONS - 1 - len(drawn)]]
    if len(drawn) < OPTIONS - 1:
        raise ItemError(
            f"{one.item_id}: only {len(drawn)} other concepts to choose from; read more of the "
            f"data, {OPTIONS} concepts at least"
        )
    answer = int(rng.integers(OPTIONS))
    drawn.insert(answer, one.concept)
    question = _QUESTIONS.get(language.partition("-")[0], _QUESTIONS["en"])
    return Item(
        one.item_id, one.image, question, tuple(drawn), answer, one.concept, one.country,
        one.region, one.category, "recognition", language,
    )  # fmt: skip
