"""The verb, as a user calls it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from culture_perception.cli import main
from culture_perception.culture_bench.command import FOUND_LEAKS
from culture_perception.culture_bench.item_files import read_items, write_items
from culture_perception.culture_bench.pictures import read_picture
from culture_perception.resources import share_path

SHIPPED = share_path("config", "culture_items", "items.jsonl")


def test_the_shipped_items_are_whole_and_small() -> None:
    items = read_items(SHIPPED)
    assert len(items) == 60
    assert {(one.place, one.language) for one in items} == {
        ("JP", "en"),
        ("JP", "ja"),
        ("US", "en"),
    }
    assert len({one.kind for one in items}) == 3
    assert all(read_picture(one.image).size for one in items)
    files = [path for path in SHIPPED.parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    assert {path for path in files if path.suffix == ".jpg"} == {one.image for one in items}


def test_languages_are_asked_about_the_same_pictures_and_options() -> None:
    items = [one for one in read_items(SHIPPED) if one.place == "JP"]
    english = [one for one in items if one.language == "en"]
    japanese = [one for one in items if one.language == "ja"]
    assert [(o.image, o.answer, o.concept) for o in english] == [
        (o.image, o.answer, o.concept) for o in japanese
    ]


def test_the_embedded_encoder_answers_the_shipped_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers, record = tmp_path / "answers.jsonl", tmp_path / "figures.json"
    call = ["culture-bench", "shipped", "--answers", str(answers), "--json", str(record)]
    assert main([*call, "--threads", "1"]) == 0
    printed = capsys.readouterr().out
    assert "by region: worst" in printed and "embedded" in printed
    found = json.loads(record.read_text())
    cells = {(one["mode"], one["dimension"], one["group"]): one for one in found["cells"]}
    whole, blind = cells["image", "all", "all"], cells["blind", "all", "all"]
    assert whole["n"] == blind["n"] == 60
    assert whole["accuracy"] > blind["accuracy"] + 0.1  # it does see the pictures
    before = answers.read_bytes()
    assert main([*call, "--threads", "1"]) == 0
    assert answers.read_bytes() == before  # nothing was asked again
    assert json.loads(record.read_text())["cells"] == found["cells"]


def test_leaks_are_told_and_end_with_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["culture-bench", "leaks", "shipped", "shipped"]) == FOUND_LEAKS
    assert "same concept: 60 of 60 test items" in capsys.readouterr().out


def test_data_on_disk_becomes_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{one}.jpg,{one},Europe,Spain\n" for one in ("dog", "hat", "car", "boat"))
    (tmp_path / "index.csv").write_text("file_path,object,region,ip_country\n" + rows)
    out = tmp_path / "items.jsonl"
    assert main(["culture-bench", "read", "geode", str(tmp_path), str(out)]) == 0
    assert len(read_items(out)) == 4
    assert "4 items in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.jsonl", "b.jsonl"], "write one of"),
        (["leaks", "a.jsonl"], "write one of"),
        (["read", "coco", "a", "b"], "layout 'coco' is none of"),
        (["shipped", "--models", "endpoint:m@nowhere"], "is no URL"),
        (["shipped", "--models", "no-such-model"], "no-such-model"),
        (["nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["culture-bench", *words]) == 1
    error = capsys.readouterr().err
    assert error.startswith("culture-perception culture-bench: ") and message in error


def test_an_adapter_is_used_for_the_languages_on_its_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = [one for one in read_items(SHIPPED) if one.kind == "recognition"]
    ours, others = (
        [replace(one, item_id=f"{tag}{one.item_id}", language=tag) for one in shipped[:6]]
        for tag in ("en-GB", "de")
    )
    path, record = tmp_path / "items.jsonl", tmp_path / "figures.json"
    write_items([*ours, *others], path)
    call = ["culture-bench", str(path), "--models", "embedded", "embedded~japan", "--no-blind"]
    call += ["--answers", str(tmp_path / "answers.jsonl"), "--json", str(record), "--threads", "1"]
    assert main(call) == 0
    assert "embedded~japan: adapter japan for items in en, ja, its base for" in (
        capsys.readouterr().out
    )
    answers = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    texts = {(one["model"].count("+"), one["id"]): one["text"] for one in answers}
    assert all(texts[0, one.item_id] == texts[1, one.item_id] for one in others)
    assert all(texts[0, one.item_id] != texts[1, one.item_id] for one in ours)
    found = json.loads(record.read_text())
    assert [one["language"] for one in found["comparisons"]] == ["", "de", "en-GB"]
    assert [bool(one["about"]) for one in found["results"]] == [False, True]
