"""The matrix: paired differences, group by group, counted by hand; printed and written."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from culture_perception.culture_bench.answering import Answer
from culture_perception.culture_bench.item_files import write_items
from culture_perception.culture_bench.items import DIMENSIONS, Item
from culture_perception.culture_bench.transfer_cells import (
    OTHERS,
    Asked,
    Trained,
    Transfer,
    transfer_row,
)
from culture_perception.culture_bench.transfer_report import print_transfer, transfer_record

RIGHT, WRONG = Answer(0), Answer(1)
GROUPS = ("JP", "NG", "US")


@pytest.fixture
def items(make_item: Any, make_picture: Any) -> tuple[Item, ...]:
    """Four of each country, each with a concept of its own."""
    image = make_picture("a.png")
    return tuple(
        make_item(str(i), image=image, concept=f"c{i}", country=GROUPS[i // 4]) for i in range(12)
    )


@pytest.fixture
def found(items: tuple[Item, ...]) -> Transfer:
    """Training on Japan helps Japan and harms Nigeria; the other trainings change nothing."""
    tested = Asked(items, (WRONG, WRONG, WRONG, RIGHT) * 3)
    after = (RIGHT, RIGHT, RIGHT, WRONG, *[WRONG] * 4, WRONG, WRONG, RIGHT, RIGHT)
    of = DIMENSIONS["region"]
    rows = [transfer_row("JP", GROUPS, of, tested, after)]
    rows += [transfer_row(name, GROUPS, of, tested, tested.before) for name in GROUPS[1:]]
    return Transfer(
        by="region", encoder="colours-1", groups=GROUPS, left_out={"FR": (1, 0, 2)}, leaked=3,
        broken=1, trained=tuple(Trained(name, (9, 5, 4), 25, (0.3, 0.6)) for name in GROUPS),
        cells=tuple(cell for row in rows for cell in row),
    )  # fmt: skip


def test_each_group_is_counted_before_and_after(found: Transfer) -> None:
    japan, nigeria, states, others = found.cells[:4]
    assert [one.tested_on for one in found.cells[:4]] == [*GROUPS, OTHERS]
    assert (japan.before.value, japan.after.value) == (0.25, 0.75)
    assert japan.difference.value == pytest.approx(0.5)
    assert nigeria.difference.value == pytest.approx(-0.25)
    assert states.difference.value == pytest.approx(0.25)
    assert (others.n, others.concepts, others.difference.value) == (8, 8, 0)
    assert japan.difference.low < 0.5 < japan.difference.high
    assert all(one.difference.value == 0 for one in found.cells[4:])


def test_all_of_it_is_printed(found: Transfer) -> None:
    console = Console(file=io.StringIO(), width=140)
    print_transfer(found, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in (
        "n = 4",
        "75.0",
        "+50.0 (",
        "-25.0 (",
        OTHERS,
        "JP: 9 items to train on, 5 to choose by (probability of the right option 0.30, after 25 "
        "steps 0.60), 4 to",
        "FR left out: 1/0/2 items",
        "3 test items left out",
        "1 items left out, their picture is broken",
    ):
        assert part in text


def test_all_of_it_is_written(found: Transfer, items: tuple[Item, ...], tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    write_items(items, path)
    record = json.loads(json.dumps(transfer_record(path, found, 2.5), allow_nan=False))
    assert record["benchmark"] == "culture-transfer"
    cells = {(one["trained_on"], one["tested_on"]): one for one in record["cells"]}
    assert len(cells) == 12
    assert cells["JP", "JP"]["after"]["value"] == 0.75
    assert cells["JP", OTHERS]["difference"]["value"] == 0
    assert record["trained"][0] == {
        "group": "JP", "items": [9, 5, 4], "best_step": 25, "trust": [0.3, 0.6],
    }  # fmt: skip
    assert record["provenance"]["encoder"] == "colours-1"
    assert record["left_out"] == {"FR": [1, 0, 2]}
