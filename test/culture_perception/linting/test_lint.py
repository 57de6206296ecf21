from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from culture_perception.labels import load_arms, load_label_set
from culture_perception.linting.lint import LintReport, lint, words_for
from culture_perception.linting.sources import find_label_sets

LANGUAGES = """\
en: {name: English, templates: ['{}']}
es: {name: Spanish, templates: ['{}', 'foto de {}']}
"""
SPANISH = """\
es:
  attributes:
    colour: {red: [rojo, roja]}
    container: {box: [caja], bag: [bolsa]}
  typos: [{wrong: bolza, right: bolsa}]
"""


def checked(name: str) -> LintReport:
    """A label set as lint sees it without an encoder; a name or a file."""
    ((path, label_set),) = find_label_sets([name]).items()
    return lint(path, label_set, words_for(path), None)


def kinds(report: LintReport) -> Counter[str]:
    return Counter(finding.kind for finding in report.findings)


@pytest.fixture(scope="module")
def konbini() -> LintReport:
    return checked("konbini")


def counted(report: LintReport, style: str, attribute: str) -> dict[str, int]:
    (count,) = (one for one in report.counts if (one.style, one.attribute) == (style, attribute))
    assert count.texts == 15
    return dict(count.named)


def test_the_papers_konbini_labels_name_unequally_many_attributes(konbini: LintReport) -> None:
    assert counted(konbini, "plain", "colour") == {"en": 12, "ja": 7}
    assert counted(konbini, "plain", "size") == {"en": 4, "ja": 0}
    assert counted(konbini, "plain", "container") == {"en": 15, "ja": 15}
    assert counted(konbini, "brand", "colour") == {"en": 0, "ja": 2}
    assert counted(konbini, "brand", "container") == {"en": 13, "ja": 10}
    assert counted(konbini, "brand", "brand") == {"en": 15, "ja": 14}


def test_the_papers_typos_are_found(konbini: LintReport) -> None:
    typos = {one.label.text for one in konbini.findings if one.kind == "typo"}
    assert typos == {
        "ピオレのボトル",
        "カレーラーの箱",
        "Toomoriko chips",
        "Baamoto Curry box",
        "tabekiri peanut bag",
        "MegaRhythm box",
        "kikkoman soy sauce bottle",
    }
    assert [one.label.text for one in konbini.findings if one.kind == "space"] == [
        "チョコレート の箱"
    ]


def test_the_papers_nested_label_is_found(konbini: LintReport) -> None:
    (found,) = (one for one in konbini.findings if one.kind == "nested")
    assert found.label.text == "洗剤の箱"
    assert found.problem.startswith("is contained in '青い洗剤の箱' of konbini.attack_reset_power")


def test_all_that_is_said_of_the_papers_labels(konbini: LintReport) -> None:
    assert kinds(konbini) == {"imbalance": 42, "typo": 7, "space": 1, "nested": 1}
    assert konbini.errors == 0
    assert kinds(checked("ycb")) == {"typo": 3}


def test_normalised_arms_have_no_typos_and_no_stray_spaces(konbini: LintReport) -> None:
    report = checked("konbini_normalised")
    assert kinds(report) == {"imbalance": 42, "nested": 1}
    assert report.counts == konbini.counts, "nothing else was changed"
    assert kinds(checked("ycb_normalised")) == {}


def test_matched_arms_name_the_same_in_every_language() -> None:
    report = checked("konbini_matched")
    assert kinds(report) == {}
    for count in report.counts:
        assert count.named["en"] == count.named["ja"] > 0
    assert {one.attribute for one in report.counts if one.style == "plain"} == {
        "colour", "size", "shape", "container", "content",
    }  # fmt: skip
    assert kinds(checked("ycb_matched")) == {}


def test_a_finding_says_where_the_text_stands(konbini: LintReport) -> None:
    for finding in konbini.findings:
        line = konbini.path.read_text("utf-8").splitlines()[finding.label.line - 1]
        assert finding.label.text in line and f"{finding.label.style}:" in line
        assert str(finding).startswith(f"{konbini.path}:{finding.label.line}: warning: konbini.")
    assert [one.label.line for one in konbini.findings] == sorted(
        one.label.line for one in konbini.findings
    )


def test_one_language_or_style_can_be_asked_for(konbini: LintReport) -> None:
    japanese = konbini.only(language="ja", style="plain")
    assert {(one.label.language, one.label.style) for one in japanese.findings} == {("ja", "plain")}
    assert {one.style for one in japanese.counts} == {"plain"}
    assert counted(japanese, "plain", "colour") == {"en": 12, "ja": 7}
    assert konbini.only() == konbini


def test_a_language_without_lists_is_said_to_be_unchecked(
    tmp_path: Path, write_set: Callable[..., Path]
) -> None:
    (tmp_path / "languages.yaml").write_text(LANGUAGES, "utf-8")
    path = write_set({"en": ("red box",), "es": ("bolza",)})

    report = lint(path, load_label_set(path), words_for(path), None)

    (found,) = report.findings
    assert (found.kind, found.label.line, found.label.text) == ("unchecked", 4, "es")
    assert "label_lint.yaml" in found.remedy
    assert counted_of(report) == {"colour": {"en": 1}, "container": {"en": 1}}
    assert report.only(style="brand").findings == (found,), "it is true of both styles"
    assert report.only(language="en").findings == ()


def counted_of(report: LintReport) -> dict[str, dict[str, int]]:
    return {one.attribute: dict(one.named) for one in report.counts if one.style == "plain"}


def test_a_language_is_added_by_yaml_alone(tmp_path: Path, write_set: Callable[..., Path]) -> None:
    (tmp_path / "languages.yaml").write_text(LANGUAGES, "utf-8")
    (tmp_path / "label_lint.yaml").write_text(SPANISH, "utf-8")
    path = write_set({"en": ("red box", "blue bag", "a box"), "es": ("caja roja", "bolza", "caja")})

    report = lint(path, load_label_set(path), words_for(path), None)

    said = {
        (one.kind, one.label.text): one.problem
        for one in report.findings
        if one.label.style == "plain"
    }
    assert said == {
        ("typo", "bolza"): "has 'bolza'",
        ("imbalance", "bolza"): "names no colour where en names blue",
        ("nested", "caja"): "is contained in 'caja roja' of s.c0 (line 10)",
    }
    assert counted_of(report) == {"colour": {"en": 2, "es": 1}, "container": {"en": 3, "es": 3}}


def test_arms_are_loaded_and_checked_in_a_language_added_by_yaml(tmp_path: Path) -> None:
    (tmp_path / "languages.yaml").write_text(LANGUAGES, "utf-8")
    (tmp_path / "label_lint.yaml").write_text(SPANISH, "utf-8")
    arms = tmp_path / "labels" / "arms"
    arms.mkdir(parents=True)
    base = """\
name: tienda
culture: MX
description: d
languages: [es]
concepts:
  - id: tienda.cafe
    category: drink
    texts: {es: {plain: bolza roja, brand: café La Negrita}}
"""
    (tmp_path / "labels" / "tienda.yaml").write_text(base, "utf-8")
    arm = base.replace("name: tienda", "name: tienda_n\narm_of: tienda\narm: normalised")
    arm = arm.replace("bolza", "bolsa") + "    notes: {es: {plain: misspelt}}\n"
    (arms / "tienda_n.yaml").write_text(arm, "utf-8")

    loaded = load_arms("tienda", tmp_path / "labels")

    assert list(loaded) == ["verbatim", "normalised"]
    active = loaded["normalised"].select("es", "plain")
    assert active.labels[0].prompts == ("bolsa roja", "foto de bolsa roja")
    assert kinds(checked(str(tmp_path / "labels" / "tienda.yaml"))) == {"typo": 1}
    assert kinds(checked(str(arms / "tienda_n.yaml"))) == {}
