from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from culture_perception.concepts import ActiveLabels, LabelText, Language
from culture_perception.labels import (
    LabelError,
    load_label_set,
    load_label_sets,
    load_languages,
)

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config" / "labels"
LANGUAGES = {
    "en": Language("en", "English", None, ("{}", "a photo of {}")),
    "ja": Language("ja", "Japanese", "en", ("{}", "{}の写真")),
    "fr": Language("fr", "French", None, ("{}",)),
    "ko": Language("ko", "Korean", "ja", ("{}",)),
}
TEA = """\
name: teas
culture: JP
description: Bottles of tea.
languages: [en, ja]
concepts:
  - id: teas.green
    category: drink
    texts:
      en: {plain: green bottle, brand: Oi Ocha}
      ja: {plain: 緑のボトル, brand: おーいお茶}
  - id: teas.black
    culture: GB
    category: drink
    texts:
      en: {plain: black tea, brand: Lipton}
      ja: {plain: 紅茶, brand: リプトン}
"""


def write(folder: Path, text: str, name: str = "teas.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_keeps_ids_texts_and_cultures_in_the_order_of_the_file(tmp_path: Path) -> None:
    teas = load_label_set(write(tmp_path, TEA), LANGUAGES)

    assert (teas.name, teas.culture, teas.languages) == ("teas", "JP", ("en", "ja"))
    assert [one.concept_id for one in teas.concepts] == ["teas.green", "teas.black"]
    assert [one.culture for one in teas.concepts] == ["JP", "GB"], "a concept may have its own"
    assert teas.concepts[0].texts["ja"]["brand"] == "おーいお茶"


def test_a_selection_puts_each_label_into_the_templates_of_its_language(tmp_path: Path) -> None:
    active = load_label_set(write(tmp_path, TEA), LANGUAGES).select("ja", "plain")

    assert active.concept_ids == ("teas.green", "teas.black")
    assert active.labels[0] == LabelText(
        concept_id="teas.green",
        label="緑のボトル",
        prompts=("緑のボトル", "緑のボトルの写真"),
        culture="JP",
        category="drink",
        language="ja",
    )


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        pytest.param("en", "en", id="there"),
        pytest.param("ja", "en", id="not there, its fallback is"),
        pytest.param("ko", "en", id="fallback of the fallback"),
    ],
)
def test_a_language_that_the_set_lacks_falls_back(tmp_path: Path, asked: str, written: str) -> None:
    text = TEA.replace("[en, ja]", "[en]")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("      ja:"))

    active = load_label_set(write(tmp_path, text), LANGUAGES).select(asked, "plain")

    assert active.language == asked
    assert {label.language for label in active.labels} == {written}
    assert active.labels[0].prompts == ("green bottle", "a photo of green bottle")


@pytest.mark.parametrize(
    ("language", "style", "named"),
    [
        pytest.param("fr", "plain", ["teas", "'fr'", "en, ja"], id="no text and no fallback"),
        pytest.param("xx", "plain", ["'xx'", "en, fr, ja, ko"], id="undeclared language"),
        pytest.param("en", "loud", ["'loud'", "plain, brand"], id="unknown style"),
    ],
)
def test_a_wrong_request_names_what_there_is(
    tmp_path: Path, language: str, style: str, named: list[str]
) -> None:
    teas = load_label_set(write(tmp_path, TEA), LANGUAGES)

    with pytest.raises(LabelError) as caught:
        teas.select(language, style)

    assert all(part in str(caught.value) for part in named), str(caught.value)


def test_the_version_changes_with_everything_that_counts_and_with_nothing_else(
    tmp_path: Path,
) -> None:
    teas = load_label_set(write(tmp_path, TEA), LANGUAGES)
    versions = [
        teas.select(tag, style).version for tag in ("en", "ja") for style in ("plain", "brand")
    ]
    templates = {**LANGUAGES, "en": dataclasses.replace(LANGUAGES["en"], templates=("{}",))}
    path = write(tmp_path, TEA.replace("green bottle", "green flask"), "other.yaml")
    commented = load_label_set(write(tmp_path, "# tea\n" + TEA, "comment.yaml"), LANGUAGES)

    versions.append(load_label_set(path, LANGUAGES).select("en", "plain").version)
    versions.append(load_label_set(tmp_path / "teas.yaml", templates).select("en", "plain").version)

    assert len(set(versions)) == 6
    assert commented.select("en", "plain").version == versions[0]
    assert len(versions[0]) == 12 and int(versions[0], 16) >= 0


def test_a_version_can_be_recomputed_from_what_a_message_carries(tmp_path: Path) -> None:
    active = load_label_set(write(tmp_path, TEA), LANGUAGES).select("ja", "brand")

    again = ActiveLabels.of(active.label_set, active.language, active.style, active.labels)

    assert again == active


@pytest.mark.parametrize(
    ("old", "new", "line", "named"),
    [
        pytest.param("teas.black", "teas.green", 11, ["'teas.green'", "line 6"], id="same id"),
        pytest.param(
            "plain: 紅茶", "plain: 緑のボトル", 16, ["緑のボトル", "line 10"], id="same text"
        ),
        pytest.param("plain: 紅茶", "plain: ''", 16, ["empty"], id="empty text"),
        pytest.param("plain: 紅茶", "plain: '　 '", 16, ["empty"], id="text of white space"),
        pytest.param("plain: 紅茶", "plain:", 16, ["not a text"], id="no text"),
        pytest.param("plain: 紅茶", "plain: 7", 16, ["'7'", "quotes"], id="number"),
        pytest.param("plain: 紅茶, ", "", 16, ["'plain' is missing"], id="missing style"),
        pytest.param(
            "plain: 紅茶", "loud: 紅茶", 16, ["'loud'", "plain, brand"], id="unknown style"
        ),
        pytest.param("      ja: {plain: 緑", "      fr: {plain: 緑", 10, ["'fr'"], id="undeclared"),
        pytest.param("[en, ja]", "[en, ja, fr]", 9, ["'fr' is missing"], id="language not written"),
        pytest.param("[en, ja]", "[en, ja, tlh]", 4, ["'tlh'", "languages.yaml"], id="unknown tag"),
        pytest.param("[en, ja]", "[en, en, ja]", 4, ["'en'", "twice"], id="language twice"),
        pytest.param("[en, ja]", "[]", 4, ["no languages"], id="no language"),
        pytest.param("[en, ja]", "en", 4, ["not a list"], id="not a list"),
        pytest.param("category: drink", "kind: drink", 7, ["'kind'", "category"], id="unknown key"),
        pytest.param(
            "    culture: GB", "    culture: GB\n    culture: UK", 13, ["twice"], id="key twice"
        ),
        pytest.param("culture: JP\n", "", 1, ["'culture' is missing"], id="missing key"),
        pytest.param("teas.green", "Teas Green", 6, ["'Teas Green'", "my_set"], id="odd id"),
        pytest.param("name: teas", "name: my teas", 1, ["'my teas'", "my_set"], id="odd name"),
        pytest.param("concepts:", "concepts: [", 18, ["not YAML"], id="not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_cure(
    tmp_path: Path, old: str, new: str, line: int, named: list[str]
) -> None:
    assert old in TEA, "the table is out of date"
    path = write(tmp_path, TEA.replace(old, new, 1))

    with pytest.raises(LabelError) as caught:
        load_label_set(path, LANGUAGES)

    message = str(caught.value)
    assert message.startswith(f"{path}:"), message
    assert all(part in message for part in named), message
    if "not YAML" not in message:
        assert message.startswith(f"{path}:{line}:"), message
        assert ";" in message, "a cure follows the complaint"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(
            "name: お茶".encode("shift_jis"), ["not UTF-8", ":1:", "save"], id="Shift JIS"
        ),
        pytest.param(b"a: 1\nb: \xff", [":2:", "0xff"], id="stray byte in line 2"),
        pytest.param(b"", ["empty"], id="empty file"),
        pytest.param(b"- a\n- b\n", ["not a mapping"], id="a list"),
        pytest.param(b"a: \x00", ["not YAML"], id="control character"),
        pytest.param(b"a: 1\n--- \nb: 2", ["not YAML"], id="two documents"),
    ],
)
def test_a_file_that_is_no_label_set_is_named(
    tmp_path: Path, content: bytes, named: list[str]
) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)

    with pytest.raises(LabelError) as caught:
        load_label_set(path, LANGUAGES)

    assert all(part in str(caught.value) for part in [str(path), *named]), str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"nowhere\.yaml: cannot be read"):
        load_label_set(tmp_path / "nowhere.yaml", LANGUAGES)


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        pytest.param("en_US: {name: E, templates: ['{}']}", 1, ["'en_US'", "pt-BR"], id="odd tag"),
        pytest.param("en: {name: E, templates: []}", 1, ["no template"], id="no template"),
        pytest.param("en: {name: E, templates: [photo]}", 1, ["exactly one"], id="no place"),
        pytest.param("en: {name: E, templates: ['{} {}']}", 1, ["exactly one"], id="two places"),
        pytest.param(
            "en: {name: E, fallback: de, templates: ['{}']}",
            1,
            ["'de'", "en"],
            id="no such fallback",
        ),
        pytest.param(
            "en: {name: E, fallback: en, templates: ['{}']}", 1, ["en -> en"], id="own fallback"
        ),
        pytest.param(
            "de: {name: D, templates: ['{}']}\n"
            "en: {name: E, fallback: ja, templates: ['{}']}\n"
            "ja: {name: J, fallback: en, templates: ['{}']}",
            2,
            ["en -> ja -> en"],
            id="circle of two",
        ),
    ],
)
def test_a_mistake_in_the_languages_is_named(
    tmp_path: Path, text: str, line: int, named: list[str]
) -> None:
    path = write(tmp_path, text, "languages.yaml")

    with pytest.raises(LabelError) as caught:
        load_languages(path)

    message = str(caught.value)
    assert message.startswith(f"{path}:{line}:"), message
    assert all(part in message for part in named), message


def test_a_user_adds_a_language_and_a_set_by_yaml_alone(tmp_path: Path) -> None:
    write(
        tmp_path,
        "zh-Hant-TW: {name: Chinese of Taiwan, templates: ['{}', '{}的照片']}",
        "languages.yaml",
    )
    labels = tmp_path / "labels"
    labels.mkdir()
    text = TEA.replace("[en, ja]", "[zh-Hant-TW]").replace("      ja:", "      zh-Hant-TW:")
    lines = [line for line in text.splitlines() if not line.startswith("      en:")]
    write(labels, "\n".join(lines))

    active = load_label_sets(labels)["teas"].select("zh-Hant-TW", "plain")

    assert active.labels[1].prompts == ("紅茶", "紅茶的照片")


def test_the_languages_beside_a_set_come_before_those_above(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    for folder, name in ((tmp_path, "above"), (labels, "beside")):
        tags = (f"{tag}: {{name: {name}, templates: ['{{}}']}}\n" for tag in ("en", "ja"))
        write(folder, "".join(tags), "languages.yaml")
    write(labels, TEA)

    assert load_label_sets(labels)["teas"].known_languages["en"].name == "beside"


def test_two_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, TEA, "a.yaml")
    write(tmp_path, TEA, "b.yaml")
    write(
        tmp_path,
        "en: {name: E, templates: ['{}']}\nja: {name: J, templates: ['{}']}",
        "languages.yaml",
    )

    with pytest.raises(LabelError, match=r"b\.yaml.*'teas' is there already"):
        load_label_sets(tmp_path)


def test_a_folder_without_sets_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"no label set"):
        load_label_sets(tmp_path)


def test_the_shipped_sets_are_the_papers_fifteen_and_fifteen() -> None:
    sets = load_label_sets(SHIPPED)

    assert {name: len(one.concepts) for name, one in sets.items()} == {"konbini": 15, "ycb": 15}
    assert (sets["ycb"].culture, sets["konbini"].culture) == ("US", "JP")
    assert sets["ycb"].languages == ("en",) and sets["konbini"].languages == ("en", "ja")
    for one in sets.values():
        assert all(concept.concept_id.startswith(f"{one.name}.") for concept in one.concepts)


@pytest.mark.parametrize(
    ("label_set", "language", "style", "concept_id", "text"),
    [
        ("ycb", "en", "plain", "ycb.master_chef_can", "blue can of coffee"),
        ("ycb", "en", "brand", "ycb.mustard_bottle", "French's mustard bottle"),
        ("ycb", "ja", "brand", "ycb.rubiks_cube", "Rubik's cube"),
        ("konbini", "en", "brand", "konbini.tongari_corn_snack", "Toomoriko chips"),
        ("konbini", "en", "brand", "konbini.vermont_curry", "Baamoto Curry box"),
        ("konbini", "ja", "plain", "konbini.macadamia_chocolate", "チョコレート の箱"),
        ("konbini", "ja", "plain", "konbini.vermont_curry", "カレーラーの箱"),
        ("konbini", "ja", "brand", "konbini.biore_hand_soap", "ピオレのボトル"),
    ],
)
def test_the_shipped_texts_are_verbatim_typos_included(
    label_set: str, language: str, style: str, concept_id: str, text: str
) -> None:
    active = load_label_sets(SHIPPED)[label_set].select(language, style)

    assert {one.concept_id: one.label for one in active.labels}[concept_id] == text


def test_a_set_alone_uses_the_shipped_languages(tmp_path: Path) -> None:
    shipped = load_languages(ROOT / "config" / "languages.yaml")

    assert load_label_set(write(tmp_path, TEA)).known_languages == shipped
    assert shipped["ja"].fallback == "en" and "{}の写真" in shipped["ja"].templates
