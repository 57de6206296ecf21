"""Items, their files, and countries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from culture_perception.culture_bench.countries import continent_of, countries, country_code
from culture_perception.culture_bench.item_files import read_items, write_items
from culture_perception.culture_bench.items import CATEGORIES, Item, ItemError

RECORD: dict[str, Any] = {
    "id": "a",
    "image": "pictures/a.jpg",
    "question": "What is this?",
    "options": ["w", "x", "y", "z"],
    "answer": 2,
    "concept": "tea",
    "country": "JP",
    "category": "food",
    "type": "recognition",
    "language": "en",
}


def write(path: Path, *records: Any) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_items_are_read_as_they_were_written(tmp_path: Path) -> None:
    region = {key: value for key, value in RECORD.items() if key != "country"}
    path = write(tmp_path / "i.jsonl", RECORD, "", {**region, "id": "b", "region": "WestAsia"})
    first, second = read_items(path)
    assert (first.item_id, first.answer, first.place) == ("a", 2, "JP")
    assert first.image == tmp_path / "pictures/a.jpg"
    assert (second.place, second.continent) == ("WestAsia", "Asia")
    again = tmp_path / "elsewhere" / "i.jsonl"
    assert write_items([first, second], again) == 2
    assert json.loads(again.read_text().splitlines()[0])["image"] == "../pictures/a.jpg"
    back = read_items(again)
    assert [one.image.resolve() for one in back] == [first.image, second.image]
    assert [one.options for one in back] == [first.options, second.options]


def test_an_answer_may_be_a_letter(tmp_path: Path) -> None:
    (item,) = read_items(write(tmp_path / "i.jsonl", {**RECORD, "answer": "D"}))
    assert item.answer == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("{", r"i\.jsonl:2: no JSON .*one object a line"),
        ("[1]", "no JSON object"),
        ({"id": ""}, "id is empty"),
        ({"options": ["w", "x", "y"]}, "are not 4 texts"),
        ({"options": ["w", "w", "y", "z"]}, "not all different"),
        ({"options": "wxyz"}, "no list of texts"),
        ({"answer": 4}, "answer 4 is no option; give 0 to 3"),
        ({"answer": "E"}, "answer 'E' is no option"),
        ({"answer": True}, "answer True is no option"),
        ({"country": "XX"}, "country 'XX' is none of ISO 3166-1"),
        ({"region": "Asia"}, "both given"),
        ({"country": ""}, "neither country nor region"),
        ({"category": "snacks"}, "category 'snacks' is none of food, plants"),
        ({"type": "naming"}, "type 'naming' is none of recognition"),
        ({"language": "Japanese"}, "language 'Japanese' is no tag"),
        ({"question": 3}, "question 3 is no text"),
        ({"mood": "good"}, "unknown field 'mood'"),
        ({"id": "a"}, "id 'a' is there already, in line 1"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(change: Any, message: str, tmp_path: Path) -> None:
    second = change if isinstance(change, str) else {**RECORD, "id": "b", **change}
    with pytest.raises(ItemError, match=message) as caught:
        read_items(write(tmp_path / "i.jsonl", RECORD, second))
    assert "i.jsonl:2: " in str(caught.value)


@pytest.mark.parametrize("name", [key for key in RECORD if key != "country"])
def test_a_missing_field_is_told(name: str, tmp_path: Path) -> None:
    record = {key: value for key, value in RECORD.items() if key != name}
    with pytest.raises(ItemError, match=f"1: {name} missing"):
        read_items(write(tmp_path / "i.jsonl", record))


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ItemError, match="no item is in this file"):
        read_items(write(tmp_path / "i.jsonl", ""))


def test_two_items_of_one_id_are_not_written(tmp_path: Path) -> None:
    (item,) = read_items(write(tmp_path / "i.jsonl", RECORD))
    with pytest.raises(ItemError, match="several items have the id 'a'"):
        write_items([item, item], tmp_path / "o.jsonl")


def test_the_categories_are_the_papers_fifteen() -> None:
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 15


def test_every_country_has_a_continent_and_a_name() -> None:
    found = countries()
    assert len(found) == 249  # officially assigned codes of ISO 3166-1
    assert {one.continent for one in found.values()} == {
        "Africa", "Antarctica", "Asia", "Europe", "North America", "Oceania", "South America",
    }  # fmt: skip
    names = [name.casefold() for one in found.values() for name in one.names]
    assert len(names) == len(set(names)) and all(names)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("jp", "JP"),
        ("South_Korea", "KR"),
        ("Hong Kong", "HK"),
        ("united kingdom", "GB"),
        ("Cote d'Ivoire", "CI"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_by_code_or_name(text: str, code: str | None) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("country", "region", "continent"),
    [
        ("JP", "", "Asia"),
        ("BR", "", "South America"),
        ("MX", "", "North America"),
        ("", "WestAsia", "Asia"),
        ("", "Africa", "Africa"),
        ("", "Americas", "unknown"),  # two continents
    ],
)
def test_continents(country: str, region: str, continent: str) -> None:
    assert continent_of(country, region) == continent


def test_items_tell_the_place(make_item: Any) -> None:
    item: Item = make_item(country="NG")
    assert (item.place, item.continent) == ("NG", "Africa")
