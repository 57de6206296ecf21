"""Which products a scene gets."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim_bridge.scenes import SceneError

DEFAULT_COUNT = 5


def choose_products(
    concepts: Mapping[str, Sequence[str]],
    label_set: str,
    wanted: Sequence[str],
    count: int,
    seed: int,
) -> tuple[str, ...]:
    """The concept ids to place.

    Args:
        concepts: Label set to the concept ids of its products.
        label_set: One of them.
        wanted: Concept ids of the set; empty: a choice by `seed`.
        count: How many to choose; 0: five. Ignored where `wanted` is given.
        seed: 0 or more; one seed gives one choice, in one order.

    Raises:
        SceneError: Unknown set or product, or more than there are.
    """
    if label_set not in concepts:
        raise SceneError(
            f"no products of label set {label_set!r}; there is {', '.join(sorted(concepts))}"
        )
    there_is = concepts[label_set]
    foreign = [one for one in wanted if one not in there_is]
    if foreign:
        raise SceneError(
            f"{label_set} has no product {', '.join(foreign)}; it has {', '.join(there_is)}"
        )
    if wanted:
        return tuple(wanted)
    count = count or DEFAULT_COUNT
    if count > len(there_is):
        raise SceneError(f"{label_set} has {len(there_is)} products, not {count}; ask for fewer")
    order = np.random.default_rng(seed).permutation(len(there_is))
    return tuple(there_is[i] for i in order[:count])
