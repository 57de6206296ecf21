"""What an evaluation keeps: cells, what became of each frame, and the sum of it all."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from culture_perception.metrics import CellAccumulator, Counts, ObjectOutcome
from culture_perception.pairing import Frames


class Cell(NamedTuple):
    """What is scored apart."""

    label_set: str
    language: str
    style: str


@dataclass(frozen=True)
class FrameOutcome:
    """What became of a frame in one cell, or why nothing did.

    Attributes:
        stamp_ns: of its image.
        reason: why it was not scored, a word for programs; "" where it was.
        detail: the same for people, with the cure; may be empty.
        cell: None where it was not scored.
        counts: what it added to the cell.
        objects: its true objects.
        latency_ms: from its stamp to the arrival of the result; None: not measured.
    """

    stamp_ns: int
    reason: str = ""
    detail: str = ""
    cell: Cell | None = None
    counts: Counts | None = None
    objects: tuple[ObjectOutcome, ...] = ()
    latency_ms: float | None = None


@dataclass
class Tally:
    """What was scored so far; two of them can be added up.

    Attributes:
        frames: what became of the truths.
        cells: what was scored.
    """

    frames: Frames = field(default_factory=Frames)
    cells: dict[Cell, CellAccumulator] = field(default_factory=dict)

    def merge(self, other: Tally) -> None:
        """Adds the other one."""
        self.frames += other.frames
        for cell, accumulator in other.cells.items():
            self.cells.setdefault(cell, CellAccumulator()).merge(accumulator)

    def to_record(self) -> dict[str, Any]:
        """`cells` and `frames`, as the evaluator's JSON has them."""
        return {
            "cells": [
                {**cell._asdict(), **accumulator.scores().to_json()}
                for cell, accumulator in sorted(self.cells.items())
            ],
            "frames": asdict(self.frames),
        }
