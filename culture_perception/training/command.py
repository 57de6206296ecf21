"""`culture-perception train`: renders what data is missing, then trains, exports and measures."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from culture_perception.runner import SystemFailure

_RENDERED: Final = "dataset.json"  # written last, so its data set is whole
_SPLITS: Final = {"train": 1.0, "val": 0.05, "held": 0.05}
"""Data sets, and their number of frames as a share of that asked for."""
_MIN_FRAMES: Final = 40


@dataclass(frozen=True)
class TrainOptions:
    """One training.

    Attributes:
        data: Folder of the data sets train, val and held.
        out: Folder of the run's state and of the model.
        frames: To render for training where the data is missing.
        minutes: Of training.
        seed: Of data and training.
        threads: CPU threads; also how many processes render.
    """

    data: Path
    out: Path
    frames: int
    minutes: float
    seed: int
    threads: int


def train_model(model: str, options: TrainOptions) -> int:
    """Trains "segmenter" or "encoder"; a run that was interrupted goes on.

    Returns:
        Exit code.

    Raises:
        SystemFailure: The data could not be rendered.
    """
    for split, share in _SPLITS.items():
        _render(split, max(_MIN_FRAMES, round(options.frames * share)), options)
    return _train_segmenter(options) if model == "segmenter" else _train_encoder(options)


def _render(split: str, frames: int, options: TrainOptions) -> None:
    folder = options.data / split
    if (folder / _RENDERED).is_file():
        return
    # Another process: recognition meets the simulation only on files and topics.
    command = [sys.executable, "-m", "sim_bridge.training_data", str(folder), "--split", split]
    command += ["--frames", str(frames), "--seed", str(options.seed)]
    command += ["--workers", str(options.threads)]
    code = subprocess.run(command, check=False).returncode
    if code != 0:
        raise SystemFailure(
            f"rendering {folder} ended with exit code {code}; run it again, it goes on: "
            f"{' '.join(command)}"
        )


def _train_segmenter(options: TrainOptions) -> int:
    from culture_perception.training import segmenter, segmenter_main

    arguments = ["--data", str(options.data / "train"), "--val", str(options.data / "val")]
    arguments += ["--out", str(options.out), *_common(options)]
    if (options.out / segmenter.STATE_NAME).is_file():
        arguments.append("--resume")
    return segmenter_main.main(arguments)


def _train_encoder(options: TrainOptions) -> int:
    from culture_perception.training import encoder, encoder_report

    code = encoder.main([str(options.data / "train"), str(options.out), *_common(options)])
    if code != 0:
        return code
    held = ["--validation", str(options.data / "val"), "--held", str(options.data / "held")]
    return encoder_report.main([str(options.out), *held, "--threads", str(options.threads)])


def _common(options: TrainOptions) -> list[str]:
    return [
        *("--minutes", str(options.minutes)),
        *("--seed", str(options.seed)),
        *("--threads", str(options.threads)),
    ]
