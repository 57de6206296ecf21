"""The letter that is right most often, always: what no look at anything reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from culture_perception.culture_bench.items import Item


def majority_choice(items: Sequence[Item]) -> int:
    """The index that is the answer of most items; the first of equals.

    Raises:
        ValueError: there are no items.
    """
    if not items:
        raise ValueError("no items have no majority; give at least one")
    counts = Counter(item.answer for item in items)
    return min(counts, key=lambda index: (-counts[index], index))
