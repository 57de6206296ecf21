from __future__ import annotations

from collections.abc import Callable

import pytest

from culture_perception.linting.attributes import (
    AttributeReader,
    count_attributes,
    imbalances,
    read_attributes,
)
from culture_perception.linting.findings import WARNING, Label
from culture_perception.linting.word_lists import Typo, Words, load_words
from culture_perception.resources import share_path

SHIPPED = load_words(share_path("config", "label_lint.yaml"))


@pytest.mark.parametrize(
    ("language", "text", "colours"),
    [
        ("en", "white and red box of chocolates", {"white", "red"}),
        ("en", "RED box", {"red"}),
        ("en", "bottle of green tea", set()),  # the longer word is no colour
        ("en", "green bottle of green tea", {"green"}),
        ("en", "yellow-green box", {"yellow_green"}),
        ("en", "light blue bag", {"light_blue"}),
        ("en", "blueberry jam, bored", set()),  # colours within words
        ("en", "glass of red wine", set()),
        ("ja", "黄緑色のお菓子の箱", {"yellow_green"}),
        ("ja", "白と赤の箱", {"white", "red"}),
        ("ja", "黄色いスナック菓子の袋", {"yellow"}),
        ("ja", "水色の袋", {"light_blue"}),
        ("ja", "緑茶のペットボトル", set()),
        ("ja", "面白い箱", set()),
        ("ja", "水の袋", set()),
        ("ja", "カップル", set()),
    ],
)
def test_colours_in_the_words_of_each_language(language: str, text: str, colours: set[str]) -> None:
    assert AttributeReader(SHIPPED[language]).read(text)["colour"] == colours


def test_other_attributes_are_read_beside_them() -> None:
    named = AttributeReader(SHIPPED["ja"]).read("アタック リセットパワーの小さな洗剤の箱")
    assert named["brand"] == {"attack", "reset_power"}
    assert (named["size"], named["content"], named["container"]) == (
        {"small"},
        {"detergent"},
        {"box"},
    )
    assert named["shape"] == set()


def test_a_misspelled_brand_is_named_all_the_same() -> None:
    words = Words({"brand": {"biore": ("ビオレ",)}}, typos=(Typo("ピオレ", "ビオレ"),))
    assert AttributeReader(words).read("ピオレのボトル") == {"brand": {"biore"}}


def findings(labels: list[Label]) -> dict[str, str]:
    """Language -> problem, of one concept in several languages."""
    found = list(imbalances(read_attributes(labels, SHIPPED)))
    assert all((one.severity, one.kind) == (WARNING, "imbalance") for one in found)
    return {one.label.language: one.problem for one in found}


@pytest.mark.parametrize(
    ("english", "japanese", "problems"),
    [
        ("red box", "箱", {"ja": "names no colour where en names red"}),
        ("box", "赤い箱", {"en": "names no colour where ja names red"}),
        ("salt", "塩の袋", {"en": "names no container where ja names bag"}),
        ("Biore", "石けん", {  # each lacks what the other names
            "en": "names no content where ja names soap",
            "ja": "names no brand where en names biore",
        }),
        ("blue bag", "水色の袋", {
            "en": "names colour blue where ja names light blue",
            "ja": "names colour light blue where en names blue",
        }),
        ("red and white box", "赤い箱", {"ja": "names colour red where en names white"}),
        ("red box of tea", "赤いお茶の箱", {}),
        ("bottle of green tea", "緑茶の瓶", {}),
        ("object", "物", {}),
    ],
)  # fmt: skip
def test_what_one_language_names_and_the_other_does_not(
    make_labels: Callable[..., list[Label]],
    english: str,
    japanese: str,
    problems: dict[str, str],
) -> None:
    assert findings(make_labels(english, language="en") + make_labels(japanese)) == problems


def test_styles_and_concepts_are_not_mixed(make_labels: Callable[..., list[Label]]) -> None:
    labels = [
        *make_labels("red box", "bag", language="en"),
        *make_labels("赤い箱", "袋"),
        *make_labels("box", "red bag", language="en", style="brand"),
        *make_labels("箱", "赤い袋", style="brand"),
    ]
    assert list(imbalances(read_attributes(labels, SHIPPED))) == []


def test_a_language_is_not_blamed_for_what_its_lists_lack(
    make_labels: Callable[..., list[Label]],
) -> None:
    words = {
        "en": Words({"colour": {"red": ("red",), "puce": ("puce",)}, "size": {"big": ("big",)}}),
        "es": Words({"colour": {"red": ("rojo",)}}),
    }
    labels = [
        *make_labels("red puce thing", "big thing", "puce thing", language="en"),
        *make_labels("cosa rojo", "cosa", "cosa", language="es"),
        *make_labels("Ding", "Ding", "Ding", language="de"),  # without lists
    ]
    found = list(imbalances(read_attributes(labels, words)))
    assert [(one.label.line, one.label.language, one.problem) for one in found] == [
        (3, "es", "names no colour where en names puce")
    ]


def test_three_languages_are_compared_each_with_all(
    make_labels: Callable[..., list[Label]],
) -> None:
    words = {tag: Words({"colour": {"red": (tag,)}}) for tag in ("aa", "bb", "cc")}
    labels = [label for tag in words for label in make_labels(f"x {tag}", language=tag)]
    labels[2] = make_labels("x", language="cc")[0]
    (found,) = imbalances(read_attributes(labels, words))
    assert found.label.language == "cc"
    assert found.problem == "names no colour where aa names red and bb names red"


def test_texts_that_name_an_attribute_are_counted(make_labels: Callable[..., list[Label]]) -> None:
    labels = [
        *make_labels("red box", "white bag", "tea", language="en"),
        *make_labels("赤い箱", "袋", "お茶"),
        *make_labels("Pocky", "x", "x", language="en", style="brand"),
    ]
    readings = read_attributes(labels, SHIPPED)

    counts = {one.attribute: one for one in count_attributes(readings, "plain")}

    assert list(counts) == ["colour", "container", "content"]  # what none names is left out
    assert counts["colour"].named == {"en": 2, "ja": 1} and counts["colour"].texts == 3
    assert counts["container"].named == {"en": 2, "ja": 2}
    (brand,) = count_attributes(readings, "brand")
    assert (brand.attribute, brand.named, brand.texts) == ("brand", {"en": 1}, 3)
    assert count_attributes([], "plain") == []
