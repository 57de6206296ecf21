"""Train and export the segmenter: `python -m culture_perception.training.segmenter_main`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from culture_perception.models.checkpoints import CheckpointError
from culture_perception.training.loop import TrainingError
from culture_perception.training.segmenter import STATE_NAME, SegmenterTraining, train_segmenter
from culture_perception.training.segmenter_evaluation import SegmenterFigures
from culture_perception.training.segmenter_export import SegmenterExport, export_segmenter


def train_and_export(training: SegmenterTraining, val: Path) -> SegmenterFigures:
    """Train, then write the model's two files beside the state and measure it.

    Raises:
        TrainingError: a data set or the state to resume from is missing or damaged.
    """
    state = train_segmenter(training)
    return export_segmenter(export_of(training, val, state))


def export_of(training: SegmenterTraining, val: Path, state: Path) -> SegmenterExport:
    """The export that belongs to a training run."""
    return SegmenterExport(
        state=state,
        val=val,
        out=training.out,
        seed=training.seed,
        data=training.data,
        config=training.config,
        threads=training.threads,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    options = _parser().parse_args(arguments)
    training = SegmenterTraining(
        data=options.data,
        out=options.out,
        minutes=options.minutes,
        seed=options.seed,
        threads=options.threads,
        resume=options.resume,
        initial=options.initial,
    )
    try:
        if options.export_only:
            state = training.out / STATE_NAME
            measured = export_segmenter(export_of(training, options.val, state))
        else:
            measured = train_and_export(training, options.val)
    except (TrainingError, CheckpointError) as error:
        print(error)
        return 1
    print(measured.to_json())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("segmenter", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="rendered training frames")
    parser.add_argument("--val", type=Path, required=True, help="rendered validation frames")
    parser.add_argument("--out", type=Path, required=True, help="folder for state and model")
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the state in --out")
    parser.add_argument("--initial", type=Path, help="folder of a model to start from")
    parser.add_argument("--export-only", action="store_true", help="export the state in --out")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
