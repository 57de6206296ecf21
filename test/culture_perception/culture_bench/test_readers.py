"""Data sets in small, in the layouts that they are published in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from culture_perception.culture_bench.everyday_categories import category_of
from culture_perception.culture_bench.items import ItemError
from culture_perception.culture_bench.readers import read_layout

DOLLAR_HEAD = (
    "id,country.name,country.id,region.id,type,imageRelPath,topics,place,income,"
    "imagenet_synonyms,imagenet_sysnet_id\n"
)
DOLLAR_ROWS = (
    ("5d4a", "China", "cn", "as", "['stoves', 'kitchens']"),
    ("5d4b", "United States", "us", "am", '["front doors"]'),
    ("5d4c", "Nigeria", "ng", "af", "['toys']"),
    ("5d4d", "Nigeria", "ng", "af", "['plates of food', 'social drinks']"),
    ("5d4e", "Kenya", "ke", "af", "['spices']"),
    ("5d4f", "Kenya", "ke", "af", "['social drinks']"),
    ("5d50", "Kenya", "ke", "af", "[]"),
    ("5d51", "Nowhere", "xx", "af", "['spices']"),
)


@pytest.fixture
def dollar_street(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset_dollarstreet"
    folder.mkdir()
    lines = [
        f'{one},{name},{code},{region},image,assets/{one}/{one}.jpg,"{topics}",a,120.5,[],[]\n'.replace(
            '"["', '"[""'
        ).replace('"]"', '""]"')
        for one, name, code, region, topics in DOLLAR_ROWS
    ]
    (folder / "images_v2.csv").write_text(DOLLAR_HEAD + "".join(lines), encoding="utf-8")
    return folder


def test_dollar_street(dollar_street: Path) -> None:
    items, left_out = read_layout("dollar-street", dollar_street, "en", 0)
    assert left_out == {"no topic": 1, "no known country": 1}
    assert [one.country for one in items] == ["CN", "US", "NG", "NG", "KE", "KE"]
    first = items[0]
    assert first.image == dollar_street / "assets/5d4a/5d4a.jpg"
    assert (first.item_id, first.concept) == ("dollar-street/5d4a", "stoves")
    assert first.options[first.answer] == "stoves" and "kitchens" not in first.options
    food = items[3]
    assert food.category == "food" and "spices" in food.options  # of its category
    assert "social drinks" not in food.options  # true of the picture as well
    assert food.kind == "recognition" and food.continent == "Africa"


def test_options_hang_on_the_seed_alone(dollar_street: Path) -> None:
    first, _ = read_layout("dollar-street", dollar_street, "ja", 1)
    assert first[0].question.endswith("か。")
    assert read_layout("dollar-street", dollar_street / "images_v2.csv", "ja", 1)[0] == first
    others = [read_layout("dollar-street", dollar_street, "ja", seed)[0] for seed in range(2, 6)]
    assert any([one.options for one in other] != [one.options for one in first] for other in others)


def test_geode(tmp_path: Path) -> None:
    rows = [
        ("10.hand_soap/africa_1.jpg", "hand_soap", "Africa", "South_Africa"),
        ("10.hand_soap/asia_2.jpg", "hand_soap", "EastAsia", "Hong Kong"),
        ("2.religious_building/w_1.jpg", "religious_building", "WestAsia", "unknown"),
        ("3.dog/e_1.jpg", "dog", "Europe", "Romania"),
        ("4.hat/e_2.jpg", "hat", "Europe", "Spain"),
    ]
    text = ",file_path,object,region,ip_country\n"
    text += "".join(f"{i},{','.join(row)}\n" for i, row in enumerate(rows))
    (tmp_path / "index.csv").write_text(text)
    items, left_out = read_layout("geode", tmp_path, "en", 0)
    assert [one.place for one in items] == ["ZA", "HK", "WestAsia", "RO", "ES"]
    assert items[2].continent == "Asia" and items[2].category == "religion"
    assert items[0].image == tmp_path / "images/10.hand_soap/africa_1.jpg"
    assert sorted(items[0].options) == ["dog", "hand soap", "hat", "religious building"]
    assert not left_out


def verse(**changes: Any) -> dict[str, Any]:
    asked = "<image>\nWhat dish is this?\nA. Sushi\nB. Jollof rice\nC. Tacos\nD. Pho"
    return {
        "id": "v1",
        "image": "images/jollof.jpg",
        "conversations": [
            {"from": "human", "value": asked},
            {"from": "gpt", "value": "B. Jollof rice"},
        ],
        "concept": "Jollof rice",
        "country": "Nigeria",
        "category": "Food",
        "type": "image_recognition",
        **changes,
    }


def test_culture_verse(tmp_path: Path) -> None:
    asked = verse()["conversations"][0]["value"]
    records = [
        verse(),
        verse(id="v2", country="Sahel", category="Music & Dance", type="scene reasoning"),
        verse(id="v3", category="Sport"),
        verse(id="v4", conversations=[]),
        verse(id="v5", conversations=[{"value": "Why?"}, {"value": "B"}]),
        verse(id="v6", conversations=[{"value": asked}, {"value": "perhaps"}]),
        verse(id="v7", type="essay"),
        verse(id="v8", concept=""),
    ]
    (tmp_path / "train.json").write_text(json.dumps(records))
    items, left_out = read_layout("culture-verse", tmp_path / "train.json", "en", 0)
    first, second = items
    assert first.question == "What dish is this?"
    assert (first.options[first.answer], first.country) == ("Jollof rice", "NG")
    assert first.image == tmp_path / "images/jollof.jpg"
    assert (second.region, second.category) == ("Sahel", "music_and_dance")
    assert second.kind == "scene_reasoning"
    assert sum(left_out.values()) == 6
    assert left_out["no options, and fewer than four concepts to draw them from"] == 1
    assert left_out["no category of the fifteen"] == 1
    (tmp_path / "lines.jsonl").write_text("\n".join(json.dumps(one) for one in records))
    assert [one.item_id for one in read_layout("culture-verse", tmp_path / "lines.jsonl", "en", 0)[0]] == ["v1", "v2"]  # fmt: skip  # noqa: E501


def test_open_questions_of_recognition_are_given_options(tmp_path: Path) -> None:
    asked = [{"value": "<image>\nWhat is it?"}, {"value": "It is that."}]
    records = [
        verse(id=str(i), concept=concept, conversations=asked, country="NG")
        for i, concept in enumerate(("Jollof rice", "Suya", "Egusi soup", "Moi moi", "Fufu"))
    ]
    records.append(verse(id="why", conversations=asked, type="scene_reasoning"))
    records.append(verse(id="none", conversations=asked, concept=""))
    (tmp_path / "train.json").write_text(json.dumps(records))
    items, left_out = read_layout("culture-verse", tmp_path / "train.json", "en", 0)
    assert [one.item_id for one in items] == ["0", "1", "2", "3", "4"]
    assert all(one.options[one.answer] == one.concept for one in items)
    assert left_out == {"no 4 options A to D": 1, "concept is empty": 1}


@pytest.mark.parametrize(
    ("layout", "name", "text", "message"),
    [
        ("dollar-street", "images_v2.csv", "id,topics\n", "no column country.name"),
        ("geode", "index.csv", "", "no column file_path.*there is nothing"),
        ("geode", "index.csv", "file_path,object,region,ip_country\na\n", ":2: the line is cut"),
        ("geode", "index.csv", "file_path,object,region,ip_country\n", "no question in it"),
        (
            "geode", "index.csv", "file_path,object,region,ip_country\na,dog,Europe,Spain\n",
            "only 0 other concepts",
        ),
        ("culture-verse", "a.json", "hello", "neither JSON nor JSON lines"),
        ("culture-verse", "a.json", '{"a": 1}', "no list of records"),
        ("coco", "a.json", "", "layout 'coco' is none of culture-verse, dollar-street, geode"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(
    layout: str, name: str, text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    source = tmp_path if name.endswith("csv") else tmp_path / name
    with pytest.raises(ItemError, match=message):
        read_layout(layout, source, "en", 0)


def test_topics_that_are_no_list_are_told(tmp_path: Path) -> None:
    row = "1,Kenya,ke,af,image,assets/1/1.jpg,spices,a,1,[],[]\n"
    (tmp_path / "images_v2.csv").write_text(DOLLAR_HEAD + row)
    with pytest.raises(ItemError, match=r"images_v2\.csv:2: topics 'spices' are no list"):
        read_layout("dollar-street", tmp_path, "en", 0)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("religious building", "religion"),
        ("front door", "architecture"),
        ("plate of food", "food"),
        ("everyday shoes", "clothing"),
        ("toys", "entertainment"),
        ("toothbrush", "markets_and_shopping"),
    ],
)
def test_everyday_objects_have_a_category(name: str, category: str) -> None:
    assert category_of(name) == category
