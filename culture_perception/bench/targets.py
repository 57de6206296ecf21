"""What the figures of a case should reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Targets:
    """Limits of a case's figures, under their names in its record; None: there is no limit.

    Attributes:
        ratio: how many times faster ours is at least.
        matched_iou: of the reference's masks with the best of ours, at least.
        recall_loss_points: at most.
    """

    ratio: float | None = None
    matched_iou: float | None = None
    recall_loss_points: float | None = None


NO_TARGETS: Final = Targets()
TARGETS: Final[Mapping[str, Targets]] = {
    "embedded_fast": Targets(ratio=10.0, recall_loss_points=1.0),
    "embedded_grid_fast": Targets(ratio=10.0, matched_iou=0.98, recall_loss_points=1.0),
    # The same masks; in float32, another order of addition moves a pixel here and there.
    "vit_b_exact": Targets(ratio=2.0, matched_iou=0.999, recall_loss_points=0.0),
    "vit_b_fast": Targets(ratio=6.0, matched_iou=0.98, recall_loss_points=1.0),
    "labelling_64": Targets(ratio=5.0),
    "labelling_64_float32": Targets(ratio=5.0),
}
_AT_MOST: Final = "recall_loss_points"


def with_targets(record: Record) -> Record:
    """A case's record with its limits, and a text for each that it misses."""
    limits = asdict(TARGETS.get(record["name"], NO_TARGETS))
    given = {name: limit for name, limit in limits.items() if limit is not None}
    texts = [_miss(name, record[name], limit) for name, limit in given.items()]
    return {**record, "targets": given, "missed": [text for text in texts if text]}


def _miss(name: str, value: float | None, limit: float) -> str:
    """What is wrong with a figure; empty: nothing. An absent one misses its limit."""
    bound = "at most" if name == _AT_MOST else "at least"
    if value is None:
        return f"{name} unknown, {bound} {limit:g}"
    is_met = value <= limit if name == _AT_MOST else value >= limit
    return "" if is_met else f"{name} {value:.4g}, {bound} {limit:g}"
