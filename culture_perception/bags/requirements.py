"""What scores must reach: `f1>=0.7`, or of one cell `konbini/ja/plain:f1>=0.7`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from culture_perception.bags.errors import BagError
from culture_perception.metrics import CellScores
from culture_perception.tally import Cell

FIGURES: Final = tuple(one.name for one in fields(CellScores))
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FORM: Final = re.compile(
    r"\s*(?:(?P<cell>[^:/\s]+/[^:/\s]+/[^:/\s]+)\s*:)?"
    r"\s*(?P<figure>\w+)\s*(?P<comparison>>=|<=|>|<)"
    r"\s*(?P<value>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*",
    re.ASCII,
)


@dataclass(frozen=True)
class Requirement:
    """One comparison of one figure.

    Attributes:
        text: as it was given.
        cell: the cell that has to meet it; None: every one.
        figure: a field of CellScores.
        comparison: ">=", "<=", ">" or "<".
        value: what it is compared with.
    """

    text: str
    cell: Cell | None
    figure: str
    comparison: str
    value: float

    def failures(self, cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """What does not meet it, for people; a cell or figure that is not there fails.

        Args:
            cells: records as Tally.to_record makes them.
        """
        wanted = None if self.cell is None else self.cell._asdict()
        chosen = [one for one in cells if wanted is None or wanted.items() <= one.items()]
        if not chosen:
            yield f"{self.text}: nothing was scored there"
        for one in chosen:
            name = "/".join(one[field] for field in Cell._fields)
            figure = one[self.figure]
            if figure is None:
                yield f"{self.text}: {name} has no {self.figure}, for want of a sample"
            elif not _COMPARISONS[self.comparison](figure, self.value):
                yield f"{self.text}: {name} has {figure:.4g}"


def parse_requirement(text: str) -> Requirement:
    """Reads a requirement.

    Raises:
        BagError: it has another form or names no figure.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise BagError(
            f"--require {text!r}: write FIGURE>=NUMBER (or <=, >, <), for example 'f1>=0.7', or "
            "with a cell 'konbini/ja/plain:f1>=0.7'"
        )
    if found["figure"] not in FIGURES:
        raise BagError(f"--require {text!r}: no figure {found['figure']}; {', '.join(FIGURES)}")
    cell = Cell(*found["cell"].split("/")) if found["cell"] else None
    return Requirement(text, cell, found["figure"], found["comparison"], float(found["value"]))
