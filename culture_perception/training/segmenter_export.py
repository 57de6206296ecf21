"""From a run's state to files that the package can load, with thresholds and figures."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import CanvasSam, build_small_sam
from culture_perception.models.segmenter_files import WEIGHTS_NAME, save_small_segmenter
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.training.loop import RunState, load_state
from culture_perception.training.segmenter_data import FrameRecord, load_frames
from culture_perception.training.segmenter_evaluation import SegmenterFigures, evaluate_segmenter
from culture_perception.training.segmenter_search import (
    BASE_OPTIONS,
    OFFSET_CHOICES,
    best_choice,
    collect,
)

NAME = "small_sam"


@dataclass(frozen=True)
class SegmenterExport:
    """What to export and where.

    Attributes:
        state: file with a run's state.
        val: data set that thresholds are chosen on and figures measured on.
        out: folder for `segmenter.safetensors` and `segmenter.json`.
        seed: the run's seed, for the record.
        data: the run's data set, for the record: its dataset.json is copied.
        config: architecture of the model, with the canvas to segment on.
        options: generator options; thresholds are replaced by those found.
        search_frames: validation frames for the thresholds; the others are for the figures.
        threads: CPU threads.
    """

    state: Path
    val: Path
    out: Path
    seed: int = 0
    data: Path | None = None
    config: SmallSamConfig = field(default_factory=SmallSamConfig)
    options: MaskGeneratorOptions = BASE_OPTIONS
    search_frames: int = 30
    threads: int = 1


def export_segmenter(export: SegmenterExport) -> SegmenterFigures:
    """Choose thresholds, measure, and write the two files.

    The thresholds are chosen on the first frames of the validation set and the figures measured
    on the others, so that the figures are not flattered by the choice.

    Raises:
        TrainingError: the state or the validation set is missing or damaged.
    """
    torch.set_num_threads(export.threads)
    state = load_state(export.state)
    frames = load_frames(export.val)
    search, rest = _halves(frames, export.search_frames)
    sam = averaged_model(state, export.config)
    options = choose_options(sam, export.options, search)
    measured = evaluate_segmenter(SamSegmenter(sam, NAME, options), rest)
    training: dict[str, object] = {
        "steps": state.step,
        "minutes": round(state.elapsed_s / 60, 1),
        "seed": export.seed,
        "data": _about(export.data) if export.data else {},
    }
    description = {
        "name": f"{NAME}-{state.step}",
        "architecture": export.config.to_json(),
        "options": options.to_json(),
        "training": training,
        "validation": measured.to_json(),
    }
    save_small_segmenter(export.out / WEIGHTS_NAME, sam, description)
    return measured


def averaged_model(state: RunState, config: SmallSamConfig) -> CanvasSam:
    """The model with the averaged weights of a run, in evaluation mode."""
    sam = build_small_sam(config)
    sam.load_state_dict(state.average)
    sam.eval()
    return sam


def choose_options(
    sam: CanvasSam, options: MaskGeneratorOptions, frames: Sequence[FrameRecord]
) -> MaskGeneratorOptions:
    """The options with the thresholds, and the offset of the stability, that score best."""
    tried = []
    for offset in OFFSET_CHOICES:
        measured_at = options.changed({"stability_score_offset": offset})
        choice = best_choice(collect(sam, measured_at, frames))
        tried.append((choice.score, offset, choice))
    _, offset, choice = max(tried, key=lambda attempt: attempt[0])
    return options.changed(
        {
            "pred_iou_thresh": choice.pred_iou_thresh,
            "stability_score_thresh": choice.stability_score_thresh,
            "stability_score_offset": offset,
            "mask_nms_thresh": choice.mask_nms_thresh,
        }
    )


def _halves(
    frames: Sequence[FrameRecord], first: int
) -> tuple[Sequence[FrameRecord], Sequence[FrameRecord]]:
    """Frames for the choice and frames for the figures; at most half of them for the choice."""
    count = max(1, min(first, len(frames) // 2))
    return frames[:count], frames[count:] or frames


def _about(folder: Path) -> dict[str, Any]:
    path = folder / "dataset.json"
    about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return about
