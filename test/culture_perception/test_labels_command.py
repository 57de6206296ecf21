from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from culture_perception.cli import main

CUT = """\
name: s
culture: JP
description: d
languages: [en, ja]
concepts:
  - id: s.a
    category: food
    texts:
      en: {plain: red box, brand: Pocky}
      ja: {plain: 箱, brand: ポッキー}
  - id: s.b
    category: food
    texts:
      en: {plain: Red  Box, brand: Biore}
      ja: {plain: 緑茶, brand: ピオレ}
"""


@pytest.fixture
def own_set(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(CUT, encoding="utf-8")
    return path


def linted(path: Path, *arguments: str) -> dict[str, Any]:
    code = main(["labels", "lint", *arguments, "--json", str(path)])
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert code == (1 if record["errors"] else 0)
    return record


def test_errors_are_exit_code_1_and_a_line_each(
    own_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["labels", "lint", str(own_set)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:1] == [f"{own_set}:10: warning: s.a ja plain: '箱' names no colour where en names "
                        "red; name the same in every language [imbalance]"]  # fmt: skip
    (duplicate,) = (line for line in said if "[duplicate]" in line)
    assert duplicate.startswith(
        f"{own_set}:14: error: s.b en plain: 'Red  Box' is 'red box' of s.a"
    )
    assert said[-1] == (
        "errors: 1, warnings: 5, label sets: 1; encoder embedded reads 77 tokens of a prompt"
    )


def test_the_papers_labels_have_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "lint", "konbini"]) == 0
    said = capsys.readouterr().out
    assert "[nested]" in said and "カレールー" in said
    (row,) = (line for line in said.splitlines() if "plain" in line and "colour " in line[:60]
              and "warning" not in line)  # fmt: skip
    assert row.split() == ["konbini", "plain", "colour", *"12 of 15 7 of 15".split()]


def test_json_has_everything(own_set: Path, tmp_path: Path) -> None:
    record = linted(tmp_path / "new" / "lint.json", str(own_set), "ycb")

    assert (record["errors"], record["warnings"]) == (1, 8)
    assert record["encoder"] == {"name": "embedded", "context_length": 77}
    own, ycb = record["sets"]
    assert (own["name"], own["file"], own["arm"], own["arm_of"]) == (
        "s", str(own_set), "verbatim", None,
    )  # fmt: skip
    assert (own["languages"], own["concepts"]) == (["en", "ja"], ["s.a", "s.b"])
    assert own["attributes"][0] == {
        "style": "plain", "attribute": "colour", "named": {"en": 2, "ja": 0}, "texts": 2,
    }  # fmt: skip
    (typo,) = (one for one in own["findings"] if one["kind"] == "typo")
    assert typo == {
        "severity": "warning", "kind": "typo", "file": str(own_set), "line": 15,
        "concept_id": "s.b", "language": "ja", "style": "brand", "text": "ピオレ",
        "problem": "has 'ピオレ'", "remedy": "write 'ビオレ'",
    }  # fmt: skip
    assert [one["kind"] for one in ycb["findings"]] == ["typo"] * 3


def test_all_shipped_sets_are_checked_where_none_is_named(tmp_path: Path) -> None:
    record = linted(tmp_path / "lint.json", "--encoder", "ViT-B-32")
    assert [one["name"] for one in record["sets"]] == [
        "konbini", "konbini_matched", "konbini_normalised",
        "ycb", "ycb_matched", "ycb_normalised",
    ]  # fmt: skip
    assert record["errors"] == 0 and record["encoder"]["name"] == "ViT-B-32"


def test_language_and_style_choose_findings(own_set: Path, tmp_path: Path) -> None:
    record = linted(tmp_path / "lint.json", str(own_set), "--language", "ja", "--style", "brand")
    (found,) = record["sets"][0]["findings"]
    assert (found["kind"], found["text"]) == ("typo", "ピオレ")
    assert {one["style"] for one in record["sets"][0]["attributes"]} == {"brand"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("lint", "bakery"), ["'bakery'", "konbini_matched"]),
        (("lint", "ycb", "--language", "ja"), ["'ja'", "there is en"]),
        (("lint", "ycb", "--encoder", "nobodys"), ["'nobodys'", "ViT-B-32"]),
        (("lint", "nowhere.yaml"), ["nowhere.yaml: cannot be read"]),
        (("list", "bakery"), ["'bakery'"]),
    ],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["labels", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith("culture-perception labels: ") and said.count("\n") == 1
    assert all(part in said for part in named), said


def test_the_list_shows_sets_arms_and_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", "list"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["konbini", "JP", "en", "ja", "15"] in rows
    assert ["ycb_matched", "ycb", "US", "en", "15"] in rows


def test_the_list_of_a_named_set_shows_its_concepts(
    own_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["labels", "list", str(own_set)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["s.a", "en", "red", "box", "Pocky"] in rows
    assert ["ja", "緑茶", "ピオレ"] in rows


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from culture_perception.cli import main\n"
        "main(['labels', 'list'])\n"
        "heavy = {'torch', 'rclpy', 'open_clip', 'transformers', 'cv2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
