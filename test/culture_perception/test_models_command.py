"""`culture-perception models`."""

import json
import subprocess
import sys
from typing import Any

import pytest

from culture_perception.cli import main


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["models", "--json", *arguments]) == 0
    records: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return records


def test_filters_narrow_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    everything = listed(capsys)
    segmenters = listed(capsys, "--segmenters")
    encoders = listed(capsys, "--encoders")
    adapters = listed(capsys, "--adapters")
    assert segmenters + encoders + adapters == everything
    assert {record["kind"] for record in segmenters} == {"segmenter"}
    japanese = listed(capsys, "--language", "ja")
    assert japanese
    assert all("ja" in record["languages"] for record in japanese)
    assert [record["chosen_by"] for record in listed(capsys, "--segmenters", "vit_b")] == [
        {"segmenter": "vit_b"}
    ]
    assert all(record["state"] != "download" for record in listed(capsys, "--cached"))


def test_json_has_the_arguments_that_choose_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    record = listed(capsys, "siglip-i18n-256", "--language", "ja")[0]
    assert record["arguments"] == (
        "--set perception.encoder=ViT-B-16-SigLIP-i18n-256 "
        "--set perception.encoder_pretrained=webli"
    )
    assert record["needs_transformers"]
    assert record["source"].startswith("https://")


def table(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["models", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_table_prints_what_is_unknown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    lines = table(capsys, "ViTamin-S-LTT")
    row = next(line for line in lines if "datacomp1b" in line)
    assert row.split()[-2:] == ["?", "MIT"]
    assert any(line.startswith("?         unknown") for line in lines)


def test_an_estimated_size_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    lines = table(capsys, "ViT-B-32-256")
    assert "≈605" in next(line for line in lines if line.startswith("ViT-B-32-256")).split()
    assert any(line.startswith("≈         estimated") for line in lines)


def test_the_shipped_adapters_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = listed(capsys, "japan", "--adapters")
    assert record["arguments"] == "--set perception.adapters=japan"
    assert record["languages"] == ["en", "ja"]
    heading, row = table(capsys, "--adapters")[1:3]
    assert heading.strip() == "adapters"
    name, state, parameters, _, *rest = row.split()
    assert (name, state, parameters) == ("japan", "embedded", "?")
    assert rest == ["en", "ja", record["licence"]]


def test_a_terminal_of_80_columns_shows_licences_and_states_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    licences = {record["licence"] for record in listed(capsys)}
    lines = table(capsys)
    assert max(map(len, lines)) <= 80
    words = {word for line in lines for word in line.split()}
    assert {*licences, "embedded", "download"} - {""} <= words


def test_every_name_can_be_read_whole_from_folded_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (record,) = listed(capsys, "mscoco_finetuned_laion2b", "--encoders")[:1]
    width = table(capsys, "coca_ViT-B-32")[0].index("state")
    rows = [line[:width].split() for line in table(capsys, "coca_ViT-B-32")]
    tags = "".join(row[-1] for row in rows[1:] if row)
    assert record["chosen_by"]["encoder_pretrained"] in tags


def test_a_filter_that_nothing_passes_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "no such model"]) == 0
    assert "leave out a filter" in capsys.readouterr().out


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys\n"
        "from culture_perception.cli import main\n"
        "main(['models', '--json'])\n"
        "heavy = {'torch', 'rclpy', 'open_clip', 'transformers', 'cv2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
