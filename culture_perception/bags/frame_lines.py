"""Outcomes of frames as JSON lines, one for each frame and cell, and for what was not scored."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import IO, Any

from culture_perception.tally import FrameOutcome


class FrameLines:
    """Writes a line for each outcome."""

    def __init__(self, file: IO[str], bag: str) -> None:
        self._file = file
        self._bag = bag

    def write(self, outcome: FrameOutcome) -> None:
        """Writes one line; text is UTF-8, a figure that is not there is null."""
        record = {"bag": self._bag, **outcome_to_record(outcome)}
        self._file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


def outcome_to_record(outcome: FrameOutcome) -> dict[str, Any]:
    """Stamp and reason; of a scored frame also the cell, its counts and its objects."""
    record: dict[str, Any] = {"stamp_ns": outcome.stamp_ns, "reason": outcome.reason}
    if outcome.detail:
        record["detail"] = outcome.detail
    if outcome.cell is None or outcome.counts is None:
        return record
    counts = {**asdict(outcome.counts), "iou_sum": float(outcome.counts.iou_sum)}
    return {
        **record,
        **outcome.cell._asdict(),
        "latency_ms": outcome.latency_ms,
        "counts": counts,
        "objects": [{**asdict(one), "verdict": one.verdict} for one in outcome.objects],
    }
