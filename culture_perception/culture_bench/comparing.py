"""Models against each other, and each against itself without pictures: paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from culture_perception.culture_bench.answering import Answer
from culture_perception.culture_bench.figures import (
    Scores,
    paired_difference,
    right_of,
)
from culture_perception.culture_bench.items import Item
from culture_perception.experiments.resampling import Estimate
from culture_perception.experiments.significance import holm, mcnemar


@dataclass(frozen=True)
class ModelResult:
    """All that one model answered.

    Attributes:
        title: for people.
        name: with the hash of its weights.
        answers: to the items, in their order.
        blind: the same without pictures; none where it was not asked.
        scores: of the answers.
        blind_scores: of the blind ones; None where there are none.
        about: which weights were used for what; "": the same for all.
    """

    title: str
    name: str
    answers: tuple[Answer, ...]
    blind: tuple[Answer, ...]
    scores: Scores
    blind_scores: Scores | None
    about: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two series of answers to the same items.

    Attributes:
        first: the one that the other is taken off.
        second: the other.
        language: of the items; "": all of them.
        n: items that both were asked.
        difference: of accuracy, first less second.
        only_first: items that only the first got right.
        only_second: items that only the second got right.
        p: of McNemar's exact test, which takes items as independent.
        p_holm: over all comparisons of the list.
    """

    first: str
    second: str
    language: str
    n: int
    difference: Estimate
    only_first: int
    only_second: int
    p: float
    p_holm: float


def compare(items: Sequence[Item], results: Sequence[ModelResult]) -> list[Comparison]:
    """Each model with its own blind answers, then each pair of models: over all, by language.

    A language apart shows where an adapter, or a model of some languages, gains and where it loses.
    Items of one language are not listed a second time.
    """
    spoken = sorted({item.language for item in items})
    found = [
        _compared(items, "", (one.title, one.answers), (f"{one.title}, blind", one.blind))
        for one in results
        if one.blind
    ]
    found += [
        _compared(items, language, (one.title, one.answers), (other.title, other.answers))
        for one, other in combinations(results, 2)
        for language in ["", *(spoken if len(spoken) > 1 else [])]
    ]
    adjusted = holm([one.p for one in found])
    return [replace(one, p_holm=float(p)) for one, p in zip(found, adjusted, strict=True)]


def _compared(
    items: Sequence[Item],
    language: str,
    first: tuple[str, Sequence[Answer]],
    second: tuple[str, Sequence[Answer]],
) -> Comparison:
    """Items whose picture is broken for either are left out."""
    asked = [
        (item, one, other)
        for item, one, other in zip(items, first[1], second[1], strict=True)
        if language in ("", item.language) and not (one.broken or other.broken)
    ]
    own = [item for item, _, _ in asked]
    rights = right_of(own, [one for _, one, _ in asked])
    others = right_of(own, [other for _, _, other in asked])
    test = mcnemar(rights, others)
    return Comparison(
        first=first[0],
        second=second[0],
        language=language,
        n=len(own),
        difference=paired_difference(own, rights, others),
        only_first=test.only_first,
        only_second=test.only_second,
        p=test.p,
        p_holm=test.p,
    )
