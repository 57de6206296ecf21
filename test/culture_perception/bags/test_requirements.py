"""What scores must reach: the little grammar, and what fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culture_perception.bags.errors import BagError
from culture_perception.bags.requirements import Requirement, parse_requirement
from culture_perception.metrics import CellAccumulator
from culture_perception.tally import Cell


def cell(name: str, **figures: float | None) -> dict[str, Any]:
    return {
        **Cell(*name.split("/"))._asdict(),
        **CellAccumulator().scores().to_json(),
        **figures,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f1>=0.7", (None, "f1", ">=", 0.7)),
        (" f1 >= .7 ", (None, "f1", ">=", 0.7)),
        ("n>10", (None, "n", ">", 10.0)),
        ("latency_ms_p99<2.5e3", (None, "latency_ms_p99", "<", 2500.0)),
        ("unknown_rate<=1.", (None, "unknown_rate", "<=", 1.0)),
        ("konbini/ja/plain:f1>=0.7", (Cell("konbini", "ja", "plain"), "f1", ">=", 0.7)),
        (
            "my_set/zh-Hant-TW/brand : top1>-1",
            (Cell("my_set", "zh-Hant-TW", "brand"), "top1", ">", -1),
        ),
    ],
)
def test_what_is_understood(text: str, expected: tuple[Any, ...]) -> None:
    one = parse_requirement(text)
    assert (one.cell, one.figure, one.comparison, one.value) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "f1",
        "f1>=",
        ">=0.7",
        "f1=0.7",
        "f1==0.7",
        "f1>=70%",
        "f1>=nan",
        "f1>=inf",
        "f1>=0.7 and n>3",
        "konbini:f1>=0.7",
        "konbini/ja:f1>=0.7",
        "f1>=__import__('os')",
        "f1>=１",
    ],
)
def test_what_is_not_understood(text: str) -> None:
    with pytest.raises(BagError, match="write FIGURE>=NUMBER"):
        parse_requirement(text)


def test_a_figure_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BagError, match="no figure f2; frames, n, mask_recall_iou50"):
        parse_requirement("f2>=0.7")


@given(st.text())
def test_no_text_is_more_than_refused(text: str) -> None:
    try:
        one = parse_requirement(text)
    except BagError:
        return
    assert isinstance(one, Requirement)


@pytest.mark.parametrize(
    ("text", "failures"),
    [
        ("f1>=0.5", []),
        ("f1>0.5", ["f1>0.5: toys/ja/plain has 0.5"]),
        ("f1>=0.75", ["f1>=0.75: toys/ja/plain has 0.5"]),
        ("toys/en/plain:f1>=0.75", []),
        ("toys/fr/plain:f1>=0", ["toys/fr/plain:f1>=0: nothing was scored there"]),
        ("top1>=0", ["top1>=0: toys/ja/plain has no top1, for want of a sample"]),
        ("top1<=1", ["top1<=1: toys/ja/plain has no top1, for want of a sample"]),
        ("n<1", []),
    ],
)
def test_what_does_not_meet_them(text: str, failures: list[str]) -> None:
    cells = [cell("toys/en/plain", f1=0.75, top1=1.0), cell("toys/ja/plain", f1=0.5)]
    assert list(parse_requirement(text).failures(cells)) == failures


def test_without_any_cell_nothing_is_met() -> None:
    assert list(parse_requirement("f1>=0").failures([])) == ["f1>=0: nothing was scored there"]
