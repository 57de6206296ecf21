"""What tuning changed: answers before and after to the same questions, and whether it hurts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from culture_perception.adapt.gate import ALLOWED_DROP, paired_interval
from culture_perception.culture_bench.answer_files import AnswerFile
from culture_perception.culture_bench.answering import Answerer
from culture_perception.culture_bench.figures import right_of
from culture_perception.culture_bench.items import Item
from culture_perception.culture_bench.running import answer_all
from culture_perception.label_lookup import key_of
from culture_perception.measure.intervals import Interval

TEST: Final = "test"
GENERAL: Final = "general"
_BY: Final[Mapping[str, Callable[[Item], str]]] = {
    "all": lambda item: "",
    "place": lambda item: item.place,
    "category": lambda item: item.category,
    "type": lambda item: item.kind,
    "language": lambda item: item.language,
}
_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Cell:
    """Some of the questions, before and after.

    Attributes:
        part: TEST or GENERAL.
        by: what they are grouped by; "all" for all of the part.
        name: of the group.
        n: questions.
        before: share answered rightly by the model as it was.
        after: by the tuned one.
        interval: of the change, 95 %; whole concepts drawn anew.
    """

    part: str
    by: str
    name: str
    n: int
    before: float
    after: float
    interval: Interval

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "part": self.part,
            "by": self.by,
            "name": self.name,
            "n": self.n,
            "before": self.before,
            "after": self.after,
            "change": self.after - self.before,
            "change_interval": list(self.interval),
        }


def ask(answerer: Answerer, items: Sequence[Item], file: Path, title: str) -> NDArray[np.bool_]:
    """(N,) which questions are answered rightly; those asked before are read from the file."""
    with AnswerFile(file) as answers:
        found = answer_all(answerer, items, "image", answers, _AT_ONCE, title)
    return right_of(items, found)


def compare(
    part: str, items: Sequence[Item], before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> list[Cell]:
    """A cell for each group of the items (N,), that of all of them first; none for no items."""
    concepts = np.unique([key_of(item.concept) for item in items], return_inverse=True)[1]
    cells = []
    for by, of in _BY.items():
        names = np.array([of(item) for item in items], dtype=np.str_)
        for name in np.unique(names):
            rows = names == name
            change = after[rows].astype(np.float64) - before[rows]
            interval = paired_interval(change, concepts[rows].astype(np.int64))
            shares = float(before[rows].mean()), float(after[rows].mean())
            cells.append(Cell(part, by, str(name), int(rows.sum()), *shares, interval))
    return cells


def faults_of(cells: Sequence[Cell]) -> list[str]:
    """What the gate has against it; nothing: it may pass.

    The test questions together must gain beyond their interval, unless all were right before. No
    group of the general ones may fall by more than 1 point beyond its interval.
    """
    faults = []
    for one in cells:
        moved = f"from {one.before:.1%} to {one.after:.1%}"
        if one.part == TEST and one.by == "all" and one.interval[0] <= 0 and one.before < 1:
            faults.append(f"the test questions did not gain beyond their interval ({moved})")
        if one.part == GENERAL and one.interval[1] < -ALLOWED_DROP:
            what = "the general questions" if one.by == "all" else f"general {one.by} {one.name}"
            faults.append(f"{what} fell {moved}")
    return faults
