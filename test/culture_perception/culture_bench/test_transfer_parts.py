"""Concepts dealt out to parts, and what leaks into the test."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from culture_perception.culture_bench.items import DIMENSIONS, Item, ItemError
from culture_perception.culture_bench.transfer_parts import split_by_concept, usable_groups
from culture_perception.label_lookup import key_of

REGION: Callable[[Item], str] = DIMENSIONS["region"]
LANGUAGE: Callable[[Item], str] = DIMENSIONS["language"]


@pytest.fixture
def items(make_item: Any, make_picture: Any) -> list[Item]:
    """Ten concepts of Japan and ten of Nigeria, two items each; four concepts are of both."""
    found = []
    for number in range(40):
        concept = number // 2 if number < 20 else number // 2 - 4
        found.append(
            make_item(
                f"i{number}",
                image=make_picture(f"{number}.png", seed=number),
                concept=f"Concept {concept}",
                question=sha256(bytes([number])).hexdigest(),
                country="JP" if number < 20 else "NG",
                language="ja" if number % 2 else "en",
            )
        )
    return found


def concepts(items: tuple[Item, ...]) -> set[str]:
    return {key_of(one.concept) for one in items}


@pytest.mark.parametrize("of", [REGION, LANGUAGE])
def test_no_concept_is_in_two_parts_and_each_group_has_its_share(
    items: list[Item], of: Callable[[Item], str]
) -> None:
    parts = split_by_concept(items, of, seed=4)
    training, validation, test = map(concepts, (parts.training, parts.validation, parts.test))
    assert not (training & validation or training & test or validation & test)
    assert len(parts.training) + len(parts.validation) + len(parts.test) == 40
    assert parts.leaked == 0
    for name in {of(item) for item in items}:
        own = parts.of_group(name, of)
        count = len({item.concept for item in items if of(item) == name})
        shares = [len(concepts(part)) / count for part in (own.training, own.validation, own.test)]
        assert shares == pytest.approx([0.5, 0.2, 0.3], abs=0.11)


def test_one_seed_gives_one_split(items: list[Item]) -> None:
    first, again, other = (split_by_concept(items, REGION, seed).test for seed in (1, 1, 2))
    assert first == again != other


def test_a_spelling_is_no_other_concept(make_item: Any, make_picture: Any) -> None:
    texts = ("green tea", "Green-Tea", "rice", "salt")
    several = [
        make_item(text, concept=text, question=text * 3, image=make_picture(f"{i}.png", seed=i))
        for i, text in enumerate(texts)
    ]
    parts = split_by_concept(several, REGION, seed=0)
    assert sorted(len(part) for part in (parts.training, parts.validation, parts.test)) == [1, 1, 2]


def test_what_training_gives_away_is_not_tested(items: list[Item]) -> None:
    parts = split_by_concept(items, REGION, seed=4)
    seen, asked = parts.training[0], parts.test[0]
    copied = [replace(one, image=seen.image) if one == asked else one for one in items]
    found = split_by_concept(copied, REGION, seed=4)
    assert found.leaked == 1
    assert asked.item_id not in {one.item_id for one in found.test}
    assert len(found.test) == len(parts.test) - 1


def test_a_group_with_too_few_items_is_told(items: list[Item], make_item: Any) -> None:
    alone = make_item("alone", country="FR", concept="bread", question="bread?")
    parts = split_by_concept([*items, alone], REGION, seed=4)
    groups, left_out = usable_groups(parts, REGION, least=4)
    assert groups == ("JP", "NG")
    assert list(left_out) == ["FR"] and sum(left_out["FR"]) == 1
    message = "two groups or more need 90 items each"
    with pytest.raises(ItemError, match=f"{re.escape(message)}.*JP .*NG .*lower --least"):
        usable_groups(parts, REGION, least=90)
