"""Which questions are learned, choose, test and guard: no concept is in two of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from culture_perception.culture_bench.item_files import read_items
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.leaks import find_leaks
from culture_perception.culture_bench.pictures import BrokenImageError, read_picture
from culture_perception.label_lookup import key_of
from culture_perception.runner import SystemFailure

_SHARES: Final = {"test": 0.2, "validation": 0.1}
"""Of the concepts, where no file of test items is given."""


@dataclass(frozen=True)
class Parts:
    """Questions by what they are for.

    Attributes:
        training: learned.
        validation: to choose when to stop.
        test: of concepts that neither of these has.
        general: others, to be answered as well after as before; there may be none.
        broken: of training and validation, left out for their pictures.
        leaking: left out of training and validation, as they share something with what tests.
    """

    training: tuple[Item, ...]
    validation: tuple[Item, ...]
    test: tuple[Item, ...]
    general: tuple[Item, ...]
    broken: int
    leaking: int


def read_parts(items: Path, test: Path | None, general: Path | None, seed: int) -> Parts:
    """Reads and divides questions.

    Args:
        items: file to learn from.
        test: file to test by; None: a fifth of the concepts of `items`.
        general: file of other questions; None: none.
        seed: of the division.

    Raises:
        ItemError: a file is missing or wrong.
        SystemFailure: nothing is left to learn from.
    """
    read, rng = read_items(items), np.random.default_rng(seed)
    kept = () if general is None else read_items(general)
    if test is None:
        tested, read = _divided(read, _SHARES["test"], rng)
    else:
        tested = read_items(test)
    clean = _without_leaks(read, (*tested, *kept))
    whole = tuple(item for item in clean if _is_whole(item))
    validation, training = _divided(whole, _SHARES["validation"], rng)
    if not training or not tested:
        raise SystemFailure(
            f"{items}: {len(training)} questions are left to learn and {len(tested)} to test; give "
            "more concepts, or test items of other concepts (culture-bench leaks tells what "
            "they share)"
        )
    return Parts(
        training,
        validation or training,
        tested,
        kept,
        broken=len(clean) - len(whole),
        leaking=len(read) - len(clean),
    )


def _divided(
    items: Sequence[Item], share: float, rng: np.random.Generator
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The items of a share of the concepts, at least one where there are two, and the others."""
    concepts = sorted({key_of(item.concept) for item in items})
    count = min(len(concepts) - 1, max(1, round(share * len(concepts)))) if concepts else 0
    chosen = {concepts[i] for i in rng.permutation(len(concepts))[:count]}
    first = tuple(item for item in items if key_of(item.concept) in chosen)
    return first, tuple(item for item in items if key_of(item.concept) not in chosen)


def _without_leaks(train: Sequence[Item], test: Sequence[Item]) -> tuple[Item, ...]:
    """Training items that share neither concept, text nor picture with what tests."""
    leaks = {one.test for one in find_leaks(test, train)} if test and train else set()
    return tuple(item for item in train if item.item_id not in leaks)


def _is_whole(item: Item) -> bool:
    try:
        read_picture(item.image, longest_side=32)
    except BrokenImageError:
        return False
    return True
