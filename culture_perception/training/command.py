"""`culture-perception train`: renders what data is missing, then trains, exports and measures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from culture_perception.runner import SystemFailure

VERIFY_FRAMES: Final = 3600
_RENDERED: Final = "dataset.json"  # written last, so its data set is whole


@dataclass(frozen=True)
class TrainOptions:
    """One training.

    Attributes:
        data: Folder of the data sets train, val and, for the encoder, held and verify.
        out: Folder of the run's state and of the model.
        frames: Of the training data; those to validate and to measure on do not depend on it.
        minutes: Of training.
        seed: Of training and its data, 0 to 199; the other sets are always of seed 0, so that
            figures of several trainings can be compared.
        threads: CPU threads; also how many processes render.
        initial: Folder of a model of the same kind to start from; None: from nothing.
    """

    data: Path
    out: Path
    frames: int
    minutes: float
    seed: int
    threads: int
    initial: Path | None = None


@dataclass(frozen=True)
class _DataSet:
    split: str
    frames: int
    seed: int = 0
    shard_frames: int = 120
    visibility: bool = False

    def command(self, folder: Path, options: TrainOptions) -> list[str]:
        # Another process: recognition meets the simulation only on files and topics.
        return [
            *(sys.executable, "-m", "sim_bridge.training_data", str(folder)),
            *("--split", self.split, "--frames", str(self.frames)),
            *("--shard-frames", str(self.shard_frames), "--seed", str(self.seed)),
            *("--workers", str(options.threads)),
            *(["--visibility"] if self.visibility else []),
        ]

    @property
    def record(self) -> dict[str, str | int]:
        """What the data set says of itself once it is rendered."""
        return {
            "split": self.split,
            "seed": self.seed,
            "frames": self.frames,
            "shard_frames": self.shard_frames,
        }


def train_model(model: str, options: TrainOptions) -> int:
    """Trains "segmenter" or "encoder"; a run that was interrupted goes on.

    Returns:
        Exit code.

    Raises:
        SystemFailure: The data could not be rendered, or what is there is of another request.
    """
    wanted = _data_sets(model, options)
    missing = [one for one in wanted if not _is_there(one, options)]
    for one in missing:
        _render(one, options)
    return _train_segmenter(options) if model == "segmenter" else _train_encoder(options)


def _data_sets(model: str, options: TrainOptions) -> list[_DataSet]:
    # Both models validate on one set; only the segmenter's figures need the visible shares.
    sets = [
        _DataSet("train", options.frames, options.seed),
        _DataSet("val", frames=120, shard_frames=60, visibility=True),
    ]
    if model == "segmenter":
        return sets
    return [*sets, _DataSet("held", frames=360), _DataSet("verify", frames=VERIFY_FRAMES)]


def _is_there(wanted: _DataSet, options: TrainOptions) -> bool:
    path = options.data / wanted.split / _RENDERED
    if not path.is_file():
        return False
    found = _read_record(path)
    differences = [
        f"{key} {found.get(key)} instead of {value}"
        for key, value in wanted.record.items()
        if found.get(key) != value
    ]
    if differences:
        raise SystemFailure(
            f"the data in {path.parent} has {', '.join(differences)}; give another --data folder, "
            "or delete this one"
        )
    return True


def _read_record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except ValueError as error:
        raise SystemFailure(
            f"{path} is damaged ({error}); delete it, what is missing is rendered again"
        ) from error
    return found if isinstance(found, dict) else {}


def _render(wanted: _DataSet, options: TrainOptions) -> None:
    folder = options.data / wanted.split
    command = wanted.command(folder, options)
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
    held += ["--verify", str(options.data / "verify")]
    return encoder_report.main([str(options.out), *held, "--threads", str(options.threads)])


def _common(options: TrainOptions) -> list[str]:
    initial = ["--initial", str(options.initial)] if options.initial else []
    return [
        *initial,
        *("--minutes", str(options.minutes)),
        *("--seed", str(options.seed)),
        *("--threads", str(options.threads)),
    ]
