"""A training run of a tiny segmenter from rendered frames to files that load."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from culture_perception.models.checkpoints import CheckpointError
from culture_perception.models.registry import load_segmenter
from culture_perception.models.sam_small import build_small_sam
from culture_perception.models.segmenter_files import WEIGHTS_NAME, save_small_segmenter
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.training.loop import TrainingError, load_state
from culture_perception.training.segmenter import (
    CanvasShare,
    SegmenterTraining,
    train_segmenter,
)
from culture_perception.training.segmenter_main import main, train_and_export

TINY = SmallSamConfig(image_size=128, channels=32, widths=(8, 8, 16, 32), depth=1, decoder_mlp=32)


@pytest.fixture
def training(tmp_path: Path, data_set: Path) -> SegmenterTraining:
    return SegmenterTraining(
        data=data_set,
        out=tmp_path / "run",
        minutes=1.0,
        config=TINY,
        canvases=(CanvasShare(128, 2, 0.5), CanvasShare(192, 1, 0.5)),
        prompts=3,
        dense_only_share=0.0,
        max_steps=3,
    )


def test_a_run_trains_and_saves_its_state(training: SegmenterTraining) -> None:
    state = load_state(train_segmenter(training))

    assert state.step == 3
    assert 0.0 < state.elapsed_s < 60.0
    assert all(value.isfinite().all() for value in state.model.values())
    key = "image_encoder.stem.0.weight"
    assert not torch.equal(state.model[key], state.average[key])


def test_the_mask_decoder_rests_while_the_encoder_warms_up(training: SegmenterTraining) -> None:
    resting = load_state(train_segmenter(replace(training, dense_only_share=1.0)))
    learning = load_state(train_segmenter(training))

    # The optimiser keeps state only of what has had a gradient.
    assert 0 < len(resting.optimizer["state"]) < len(learning.optimizer["state"])


def test_a_resumed_run_goes_on_as_if_never_stopped(training: SegmenterTraining) -> None:
    whole = load_state(train_segmenter(replace(training, max_steps=2)))

    train_segmenter(replace(training, max_steps=1, out=training.out / "parts"))
    parts = replace(training, max_steps=2, out=training.out / "parts", resume=True)
    resumed = load_state(train_segmenter(parts))

    assert resumed.step == whole.step == 2
    # The schedule follows the clock, so rates differ by the time between two steps.
    for name, value in whole.model.items():
        assert torch.allclose(resumed.model[name].float(), value.float(), atol=1e-3), name
    assert dict(resumed.numpy_rng) == dict(whole.numpy_rng)


def test_a_run_can_start_from_a_model(training: SegmenterTraining) -> None:
    sam = build_small_sam(training.config)
    about = {"name": "first", "architecture": training.config.to_json(), "options": {}}
    save_small_segmenter(training.out / "first" / WEIGHTS_NAME, sam, about)

    second = replace(training, initial=training.out / "first", max_steps=0)
    started = load_state(train_segmenter(second)).model

    expected = sam.state_dict()  # kept in half precision
    assert all(torch.equal(started[name], expected[name].half().float()) for name in expected)


def test_a_run_does_not_start_from_nowhere(training: SegmenterTraining) -> None:
    with pytest.raises(CheckpointError, match="no such file"):
        train_segmenter(replace(training, initial=training.out / "absent"))


def test_a_trained_segmenter_is_exported_and_loads(training: SegmenterTraining) -> None:
    measured = train_and_export(training, training.data)

    segmenter = load_segmenter(str(training.out / "segmenter.safetensors"))
    assert segmenter.name == "small_sam-3"
    assert segmenter.options.centre_prompts
    assert isinstance(segmenter.segment(np.zeros((48, 64, 3), np.uint8)), list)
    assert measured.images == 6, "the other six frames choose the thresholds"
    assert measured.objects == 24
    assert measured.seconds_per_image > 0.0


def test_the_command_reports_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", tmp_path, "--val", tmp_path, "--out", tmp_path]

    assert main([str(argument) for argument in arguments]) == 1
    assert "python -m sim_bridge.training_data" in capsys.readouterr().out


def test_resuming_needs_a_run(training: SegmenterTraining) -> None:
    with pytest.raises(TrainingError, match="no run to resume"):
        train_segmenter(replace(training, resume=True))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"canvases": (CanvasShare(128, 1, 0.5),)}, "must add up to 1"),
        ({"prompts": 1}, "give 2 or more"),
    ],
)
def test_runs_that_cannot_be_are_refused(
    training: SegmenterTraining, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(TrainingError, match=message):
        replace(training, **changes)  # type: ignore[arg-type]
