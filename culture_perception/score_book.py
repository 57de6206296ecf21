"""The evaluation of a run, live or recorded: truths, results and labels in; scores out.

Figures do not depend on the order in which anything arrives, as long as what belongs together
arrives within the capacity of the pairing: sums are exact, and a frame is scored once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from culture_perception.concepts import ActiveLabels
from culture_perception.message_records import Result, Truth, Unreadable
from culture_perception.metrics import CellAccumulator, JudgedFrame, judge_frame
from culture_perception.pairing import CAPACITY, REMEMBERED, Loss, Pairing
from culture_perception.tally import Cell, FrameOutcome, Tally

MAX_VERSIONS: Final = 100  # of labels, remembered for scoring


@dataclass(frozen=True, eq=False)
class _Arrived:
    results: Sequence[Result | Unreadable]
    at_ns: int | None


@dataclass(frozen=True)
class _Known:
    """Labels as scoring needs them."""

    concept_ids: frozenset[str]
    by_text: Mapping[str, str]


class ScoreBook:
    """Pairs truths and results by exact stamp and adds their scores up, cell by cell."""

    def __init__(
        self,
        capacity: int = CAPACITY,
        on_frame: Callable[[FrameOutcome], None] = lambda outcome: None,
    ) -> None:
        """Starts empty.

        Args:
            capacity: Frames that wait for their partner; beyond it the oldest is dropped.
            on_frame: Takes each outcome once it is certain.
        """
        self._on_frame = on_frame
        self._pairing: Pairing[Truth | Unreadable, _Arrived] = Pairing(
            self._score, capacity, self._on_loss
        )
        self._labels: OrderedDict[str, _Known] = OrderedDict()  # by version
        self._scored: OrderedDict[tuple[int, Cell], None] = OrderedDict()
        self._tally = Tally()

    @property
    def tally(self) -> Tally:
        """What was added up until now; frames that wait are counted as pending."""
        return replace(self._tally, frames=self._pairing.frames)

    @property
    def held(self) -> tuple[int, int]:
        """How many truths and results wait for their partner."""
        return self._pairing.held

    def announce(self, labels: ActiveLabels) -> None:
        """Takes labels that results may name as theirs, before or after these results."""
        by_text = {one.label: one.concept_id for one in labels.labels}
        self._labels[labels.version] = _Known(frozenset(labels.concept_ids), by_text)
        self._labels.move_to_end(labels.version)
        while len(self._labels) > MAX_VERSIONS:
            self._labels.popitem(last=False)
        self._pairing.retry()

    def put_truth(self, stamp_ns: int, truth: Truth | Unreadable) -> None:
        """Takes what is in the frame of a stamp."""
        self._pairing.put_truth(stamp_ns, truth)

    def put_results(
        self, stamp_ns: int, results: Sequence[Result | Unreadable], at_ns: int | None = None
    ) -> bool:
        """Takes what was found in the frame of a stamp.

        Args:
            stamp_ns: of the image.
            results: of one model by one set of labels, or by several.
            at_ns: when they arrived, on the clock of the stamp; None: no latency.

        Returns:
            Whether they come in time: False where the truth has made room for newer ones.
        """
        return self._pairing.put_result(stamp_ns, _Arrived(results, at_ns))

    def finish(self) -> None:
        """Tells of everything that still waits why it was not scored."""
        self._pairing.finish()

    def reset(self) -> None:
        """Forgets everything but the labels."""
        self._pairing.reset()
        self._scored.clear()
        self._tally = Tally()

    def _score(self, stamp_ns: int, truth: Truth | Unreadable, arrived: _Arrived) -> bool | None:
        """Scores a pair; whether that was possible, None before its labels are announced."""
        if isinstance(truth, Unreadable):
            return self._refuse(stamp_ns, "unreadable_truth", truth.why)
        results = [one for one in arrived.results if isinstance(one, Result)]
        if len(results) < len(arrived.results):
            why = "; ".join(one.why for one in arrived.results if isinstance(one, Unreadable))
            return self._refuse(stamp_ns, "unreadable_result", why)
        fitting = [one for one in results if truth.label_set in (None, one.label_set)]
        if not fitting:
            sets = ", ".join(sorted({repr(one.label_set) for one in results}))
            return self._refuse(
                stamp_ns,
                "other_label_set",
                f"on the table is {truth.label_set!r}, but it was named by {sets}; select the same",
            )
        sizes = {one.shape_hw for one in fitting} - {truth.shape_hw}
        if sizes:
            why = f"its truth is of {truth.shape_hw} pixels, its result of {sizes.pop()}"
            return self._refuse(stamp_ns, "other_image_size", why)
        if any(one.labels_version not in self._labels for one in fitting):
            return None  # on another topic, so the announcement may be later than the result
        latency_ms = None if arrived.at_ns is None else (arrived.at_ns - stamp_ns) / 1e6
        added = [self._add(stamp_ns, truth, one, latency_ms) for one in fitting]
        return any(added)

    def _add(self, stamp_ns: int, truth: Truth, result: Result, latency_ms: float | None) -> bool:
        cell = Cell(result.label_set, result.language, result.style)
        if (stamp_ns, cell) in self._scored:
            return self._refuse(stamp_ns, "duplicate_frame", "")
        judged = self._judge(truth, result)
        counts = judged.counts
        self._tally.cells.setdefault(cell, CellAccumulator()).add(counts, latency_ms)
        self._scored[stamp_ns, cell] = None
        while len(self._scored) > REMEMBERED:
            self._scored.popitem(last=False)
        self._on_frame(
            FrameOutcome(
                stamp_ns,
                cell=cell,
                counts=counts,
                objects=judged.objects,
                latency_ms=latency_ms,
            )
        )
        return True

    def _judge(self, truth: Truth, result: Result) -> JudgedFrame:
        known = self._labels[result.labels_version]
        objects = truth.objects
        if truth.label_set is None:
            objects = tuple(
                replace(one, concept_id=known.by_text.get(one.concept_id, one.concept_id))
                for one in objects
            )
        return judge_frame(objects, result.objects, known.concept_ids)

    def _refuse(self, stamp_ns: int, reason: str, detail: str) -> bool:
        self._on_frame(FrameOutcome(stamp_ns, reason, detail))
        return False

    def _on_loss(self, loss: Loss, stamp_ns: int) -> None:
        self._refuse(stamp_ns, loss, "")
