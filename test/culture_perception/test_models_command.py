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
    assert segmenters + encoders == everything
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


def test_the_table_prints_what_is_unknown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "ViTamin-S-LTT"]) == 0
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if "datacomp1b" in line)
    assert row.split()[-2:] == ["?", "?"]
    assert "?         unknown" in said


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
