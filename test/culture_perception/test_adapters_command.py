"""What `culture-perception adapters` prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from culture_perception.cli import main
from culture_perception.models.adapter_card import AdapterCalibration, AdapterCard, Figure
from culture_perception.models.adapter_files import Adapter, save_adapter

CARD = AdapterCard(
    name="japan",
    base_name="embedded",
    base_hash="0123456789ab",
    label_sets=("konbini",),
    languages=("en", "ja"),
    data="200 crops",
    figures=(Figure("ja plain top-1", 0.26, 0.8125),),
    licence="Apache-2.0",
)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "japan.safetensors"
    save_adapter(Adapter(CARD, {"text.a:all.up": torch.zeros(2, 1)}), made)
    return made


def words(said: str) -> list[list[str]]:
    return [line.split() for line in said.splitlines() if line.strip()]


def test_a_folder_lists_its_adapters_and_no_other_weights(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_file({"a": torch.zeros(1)}, path.with_name("encoder.safetensors"))
    assert main(["adapters", "list", str(path.parent)]) == 0
    lines = words(capsys.readouterr().out)
    assert lines[0] == ["adapter", "base", "label", "sets", "languages", "kB"]
    assert lines[-1] == ["japan", "embedded", "0123456789ab", "konbini", "en", "ja", "1"]
    path.unlink()
    assert main(["adapters", "list", str(path.parent)]) == 0
    assert capsys.readouterr().out == "no adapter is there\n"


def test_show_tells_all_of_a_card(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapters", "show", str(path)]) == 0
    lines = words(capsys.readouterr().out)
    for expected in (
        "base embedded, weights 0123456789ab",
        "languages en, ja",
        "changes image and text tower: q, k, v, out, mlp, conv",
        "size rank 8, alpha 16, scale 1",
        "trained on 200 crops",
        "licence Apache-2.0",
        "calibration the base's own",
        "figure before after",
        "ja plain top-1 0.260 0.812",
    ):
        assert expected.split() in lines


def test_a_calibration_of_its_own_is_shown_and_what_is_not_stated(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = AdapterCalibration(21.5, 0.3, -1.0, 0.5)
    card = AdapterCard("a", "embedded", "0" * 12, ("s",), ("en",), calibration=own)
    save_adapter(Adapter(card, {"text.a:all.up": torch.zeros(2, 1)}), path)
    assert main(["adapters", "show", str(path)]) == 0
    lines = words(capsys.readouterr().out)
    assert "licence not stated".split() in lines
    assert lines[-1][:4] == ["calibration", "logit", "scale", "21.5,"]


def test_cards_for_programs(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapters", "show", "--json", str(path)]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["file"] == str(path)
    assert (record["name"], record["options"]["rank"]) == ("japan", 8)
    assert record["figures"] == [{"what": "ja plain top-1", "before": 0.26, "after": 0.8125}]


@pytest.mark.parametrize("verb", ["list", "show"])
def test_what_is_no_adapter_is_one_line(
    path: Path, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(b"nothing")
    for given in (path, path.parent, path.with_name("nowhere")):
        assert main(["adapters", verb, str(given)]) == 1
        said = capsys.readouterr().err
        assert said.startswith("culture-perception adapters: ")
        assert said.count("\n") == 1


def test_without_a_file_the_shipped_ones_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapters", "list"]) == 0
    said = capsys.readouterr().out
    assert "japan" in said
    assert "konbini" in said
