"""Texts of any language to concepts."""

from pathlib import Path

import pytest

from culture_perception.label_lookup import find_labels, key_of, same_label
from culture_perception.labels import LabelError, LabelSet, load_label_set

TEXT = """\
name: shop
culture: JP
description: Two things.
languages: [en, ja]
concepts:
  - id: shop.tea
    category: drink
    texts:
      en: {plain: green tea bottle, brand: Oi Ocha bottle}
      ja: {plain: 緑茶のペットボトル, brand: おーいお茶のペットボトル}
  - id: shop.gum
    category: food
    texts:
      en: {plain: gum, brand: ガム}
      ja: {plain: ガム, brand: ガムの箱}
"""


@pytest.fixture
def shop(tmp_path: Path) -> dict[str, LabelSet]:
    path = tmp_path / "shop.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return {"shop": load_label_set(path)}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Green Tea, bottle", "greenteabottle"),
        ("ＰＯＣＫＹ の 箱", "pockyの箱"),
        ("おーいお茶", "おーいお茶"),
        ("ｶﾞﾑ", "ガム"),
        (" .,!", ""),
    ],
)
def test_what_counts_of_a_text(text: str, key: str) -> None:
    assert key_of(text) == key


def test_text_of_any_language_and_style(shop: dict[str, LabelSet]) -> None:
    for text in (
        "Green tea BOTTLE",
        "oi ocha bottle",
        "緑茶のペットボトル",
        "おーいお茶の ペットボトル",
    ):
        ((name, label),) = find_labels(shop, text)
        assert (name, label.concept_id) == ("shop", "shop.tea")


def test_language_narrows_the_search(shop: dict[str, LabelSet]) -> None:
    assert [one.language for _, one in find_labels(shop, "ガム")] == ["en", "ja"]
    assert [one.language for _, one in find_labels(shop, "ガム", "ja")] == ["ja"]
    assert find_labels(shop, "gum", "ja") == []


def test_a_region_or_another_case_does_not_hide_a_language(shop: dict[str, LabelSet]) -> None:
    assert find_labels(shop, "緑茶のペットボトル", "ja-JP") == find_labels(
        shop, "緑茶のペットボトル", "ja"
    )
    assert find_labels(shop, "緑茶のペットボトル", "JA")
    assert find_labels(shop, "緑茶のペットボトル", "en-GB") == []


def test_an_unknown_language_is_named(shop: dict[str, LabelSet]) -> None:
    with pytest.raises(LabelError, match=r"'tlh'.*en.*ja"):
        find_labels(shop, "gum", "tlh")


def test_nothing_is_no_label(shop: dict[str, LabelSet]) -> None:
    assert find_labels(shop, " !") == []
    assert same_label(shop["shop"].select("en", "plain").labels, "") is None
