"""Accuracy by group, the gap, and comparisons: cases counted by hand."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from culture_perception.culture_bench.answering import Answer
from culture_perception.culture_bench.comparing import ModelResult, compare
from culture_perception.culture_bench.figures import score
from culture_perception.culture_bench.item_files import write_items
from culture_perception.culture_bench.items import DIMENSIONS, Item
from culture_perception.culture_bench.record import to_record
from culture_perception.culture_bench.tables import print_results

RIGHT, WRONG, NONE = Answer(0), Answer(1), Answer(None, "no letter in the answer")
BROKEN = Answer(None, "broken image: cut off", broken=True)
REFUSED = Answer(None, "refused: HTTP 400 Bad Request")


@pytest.fixture
def items(make_item: Any) -> list[Item]:
    """Six of Japan, four of Nigeria; each has a concept of its own, and the right answer is 0."""
    places = ["JP"] * 6 + ["NG"] * 4
    return [
        make_item(
            str(i),
            country=place,
            concept=f"c{i}",
            language="ja" if i % 2 else "en",
            kind="recognition" if i < 5 else "scene_reasoning",
        )
        for i, place in enumerate(places)
    ]


ANSWERS = [RIGHT, RIGHT, RIGHT, WRONG, NONE, BROKEN, RIGHT, WRONG, WRONG, REFUSED]


def test_shares_by_group(items: list[Item]) -> None:
    found = score(items, ANSWERS)
    assert (found.n, found.concepts, found.broken) == (9, 9, 1)
    assert found.accuracy.value == pytest.approx(4 / 9)  # what could not be read is wrong
    assert 0 < found.accuracy.low < 4 / 9 < found.accuracy.high < 1
    assert found.unread == {"no letter in the answer": 1, "refused": 1}
    by_place = {one.name: one for one in found.groups["region"]}
    assert {name: one.n for name, one in by_place.items()} == {"JP": 5, "NG": 4}
    assert by_place["JP"].accuracy.value == pytest.approx(3 / 5)
    assert by_place["NG"].accuracy.value == pytest.approx(1 / 4)
    assert [one.name for one in found.groups["continent"]] == ["Africa", "Asia"]
    assert {one.name: one.n for one in found.groups["language"]} == {"en": 5, "ja": 4}
    names = [one.name for one in found.groups["region and language"]]
    assert names == ["JP (en)", "JP (ja)", "NG (en)", "NG (ja)"]


def test_the_gap_is_best_less_worst(items: list[Item]) -> None:
    found = score(items, ANSWERS)
    gap = found.gaps["region"]
    assert (gap.best, gap.worst) == ("JP", "NG")
    assert gap.difference.value == pytest.approx(3 / 5 - 1 / 4)
    assert gap.difference.low < 0.35 < gap.difference.high
    assert "category" not in found.gaps  # there is one alone
    assert "region" not in score(items, ANSWERS, least=5).gaps  # Nigeria has four


def test_nothing_right_and_nothing_asked(items: list[Item]) -> None:
    none = score(items, [WRONG] * 10)
    gap = none.gaps["region"]
    assert (gap.worst, gap.best, gap.difference.value) == ("JP", "NG", 0)
    assert math.isnan(gap.difference.low)
    assert none.accuracy.value == 0 and none.accuracy.high > 0  # Wilson's
    broken = score(items, [BROKEN] * 10)
    assert (broken.n, broken.broken) == (0, 10)
    assert math.isnan(broken.accuracy.value)
    assert all(broken.groups[name] == () for name in DIMENSIONS)


def result(items: list[Item], title: str, answers: list[Answer], blind: list[Answer]) -> Any:
    return ModelResult(
        title, f"{title}-1", tuple(answers), tuple(blind), score(items, answers),
        score(items, blind) if blind else None,
    )  # fmt: skip


def test_models_are_compared_on_what_both_saw(items: list[Item]) -> None:
    better = [RIGHT] * 9 + [BROKEN]
    first, second = result(items, "one", ANSWERS, []), result(items, "two", better, [WRONG] * 10)
    blind, pair, *by_language = compare(items, [first, second])
    assert (blind.first, blind.second, blind.n) == ("two", "two, blind", 9)
    assert (blind.only_first, blind.only_second) == (9, 0)
    assert blind.p == pytest.approx(2 / 2**9)
    assert (pair.first, pair.second, pair.n) == ("one", "two", 8)  # items 5 and 9 are broken
    assert (pair.only_first, pair.only_second) == (0, 4)
    assert pair.p == pytest.approx(2 / 2**4)
    assert pair.difference.value == pytest.approx(4 / 8 - 1)
    assert blind.p_holm == pytest.approx((2 + len(by_language)) * blind.p)
    assert compare(items, [first]) == []


def test_pairs_of_models_are_compared_by_language_too(items: list[Item]) -> None:
    mixed = [replace(one, language="ja" if i < 4 else "en") for i, one in enumerate(items)]
    first = result(mixed, "one", [WRONG] * 4 + [RIGHT] * 6, [])
    second = result(mixed, "two", [RIGHT] * 10, [])
    whole, english, japanese = compare(mixed, [first, second])
    assert [one.language for one in (whole, english, japanese)] == ["", "en", "ja"]
    assert [one.n for one in (whole, english, japanese)] == [10, 6, 4]
    assert english.difference.value == 0 and japanese.difference.value == -1
    assert japanese.p_holm == pytest.approx(3 * japanese.p)  # of three, the smallest


def test_all_of_it_is_printed_and_written(items: list[Item], tmp_path: Path) -> None:
    results = [
        result(items, "one", ANSWERS, [WRONG] * 10),
        result(items, "two", [RIGHT] * 10, []),
    ]
    comparisons = compare(items, results)
    console = Console(file=io.StringIO(), width=140)
    print_results(results, comparisons, 1.0, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in (
        "one, by region: worst NG 25%, best JP 60%, a gap of +35.0",
        "one: 1 items left out, their picture is broken",
        "one: 1 of 9 answers count as wrong: refused",
        "less two",
        "A small sample: 9 concepts",
        "44.4",
        "most frequent letter",
    ):
        assert part in text
    path = tmp_path / "items.jsonl"
    write_items(items, path)
    record = to_record(path, results, comparisons, 1.0, 2.0)
    json.dumps(record, allow_nan=False)
    cells = {(one["model"], one["mode"], one["group"]): one for one in record["cells"]}
    assert cells["one", "image", "NG"]["accuracy"] == 0.25
    assert cells["one", "blind", "all"]["accuracy"] == 0.0
    assert ("two", "blind", "all") not in cells
    assert record["results"][0]["gaps"]["region"]["worst"] == "NG"
    assert record["provenance"]["models"] == {"one": "one-1", "two": "two-1"}
    assert len(record["provenance"]["items_sha256"]) == 64
