"""What can be wrong with a recording: counted, with examples, never an end to the scoring."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

MEANINGS: Final = {
    "truth_without_result": "true frames that have no result",
    "result_without_truth": "results that have no ground truth",
    "duplicate_truth": "ground truth a second time for one stamp",
    "duplicate_result": "results a second time for one stamp",
    "duplicate_frame": "frames a second time, with truth and result",
    "other_label_set": "frames named by another label set than their truth's",
    "other_image_size": "frames whose truth and result are of images of different size",
    "labels_not_announced": "frames whose labels are neither in the bag nor installed",
    "unreadable_truth": "frames whose ground truth contradicts itself",
    "unreadable_result": "frames whose result contradicts itself",
    "stamps_out_of_order": "stamps below the one before them (scored all the same)",
    "missing_topic": "topics without a message",
    "unknown_type": "topics of a type or serialisation that can not be read",
    "undecodable_message": "messages that do not decode",
    "no_metadata": "bags without a readable metadata.yaml, as where recording did not end well",
    "missing_file": "files that metadata.yaml names and that are not there",
    "cut_off": "files that end in the middle",
    "damaged": "parts of files that are damaged and left out",
    "unreadable_bag": "bags of which nothing could be read",
    "unknown_image": "images of the COCO file without a stamp",
    "crowd": "crowd regions of the COCO file, which are no single object",
}
"""Every fault by its name for programs, and what is counted under it."""
EXAMPLES: Final = 5


@dataclass
class Faults:
    """Counts of faults; two of them can be added up.

    Attributes:
        counts: name of the fault -> how often.
        examples: name of the fault -> the first few, for people.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, fault: str, example: str = "", count: int = 1) -> None:
        """Counts a fault; KeyError for one that has no meaning."""
        MEANINGS[fault]
        self.counts[fault] += count
        self._remember(fault, [example] if example else [])

    def merge(self, other: Faults) -> None:
        """Adds the other one's."""
        self.counts.update(other.counts)
        for fault, examples in other.examples.items():
            self._remember(fault, examples)

    def to_record(self) -> dict[str, Any]:
        """Fault -> count and examples, in the order of MEANINGS."""
        return {
            fault: {"count": self.counts[fault], "examples": self.examples.get(fault, [])}
            for fault in MEANINGS
            if self.counts[fault]
        }

    def _remember(self, fault: str, examples: list[str]) -> None:
        known = self.examples.setdefault(fault, [])
        known.extend(examples[: EXAMPLES - len(known)])
