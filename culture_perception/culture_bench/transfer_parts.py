"""Items to train on, to choose by and to test: no concept, text or picture is in two of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from culture_perception.culture_bench.items import Item, ItemError
from culture_perception.culture_bench.leaks import find_leaks
from culture_perception.label_lookup import key_of

SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {"training": 0.5, "validation": 0.2, "test": 0.3}
)
"""Of a group's concepts, by what they are for."""


@dataclass(frozen=True)
class Parts:
    """Items by what they are for.

    Attributes:
        training: to learn from.
        validation: to choose by.
        test: the rest.
        leaked: test items that were left out, as training or validation gives them away.
    """

    training: tuple[Item, ...]
    validation: tuple[Item, ...]
    test: tuple[Item, ...]
    leaked: int

    def of_group(self, name: str, of: Callable[[Item], str]) -> Parts:
        """Those of one group."""
        training, validation, test = (
            tuple(item for item in part if of(item) == name)
            for part in (self.training, self.validation, self.test)
        )
        return Parts(training, validation, test, self.leaked)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Items to train on, to choose by and to test on."""
        return len(self.training), len(self.validation), len(self.test)


def split_by_concept(items: Sequence[Item], of: Callable[[Item], str], seed: int) -> Parts:
    """Deals out concepts, each with all its items, and leaves out what leaks into the test.

    A concept is in one part for all groups: an adapter of one group is tested on another's items,
    which must be new to it as well.

    Args:
        items: all.
        of: group of an item; each group gets its SHARES.
        seed: of the order in which concepts are dealt out.
    """
    part_of = _deal(items, of, seed)
    training, validation, test = (
        [item for item in items if part_of[key_of(item.concept)] == part] for part in SHARES
    )
    gone = {leak.test for leak in find_leaks([*training, *validation], test)}
    kept = [item for item in test if item.item_id not in gone]
    return Parts(tuple(training), tuple(validation), tuple(kept), len(gone))


def _deal(items: Sequence[Item], of: Callable[[Item], str], seed: int) -> dict[str, str]:
    """Concept -> part; the smallest group first, as it has least to choose from."""
    groups: dict[str, dict[str, None]] = {}
    for item in items:
        groups.setdefault(of(item), {})[key_of(item.concept)] = None
    rng = np.random.default_rng(seed)
    part_of: dict[str, str] = {}
    for own in sorted(groups.values(), key=len):
        for concept in (str(one) for one in rng.permutation(list(own))):
            if concept not in part_of:
                dealt = Counter(part_of[one] for one in own if one in part_of)
                part_of[concept] = _part_in_need(dealt, len(own))
    return part_of


def _part_in_need(dealt: Mapping[str, int], count: int) -> str:
    """The one that lacks most of its share of so many concepts; the first of equals."""
    return max(SHARES, key=lambda part: SHARES[part] * count - dealt.get(part, 0))


def usable_groups(
    parts: Parts, of: Callable[[Item], str], least: int
) -> tuple[tuple[str, ...], Mapping[str, tuple[int, int, int]]]:
    """Groups with enough items in each part, sorted by name, and the sizes of the others.

    Args:
        parts: of all items.
        of: group of an item.
        least: items that each part needs.

    Raises:
        ItemError: fewer than two groups have enough.
    """
    every = {of(item) for part in (parts.training, parts.validation, parts.test) for item in part}
    sizes = {name: parts.of_group(name, of).sizes for name in sorted(every)}
    usable = tuple(name for name, counts in sizes.items() if min(counts) >= least)
    if len(usable) < 2:
        told = "; ".join(f"{name} {'/'.join(map(str, n))}" for name, n in sizes.items())
        raise ItemError(
            f"two groups or more need {least} items each to train on, to choose by and to test on; "
            f"there are {told}: give more items, a lower --least or another --by"
        )
    return usable, {name: counts for name, counts in sizes.items() if name not in usable}
