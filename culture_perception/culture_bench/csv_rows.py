"""Rows of a data set's list, each with its place for messages."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from culture_perception.culture_bench.items import ItemError

LeftOut: TypeAlias = "Counter[str]"
"""How many records of a data set are no question, by reason."""


@dataclass(frozen=True)
class Row:
    """One line: its cells by column, and file:line."""

    of: Mapping[str, str]
    where: str


def csv_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file that has at least these columns.

    Raises:
        ItemError: a column or a cell of these is missing.
        OSError: the file can not be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise ItemError(
                f"{path}:1: no column {', '.join(missing)}; there is "
                f"{', '.join(reader.fieldnames or ()) or 'nothing'}"
            )
        for cells in reader:
            where = f"{path}:{reader.line_num}"
            if any(cells[name] is None for name in columns):
                raise ItemError(f"{where}: the line is cut off; complete it, or delete it")
            yield Row({name: cells[name].strip() for name in columns}, where)
