"""Reads the files of `culture-bench transfer … --json PATH`, and colours their matrix."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from culture_perception.culture_bench.transfer_cells import OTHERS, TransferCell
from culture_perception.report.culture_reading import CultureRun, estimate_of, read_culture
from culture_perception.report.errors import ReportError

Record: TypeAlias = Mapping[str, Any]

GAIN: Final = (0, 114, 178)
LOSS: Final = (213, 94, 0)
"""Of Okabe and Ito: colour-blind people can tell these two apart."""
_FULL: Final = 0.4
"""Difference of accuracy from which a colour gets no stronger."""
_STRONGEST: Final = 0.6
"""Share of the colour over the paper's: letters on it are still read easily."""


@dataclass(frozen=True)
class TransferRun:
    """One file.

    Attributes:
        path: of the file.
        items: name of the file of items.
        by: what items were grouped by.
        encoder: that each adapter was trained for.
        groups: names, in order.
        cells: a row a group that was trained on; each has the groups and all others together.
        trained: group -> items to train on, to choose by and to test on.
        leaked: test items left out, as what is learned gives them away.
    """

    path: Path
    items: str
    by: str
    encoder: str
    groups: tuple[str, ...]
    cells: tuple[TransferCell, ...]
    trained: Mapping[str, tuple[int, int, int]]
    leaked: int

    @property
    def columns(self) -> tuple[str, ...]:
        """What is tested on."""
        return (*self.groups, OTHERS)

    def cell(self, trained_on: str, tested_on: str) -> TransferCell:
        """One of the matrix."""
        wanted = trained_on, tested_on
        return next(one for one in self.cells if (one.trained_on, one.tested_on) == wanted)


def read_run(path: Path) -> CultureRun | TransferRun:
    """A file of either kind.

    Raises:
        ReportError: it is damaged or of another version.
    """
    record = json.loads(path.read_text(encoding="utf-8"))
    return _transfer(record, path) if "trained" in record else read_culture(path)


def _transfer(record: Record, path: Path) -> TransferRun:
    try:
        found = TransferRun(
            path=path,
            items=str(record["provenance"]["items"]),
            by=str(record["by"]),
            encoder=str(record["provenance"]["encoder"]),
            groups=tuple(map(str, record["groups"])),
            cells=tuple(_cell(one) for one in record["cells"]),
            trained={str(one["group"]): _three(one["items"]) for one in record["trained"]},
            leaked=int(record["leaked"]),
        )
        for group in found.groups:
            for tested in found.columns:
                found.cell(group, tested)
        return found
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise ReportError(
            f"{path} is damaged, or of another version ({error!r}); run the transfer again"
        ) from error


def _three(sizes: Any) -> tuple[int, int, int]:
    training, validation, test = map(int, sizes)
    return training, validation, test


def _cell(one: Record) -> TransferCell:
    before, after, difference = (
        estimate_of(**one[name]) for name in ("before", "after", "difference")
    )
    return TransferCell(
        str(one["trained_on"]), str(one["tested_on"]), int(one["n"]), int(one["concepts"]),
        before, after, difference,
    )  # fmt: skip


def colour_of(one: TransferCell) -> str:
    """A gain or loss as a CSS colour; none where there is nothing to compare."""
    value = one.difference.value
    if not math.isfinite(value):
        return "transparent"
    red, green, blue = GAIN if value >= 0 else LOSS
    return f"rgb({red} {green} {blue} / {_STRONGEST * min(abs(value) / _FULL, 1):.0%})"
