"""What an adapter that was trained on one group changes on each: right answers before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from culture_perception.culture_bench.answering import Answer
from culture_perception.culture_bench.figures import clusters_of, paired_difference, right_of
from culture_perception.culture_bench.items import Item
from culture_perception.experiments.resampling import Estimate, share_estimate

OTHERS: Final = "all others"
"""Every group but the one that was trained on."""


@dataclass(frozen=True)
class Asked:
    """Test items with their answers before any training; none of a broken picture."""

    items: tuple[Item, ...]
    before: tuple[Answer, ...]


@dataclass(frozen=True)
class TransferCell:
    """The test items of one group, answered before and after training on one.

    Attributes:
        trained_on: group.
        tested_on: group, or OTHERS.
        n: items.
        concepts: different ones among them.
        before: accuracy of the bare encoder.
        after: accuracy with the adapter.
        difference: after less before, paired.
    """

    trained_on: str
    tested_on: str
    n: int
    concepts: int
    before: Estimate
    after: Estimate
    difference: Estimate


@dataclass(frozen=True)
class Trained:
    """One group's training.

    Attributes:
        group: name.
        items: that were learned from, chosen by and tested on.
        best_step: whose weights chose most surely on validation items.
        trust: mean probability of the right option of these, before and at that step.
    """

    group: str
    items: tuple[int, int, int]
    best_step: int
    trust: tuple[float, float]


@dataclass(frozen=True)
class Transfer:
    """What came out.

    Attributes:
        by: what items were grouped by.
        encoder: that each adapter was trained for, with the hash of its weights.
        groups: names, in order.
        left_out: groups with too few items -> items to train on, to choose by and to test on.
        leaked: test items left out, as training or validation items give them away.
        broken: items left out for their picture.
        trained: one a group.
        cells: a row a group; each has the groups and all others together.
    """

    by: str
    encoder: str
    groups: tuple[str, ...]
    left_out: Mapping[str, tuple[int, int, int]]
    leaked: int
    broken: int
    trained: tuple[Trained, ...]
    cells: tuple[TransferCell, ...]


def transfer_row(
    trained_on: str,
    groups: Sequence[str],
    of: Callable[[Item], str],
    tested: Asked,
    after: Sequence[Answer],
) -> list[TransferCell]:
    """A cell for each group, in their order, and one for all others together.

    Args:
        trained_on: one of the groups.
        groups: names.
        of: group of an item.
        tested: items of these groups, and their answers before.
        after: their answers with the adapter.
    """
    names = [of(item) for item in tested.items]
    rows = {name: [i for i, own in enumerate(names) if own == name] for name in groups}
    rows[OTHERS] = [i for i, own in enumerate(names) if own != trained_on]
    return [_cell(trained_on, name, tested, after, chosen) for name, chosen in rows.items()]


def _cell(
    trained_on: str, name: str, tested: Asked, after: Sequence[Answer], chosen: Sequence[int]
) -> TransferCell:
    items = [tested.items[i] for i in chosen]
    before = right_of(items, [tested.before[i] for i in chosen])
    now = right_of(items, [after[i] for i in chosen])
    clusters = clusters_of(items)
    return TransferCell(
        trained_on=trained_on,
        tested_on=name,
        n=len(items),
        concepts=len({item.concept for item in items}),
        before=share_estimate(before, clusters),
        after=share_estimate(now, clusters),
        difference=paired_difference(items, now, before),
    )
