"""`culture-perception measure`: with models whose answers are known, and with the shipped ones."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from culture_perception import cli
from culture_perception.adapting import adapters_of
from culture_perception.labels import load_label_set
from culture_perception.measure import measuring, scene_sets
from culture_perception.measure.command import MISSED_TARGETS, _about, _options, add_parser
from culture_perception.measure.measuring import Models, Sources, measure, prepare
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.resources import share_path
from culture_perception.runner import SystemFailure
from culture_perception.training.encoder_data import CropSet

ONE_THREAD = Runtime(device="cpu", threads=1)
LABELS = {
    name: load_label_set(share_path("config", "labels", f"{name}.yaml")).select("en", "plain")
    for name in ("ycb", "konbini")
}
COLOURS = {
    label.concept_id: 5 * number
    for number, label in enumerate(LABELS["ycb"].labels + LABELS["konbini"].labels, start=1)
}


@pytest.fixture
def data(tmp_path: Path, write_scene_set: Callable[..., Path]) -> Path:
    """A folder with three scenes of each set."""
    shown = {
        "ycb": ["ycb.sponge", "ycb.rubiks_cube"],
        "konbini": ["konbini.pocky", "konbini.oi_ocha"],
        "scans": ["ycb.sponge"],
    }
    for name, concepts in shown.items():
        write_scene_set(tmp_path / name, [concepts] * 3, COLOURS, products=name)
    return tmp_path


def test_all_figures_of_both_models(
    data: Path,
    patch_segmenter: Callable[..., Any],
    red_encoder: Callable[..., Any],
    content_crops: Callable[..., CropSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "load_crops", lambda held: content_crops())
    numbers = {label.label: COLOURS[label.concept_id] // 10 for label in LABELS["ycb"].labels}
    models = Models(patch_segmenter(), patch_segmenter(), 0.05, red_encoder(numbers))
    loaded = [scene_sets.load_set(data / name) for name in ("ycb", "konbini", "scans")]
    figures = measure(models, loaded, data / "held", 2, Console(quiet=True))
    values = {figure.key: figure for figure in figures}
    assert len(values) == len(figures), "a key twice"
    for name in ("ycb", "konbini", "scans"):
        assert values[f"segmenter.{name}.recall_iou50"].value == 1.0
        assert values[f"segmenter.{name}.spurious"].value == 1.0
        assert values[f"scores.{name}.iou_auc"].value == 1.0
        assert values[f"scores.{name}.iou_auc"].n == (2 if name == "scans" else 3) * 2
    assert "scores.ycb.stability_median" in values
    for key in ("held.plain.top1", "encoder.ycb.en.plain.top1", "encoder.konbini.ja.brand.top1",
                "end_to_end.scans.en.plain.recall", "rejection.ycb.unknown"):  # fmt: skip
        assert key in values


def test_without_an_encoder_there_are_only_masks(
    data: Path, patch_segmenter: Callable[..., Any]
) -> None:
    models = Models(patch_segmenter(), None, None, None)
    ycb = [scene_sets.load_set(data / "ycb")]
    figures = measure(models, ycb, data / "held", 2, Console(quiet=True))
    assert {figure.key.split(".")[0] for figure in figures} == {"segmenter"}


def test_with_an_adapter_naming_is_measured_again_beside_what_it_was(
    data: Path,
    patch_segmenter: Callable[..., Any],
    content_crops: Callable[..., CropSet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "load_crops", lambda held: content_crops())
    encoder = load_encoder(runtime=ONE_THREAD, adapters="japan")
    bare = encoder.name
    models = Models(patch_segmenter(), None, None, encoder)
    loaded = [scene_sets.load_set(data / name) for name in ("ycb", "konbini")]
    figures = measure(models, loaded, data / "held", 2, Console(quiet=True))
    values = {one.key: one for one in figures}
    assert len(values) == len(figures), "a key twice"
    assert encoder.name == bare, "the base is in use again"
    for cell in ("konbini.ja.plain", "ycb.en.brand"):
        before = values[f"encoder.{cell}.calibration_error"].value
        after = values[f"adapter.japan.{cell}.calibration_error"]
        assert after.what.endswith(f"(without: {before:.3f})")
        assert after.value != before
        assert f"adapter.japan.{cell}.f1" in values
    assert {"adapter.japan.gap.ja.brand", "adapter.japan.cost.ycb.en.plain"} <= set(values)


def test_the_card_says_which_adapters_were_measured() -> None:
    encoder = load_encoder(runtime=ONE_THREAD, adapters="japan")
    about = _about(Models(None, None, None, encoder), [], 1.0)
    assert about["adapters"] == adapters_of(encoder)
    assert about["models"] == {"encoder": encoder.name}
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    assert _options(parser.parse_args(["measure"])) == " --scenes 200 --score-scenes 50"
    assert "--adapters none" in _options(parser.parse_args(["measure", "--adapters", "none"]))


@pytest.mark.parametrize("scans", [None, Path("/scans")])
def test_what_is_missing_is_rendered(
    scans: Path | None, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def run(command: list[str], task: str) -> None:
        started.append(command)
        if "sim_bridge.training_data" in command:
            (data / "held").mkdir()
            (data / "held/dataset.json").write_text(json.dumps({"split": "held"}))

    monkeypatch.setattr(scene_sets, "run_program", run)
    monkeypatch.setattr(measuring, "run_program", run)
    sources = Sources(data, 3, scans, data / "held", workers=2)
    names = ["ycb", "konbini", "scans"][: 2 if scans is None else 3]
    assert [one.name for one in prepare(sources, with_held=True)] == names
    assert [Path(command[3]).name for command in started] == [*names, "held"]
    prepare(sources, with_held=True)
    assert len(started) == 2 * len(names) + 1, "the held-out data is there"
    (data / "held/dataset.json").write_text(json.dumps({"split": "train"}))
    with pytest.raises(SystemFailure, match="holds the split train, not held"):
        prepare(sources, with_held=True)


def test_a_model_that_is_not_there_is_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["measure", "--data", str(tmp_path), "--parts", "segmenter"]
    assert cli.main([*arguments, "--segmenter", "vit_z"]) == 1
    assert "culture-perception measure: segmenter 'vit_z'" in capsys.readouterr().err
    assert not any(tmp_path.iterdir()), "nothing was rendered in vain"


@pytest.mark.slow
def test_the_shipped_models_on_real_scenes(tmp_path: Path) -> None:
    """One scene a set; the held-out combinations are too few for figures."""
    held = tmp_path / "held"
    scene_sets.run_program(
        [*(sys.executable, "-m", "sim_bridge.training_data", str(held)),
         *("--split", "held", "--frames", "2", "--shard-frames", "2")], "rendering"
    )  # fmt: skip
    path = tmp_path / "figures.json"
    arguments = ["measure", "--scenes", "1", "--score-scenes", "1", "--held", str(held)]
    arguments += ["--data", str(tmp_path), "--threads", "1", "--workers", "1", "--json", str(path)]
    code = cli.main([*arguments, "--markdown", str(tmp_path / "card.md"), "--require-targets"])
    figures = {one["key"]: one for one in json.loads(path.read_text())["figures"]}
    assert figures["segmenter.ycb.recall_iou50"]["n"] == 5
    assert 0 <= figures["encoder.konbini.en.plain.top1"]["value"] <= 1
    missed = [key for key, one in figures.items() if one["target_is_met"] is False]
    assert code == (MISSED_TARGETS if missed else 0)
    assert "## Masks" in (tmp_path / "card.md").read_text()
