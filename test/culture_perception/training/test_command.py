"""What `culture-perception train` runs; the hours of rendering and training are recorded only."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from culture_perception.runner import SystemFailure
from culture_perception.training import encoder, encoder_report, segmenter, segmenter_main
from culture_perception.training.command import TrainOptions, train_model

TRAIN = {"split": "train", "seed": 3, "frames": 3600, "shard_frames": 120}
VAL = {"split": "val", "seed": 0, "frames": 120, "shard_frames": 60}
HELD = {"split": "held", "seed": 0, "frames": 360, "shard_frames": 120}
VERIFY = {"split": "verify", "seed": 0, "frames": 3600, "shard_frames": 120}


@dataclass
class Recorder:
    """What was started, in order; `codes` gives exit codes that are not 0."""

    started: list[tuple[str, list[str]]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def record(self, name: str, arguments: list[str]) -> int:
        self.started.append((name, arguments))
        return self.codes.get(name, 0)

    def render(self, command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        assert command[:3] == [sys.executable, "-m", "sim_bridge.training_data"]
        assert not check
        return subprocess.CompletedProcess(command, self.record("render", command[3:]))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.started]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    made = Recorder()
    monkeypatch.setattr(subprocess, "run", made.render)
    for name, module in (
        ("segmenter", segmenter_main),
        ("encoder", encoder),
        ("report", encoder_report),
    ):
        monkeypatch.setattr(module, "main", lambda given, name=name: made.record(name, given))
    return made


@pytest.fixture
def options(tmp_path: Path) -> TrainOptions:
    return TrainOptions(
        data=tmp_path / "data", out=tmp_path / "out", frames=3600, minutes=60.0, seed=3, threads=2
    )


def write_record(folder: Path, record: dict[str, Any]) -> Path:
    path = folder / str(record["split"]) / "dataset.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**record, "renderer": ["egl"]}))
    return path


def render_arguments(folder: Path, record: dict[str, Any]) -> list[str]:
    return [
        *(str(folder / record["split"]), "--split", record["split"]),
        *("--frames", str(record["frames"]), "--shard-frames", str(record["shard_frames"])),
        *("--seed", str(record["seed"]), "--workers", "2"),
        *(["--visibility"] if record["split"] == "val" else []),
    ]


def test_the_segmenter_is_trained_on_data_that_is_rendered_first(
    recorder: Recorder, options: TrainOptions
) -> None:
    assert train_model("segmenter", options) == 0
    data = options.data
    assert recorder.started == [
        ("render", render_arguments(data, TRAIN)),
        ("render", render_arguments(data, VAL)),
        (
            "segmenter",
            [
                *("--data", str(data / "train"), "--val", str(data / "val")),
                *("--out", str(options.out), "--minutes", "60.0", "--seed", "3", "--threads", "2"),
            ],
        ),
    ]


def test_the_encoder_is_measured_on_attributes_that_were_held_out(
    recorder: Recorder, options: TrainOptions
) -> None:
    assert train_model("encoder", options) == 0
    data, out = options.data, str(options.out)
    assert recorder.started == [
        *(("render", render_arguments(data, record)) for record in (TRAIN, VAL, HELD, VERIFY)),
        (
            "encoder",
            [str(data / "train"), out, "--minutes", "60.0", "--seed", "3", "--threads", "2"],
        ),
        (
            "report",
            [
                *(out, "--validation", str(data / "val"), "--held", str(data / "held")),
                *("--verify", str(data / "verify")),
                *("--threads", "2"),
            ],
        ),
    ]


def test_the_arguments_are_those_that_the_programs_take(
    recorder: Recorder, options: TrainOptions
) -> None:
    for model in ("segmenter", "encoder"):
        train_model(model, options)
    parsers = {"segmenter": segmenter_main, "encoder": encoder, "report": encoder_report}
    for name, arguments in recorder.started:
        if name in parsers:
            parsers[name]._parser().parse_args(arguments)  # ends the test where it refuses


def test_a_model_to_start_from_is_passed_on(
    recorder: Recorder, options: TrainOptions, tmp_path: Path
) -> None:
    for model in ("segmenter", "encoder"):
        train_model(model, replace(options, initial=tmp_path))
        started = next(given for name, given in recorder.started if name == model)
        assert started[started.index("--initial") + 1] == str(tmp_path)


def test_whole_data_sets_are_not_rendered_again(recorder: Recorder, options: TrainOptions) -> None:
    for record in (TRAIN, HELD, VERIFY):
        write_record(options.data, record)
    assert train_model("encoder", options) == 0
    assert recorder.names == ["render", "encoder", "report"]
    assert recorder.started[0][1] == render_arguments(options.data, VAL)


def test_an_interrupted_segmenter_goes_on(recorder: Recorder, options: TrainOptions) -> None:
    options.out.mkdir()
    (options.out / segmenter.STATE_NAME).touch()
    assert train_model("segmenter", options) == 0
    assert recorder.started[-1][1][-1] == "--resume"


@pytest.mark.parametrize(
    ("record", "difference"),
    [
        ({**TRAIN, "frames": 6000}, "frames 6000 instead of 3600"),
        ({**TRAIN, "seed": 0}, "seed 0 instead of 3"),
        ({**VAL, "shard_frames": 120}, "shard_frames 120 instead of 60"),
        ({**TRAIN, "seed": 0, "frames": 40}, "seed 0 instead of 3, frames 40 instead of 3600"),
        ({"split": "val"}, "seed None instead of 0"),  # of an older version
    ],
)
def test_data_of_another_request_is_refused_before_anything_is_rendered(
    record: dict[str, Any], difference: str, recorder: Recorder, options: TrainOptions
) -> None:
    folder = write_record(options.data, record).parent
    with pytest.raises(SystemFailure) as refused:
        train_model("segmenter", options)
    assert f"the data in {folder} has {difference}" in str(refused.value)
    assert "another --data folder, or delete this one" in str(refused.value)
    assert recorder.started == []


def test_a_copied_data_set_of_another_split_is_refused(
    recorder: Recorder, options: TrainOptions
) -> None:
    write_record(options.data, TRAIN).parent.rename(options.data / "val")
    with pytest.raises(SystemFailure, match="split train instead of val"):
        train_model("segmenter", options)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "dataset.json is damaged"), ("[]", "frames None instead of 3600")]
)
def test_a_damaged_record_is_named(
    text: str, message: str, recorder: Recorder, options: TrainOptions
) -> None:
    write_record(options.data, TRAIN).write_text(text)
    with pytest.raises(SystemFailure, match=message):
        train_model("encoder", options)
    assert recorder.started == []


def test_only_the_training_data_follows_the_number_of_frames(
    recorder: Recorder, options: TrainOptions
) -> None:
    train_model("encoder", replace(options, frames=24))
    frames = [given[given.index("--frames") + 1] for name, given in recorder.started[:3]]
    assert frames == ["24", "120", "360"]


def test_a_rendering_that_failed_is_reported_and_nothing_is_trained(
    recorder: Recorder, options: TrainOptions
) -> None:
    recorder.codes["render"] = 7
    with pytest.raises(SystemFailure) as failed:
        train_model("segmenter", options)
    message = str(failed.value)
    assert f"rendering {options.data / 'train'} ended with exit code 7" in message
    assert " ".join(render_arguments(options.data, TRAIN)) in message
    assert recorder.names == ["render"]


def test_an_encoder_that_failed_is_not_measured(recorder: Recorder, options: TrainOptions) -> None:
    recorder.codes["encoder"] = 1
    assert train_model("encoder", options) == 1
    assert "report" not in recorder.names
