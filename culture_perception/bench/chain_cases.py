"""From an image to embedded masks: the libraries' own chain against ours."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Final, Literal, TypeAlias

from culture_perception.bench.agreement import agreement, recall
from culture_perception.bench.chains import Found, OneByOneEncoder, OurChain, ReferenceChain
from culture_perception.bench.frames import Frame
from culture_perception.bench.interleaving import Work
from culture_perception.bench.options import BenchOptions, OnRun, Record, compared
from culture_perception.bench.vit_b import vit_b_chains
from culture_perception.masks import MaskArray
from culture_perception.models import clip, segmenter_files
from culture_perception.models.mask_options import MaskGeneratorOptions, Mode
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.torchvision_compat import ensure_torchvision
from culture_perception.resources import share_path

ensure_torchvision()

from open_clip.transform import PreprocessCfg  # noqa: E402

Way: TypeAlias = Literal["exact", "fast", "grid_fast"]

PUBLISHED_FILTERS_ONLY: Final[Mapping[str, object]] = {
    "mode": "exact",
    "centre_prompts": False,
    "snap_edges": False,
    "mask_nms_thresh": 1.0,
    "min_area": 1,
    "max_area_share": 1.0,
}
ALL_APPROXIMATIONS: Final[Mapping[str, object]] = {
    "mode": "fast",
    "low_resolution_filters": True,
    "skip_covered_points": True,
}


def embedded(way: Way, options: BenchOptions, on_run: OnRun) -> Record:
    """The shipped models.

    Args:
        way: "exact" has the reference's grid and options; "grid_fast" has them with all that the
            fast mode approximates, as users of the published sizes get it; "fast" is what users of
            the shipped model get, with prompts at object centres instead of a grid.
        options: how it is measured.
        on_run: called after each run.
    """
    path = share_path("models", "segmenter.safetensors")
    description = segmenter_files.read_description(path.with_suffix(".json"))
    sam = segmenter_files.load_small_sam(path, description)
    shipped = MaskGeneratorOptions().changed(description["options"])
    grid = shipped.changed({**PUBLISHED_FILTERS_ONLY, "points_per_side": options.points_per_side})
    chosen = {
        "exact": grid,
        "fast": shipped.changed({"mode": "fast"}),
        "grid_fast": grid.changed(ALL_APPROXIMATIONS),
    }
    device = options.torch_device
    runtime = options.exact if way == "exact" else options.fast
    reference = ReferenceChain(copy.deepcopy(sam).to(device), grid, embedded_one_by_one(options))
    segmenter = SamSegmenter(sam, "embedded", chosen[way], runtime)
    ours = OurChain(segmenter, load_encoder(runtime=runtime))
    frames = list(options.frames)
    record = _chains(reference, ours, frames, options, runtime, on_run)
    return record if way == "exact" else {**record, **_loss(frames, reference.found, ours.found)}


def vit_b(mode: Mode, options: BenchOptions, on_run: OnRun) -> Record:
    """The published sizes with random weights, on the first frame."""
    frames = list(options.frames[:1])
    runtime = options.exact if mode == "exact" else options.fast
    reference, ours, weights = vit_b_chains(
        mode, frames[0].image_rgb, options.points_per_side, options.exact, runtime
    )
    return {**_chains(reference, ours, frames, options, runtime, on_run), **weights}


def embedded_one_by_one(options: BenchOptions) -> OneByOneEncoder:
    """The shipped encoder as its library's examples use one, in float32."""
    encoder = load_encoder(runtime=options.exact)
    config = clip.read_config(share_path("models") / clip.CONFIG_FILE)
    preprocess = PreprocessCfg(**config["preprocess_cfg"])
    return OneByOneEncoder(encoder.model, preprocess, options.torch_device)


def _chains(
    reference: ReferenceChain,
    ours: OurChain,
    frames: list[Frame],
    options: BenchOptions,
    runtime: Runtime,
    on_run: OnRun,
) -> Record:
    pairs: list[tuple[Work, Work]] = [
        (partial(reference.run, frame.image_rgb, i), partial(ours.run, frame.image_rgb, i))
        for i, frame in enumerate(frames)
    ]
    record = compared(pairs, options, runtime, on_run)
    agreed = agreement(_masks(reference.found), _masks(ours.found))
    return {
        **record,
        "matched_iou": agreed.matched_iou,
        "recall_loss_points": agreed.missed_points,
        "recall_of": "the reference's masks",
        "masks": {**asdict(agreed), "missed_points": agreed.missed_points},
        "points_per_side": reference.points_per_side,
    }


def _loss(frames: list[Frame], reference: Found, ours: Found) -> Record:
    """What is lost of the true masks."""
    wanted = [list(frame.masks) for frame in frames]
    found = {"reference": recall(wanted, _masks(reference)), "ours": recall(wanted, _masks(ours))}
    return {
        "recall": found,
        "recall_loss_points": 100 * (found["reference"] - found["ours"]),
        "recall_of": "ground truth",
    }


def _masks(found: Found) -> list[list[MaskArray]]:
    return [found.masks[frame] for frame in sorted(found.masks)]
