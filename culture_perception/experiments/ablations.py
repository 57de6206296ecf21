"""What becomes of the main figure if one thing is done otherwise."""

from __future__ import annotations

from culture_perception.experiments.comparisons import Series
from culture_perception.experiments.resampling import difference
from culture_perception.experiments.results import Ablation


def ablation(other: Series, base: Series, option: str, value: str) -> Ablation:
    """The ablation of a cell.

    Args:
        other: the cell, or the one whose languages were fused, with one thing done otherwise.
        base: the cell with the options used; of the same cases.
        option: what was changed.
        value: what to.
    """
    delta = difference(other.columns, base.columns, base.clusters, base.statistic)
    return Ablation(base.cell, option, value, other.value, delta)
