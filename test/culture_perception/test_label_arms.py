from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from culture_perception.concepts import STYLES, VERBATIM, LabelError
from culture_perception.fonts import font_path
from culture_perception.labels import load_arms, load_label_set, load_label_sets
from culture_perception.languages import settings_file
from culture_perception.resources import share_path

SHIPPED = share_path("config", "labels")
TEA = """\
name: teas
culture: JP
description: Bottles of tea.
languages: [en, ja]
concepts:
  - id: teas.green
    category: drink
    texts:
      en: {plain: bottle, brand: Oi Ocha}
      ja: {plain: 緑のボトル, brand: おーいお茶}
  - id: teas.black
    category: drink
    texts:
      en: {plain: black tea, brand: Lipton}
      ja: {plain: 紅茶, brand: リプトン}
"""
MATCHED = """\
name: teas_matched
culture: JP
description: The same in both languages.
languages: [en, ja]
arm_of: teas
arm: matched
concepts:
  - id: teas.green
    category: drink
    texts:
      en: {plain: green bottle, brand: Oi Ocha}
      ja: {plain: 緑のボトル, brand: おーいお茶}
    notes:
      en: {plain: green added}
  - id: teas.black
    category: drink
    texts:
      en: {plain: black tea, brand: Lipton}
      ja: {plain: 紅茶, brand: リプトン}
"""


def write(folder: Path, **texts: str) -> Path:
    """Files of label sets by name, those of arms in the folder arms."""
    for name, text in texts.items():
        path = folder / ("arms" if "arm_of" in text else ".") / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_an_arm_keeps_its_base_its_kind_and_its_notes(tmp_path: Path) -> None:
    arms = load_arms("teas", write(tmp_path, teas=TEA, matched=MATCHED))

    assert list(arms) == ["verbatim", "matched"]
    base, matched = arms.values()
    assert (base.name, base.arm_of, base.arm) == ("teas", None, VERBATIM)
    assert (matched.name, matched.arm_of, matched.arm) == ("teas_matched", "teas", "matched")
    assert matched.concepts[0].notes == {"en": {"plain": "green added"}}
    assert base.concepts[0].notes == {} and matched.concepts[1].notes == {}
    assert matched.select("en", "plain").labels[0].label == "green bottle"


def test_notes_change_no_version(tmp_path: Path) -> None:
    write(tmp_path, teas=TEA, a=MATCHED)
    before = load_arms("teas", tmp_path)["matched"].select("en", "plain").version
    write(tmp_path, a=MATCHED.replace("green added", "it is green"))
    assert load_arms("teas", tmp_path)["matched"].select("en", "plain").version == before


def test_usual_arms_come_first_and_others_by_name(tmp_path: Path) -> None:
    others = {
        name: MATCHED.replace("arm: matched", f"arm: {name}").replace("teas_matched", f"t_{name}")
        for name in ("upper", "matched", "lower", "normalised")
    }
    arms = load_arms("teas", write(tmp_path, teas=TEA, **others))
    assert list(arms) == ["verbatim", "normalised", "matched", "lower", "upper"]


def test_arms_may_lie_beside_their_base(tmp_path: Path) -> None:
    for name, text in (("teas", TEA), ("matched", MATCHED)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert list(load_arms("teas", tmp_path)) == ["verbatim", "matched"]
    assert set(load_label_sets(tmp_path)) == {"teas", "teas_matched"}


def test_a_set_without_arms_is_its_own_only_one(tmp_path: Path) -> None:
    assert list(load_arms("teas", write(tmp_path, teas=TEA))) == ["verbatim"]


@pytest.mark.parametrize(
    ("old", "new", "line", "named"),
    [
        pytest.param("arm: matched\n", "", 5, ["'arm_of' and 'arm' belong"], id="arm missing"),
        pytest.param("arm_of: teas\n", "", 5, ["belong together"], id="arm_of missing"),
        pytest.param("arm: matched", "arm: verbatim", 6, ["base set itself"], id="verbatim"),
        pytest.param("arm: matched", "arm: As Matched", 6, ["a-z, 0-9"], id="odd arm"),
        pytest.param("arm_of: teas", "arm_of: teas_matched", 5, ["set itself"], id="of itself"),
        pytest.param("arm_of: teas", "arm_of: tins", 5, ["'tins'", "there is teas"], id="no base"),
        pytest.param("[en, ja]", "[ja, en]", 4, ["languages en, ja"], id="languages"),
        pytest.param("teas.green", "teas.red", 8, ["has 'teas.green' here"], id="other concept"),
        pytest.param(
            MATCHED[MATCHED.index("  - id: teas.black") :], "", 8, ["has 2 concepts, not 1"],
            id="fewer concepts",
        ),
        pytest.param("紅茶", "黒茶", 19, ["says '紅茶'", "(ja: plain:)"], id="no note"),
        pytest.param("green bottle", "bottle", 14, ["remove it"], id="needless note"),
        pytest.param("green added", "''", 14, ["empty"], id="empty note"),
        pytest.param("{plain: green added}", "{loud: x}", 14, ["'loud'"], id="no such style"),
        pytest.param("en: {plain: green a", "de: {plain: green a", 14, ["'de'"], id="no language"),
    ],
)  # fmt: skip
def test_an_arm_that_does_not_fit_is_named_with_file_line_and_cure(
    tmp_path: Path, old: str, new: str, line: int, named: list[str]
) -> None:
    assert old in MATCHED, "the table is out of date"
    write(tmp_path, teas=TEA, matched=MATCHED)
    path = tmp_path / "arms" / "matched.yaml"
    path.write_text(MATCHED.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(LabelError) as caught:
        load_arms("teas", tmp_path)

    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: "), message
    assert all(part in message for part in named) and ";" in message, message


def test_notes_belong_to_arms(tmp_path: Path) -> None:
    text = TEA.replace("brand: リプトン}", "brand: リプトン}\n    notes: {ja: {plain: why}}")
    write(tmp_path, teas=text)
    with pytest.raises(LabelError, match=r"teas\.yaml:16: notes tell what an arm changed; "):
        load_label_set(tmp_path / "teas.yaml")


def test_an_arm_of_an_arm_is_refused(tmp_path: Path) -> None:
    second = MATCHED.replace("name: teas_matched", "name: second").replace(
        "arm_of: teas", "arm_of: teas_matched"
    )
    with pytest.raises(LabelError, match=r"second\.yaml:5: 'teas_matched' is no label set that"):
        load_arms("teas", write(tmp_path, teas=TEA, matched=MATCHED, second=second))


def test_two_arms_of_one_kind_are_refused(tmp_path: Path) -> None:
    second = MATCHED.replace("name: teas_matched", "name: second")
    with pytest.raises(LabelError, match=r"second\.yaml:6: 'teas_matched' is the arm 'matched'"):
        load_arms("teas", write(tmp_path, teas=TEA, matched=MATCHED, second=second))


def test_a_folder_of_arms_alone_lacks_their_base(tmp_path: Path) -> None:
    write(tmp_path, teas=TEA, matched=MATCHED)
    with pytest.raises(LabelError, match=r"'teas' is no label set .* there is none \(read the"):
        load_label_sets(tmp_path / "arms")


@pytest.mark.parametrize("name", ["tins", "teas_matched"])
def test_an_unknown_base_is_told_with_those_there_are(tmp_path: Path, name: str) -> None:
    write(tmp_path, teas=TEA, matched=MATCHED)
    with pytest.raises(LabelError, match=f"no label set '{name}'; there is teas$"):
        load_arms(name, tmp_path)


def test_settings_count_that_are_near_a_file(tmp_path: Path) -> None:
    arms = tmp_path / "labels" / "arms"
    arms.mkdir(parents=True)
    (tmp_path / "words.yaml").touch()
    assert settings_file(arms / "a.yaml", "words.yaml") == tmp_path / "words.yaml"
    assert settings_file(arms.parent / "a.yaml", "words.yaml") == tmp_path / "words.yaml"
    (arms / "words.yaml").touch()
    assert settings_file(arms / "a.yaml", "words.yaml") == arms / "words.yaml"
    far = tmp_path / "a" / "b" / "c.yaml"
    assert settings_file(far, "languages.yaml") == share_path("config", "languages.yaml")


@pytest.mark.parametrize("base_name", ["konbini", "ycb"])
def test_every_changed_text_of_the_shipped_arms_has_its_note_and_no_other(base_name: str) -> None:
    arms = load_arms(base_name)
    base = arms[VERBATIM]
    assert list(arms) == ["verbatim", "normalised", "matched"]
    assert base == load_label_set(SHIPPED / f"{base_name}.yaml")
    for arm in arms.values():
        assert len(arm.concepts) == 15
        for ours, theirs in zip(arm.concepts, base.concepts, strict=True):
            assert (ours.concept_id, ours.category) == (theirs.concept_id, theirs.category)
            for tag, style in product(base.languages, STYLES):
                changed = ours.texts[tag][style] != theirs.texts[tag][style]
                assert bool(ours.notes.get(tag, {}).get(style)) == changed


@pytest.mark.parametrize(
    ("base_name", "arm", "changed"),
    [("konbini", "normalised", 8), ("konbini", "matched", 41), ("ycb", "normalised", 3)],
)
def test_as_many_texts_are_changed(base_name: str, arm: str, changed: int) -> None:
    notes = [concept.notes for concept in load_arms(base_name)[arm].concepts]
    assert sum(len(styles) for one in notes for styles in one.values()) == changed


@pytest.mark.parametrize(
    ("arm", "language", "style", "concept", "text"),
    [
        ("normalised", "ja", "brand", "biore_hand_soap", "ビオレのボトル"),
        ("normalised", "ja", "plain", "macadamia_chocolate", "チョコレートの箱"),
        ("normalised", "ja", "plain", "vermont_curry", "カレールーの箱"),
        ("normalised", "en", "brand", "vermont_curry", "Vermont Curry box"),
        ("normalised", "ja", "plain", "pocky", "赤い箱"),
        ("matched", "ja", "plain", "pocky", "赤い長方形のチョコレートクッキーの箱"),
        ("matched", "en", "plain", "tongari_corn_snack", "yellow bag of corn flavored chips"),
        ("matched", "ja", "brand", "donbei_soba", "日清のどん兵衛そばのどんぶり"),
    ],
)
def test_what_the_shipped_arms_say(
    arm: str, language: str, style: str, concept: str, text: str
) -> None:
    active = load_arms("konbini")[arm].select(language, style)
    assert {one.concept_id: one.label for one in active.labels}[f"konbini.{concept}"] == text


def test_the_matched_arm_of_one_language_is_the_normalised_one() -> None:
    arms = load_arms("ycb")
    assert arms["matched"].concepts == arms["normalised"].concepts


def test_the_running_system_is_not_offered_the_arms() -> None:
    assert set(load_label_sets(SHIPPED)) == {"konbini", "ycb"}


def test_every_character_of_the_arms_can_be_drawn() -> None:
    drawable = set(TTFont(font_path()).getBestCmap())
    texts = [path.read_text("utf-8") for path in (SHIPPED / "arms").glob("*.yaml")]
    assert len(texts) == 4
    assert {one for text in texts for one in text if ord(one) not in drawable} == {"\n"}
