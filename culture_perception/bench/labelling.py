"""Masks to embeddings alone: one by one against one batch, and torch against OpenVINO."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
import torch

from culture_perception.bench.chain_cases import embedded_one_by_one
from culture_perception.bench.chains import CROP, label_one_by_one
from culture_perception.bench.options import BenchOptions, OnRun, Record, compared
from culture_perception.crops import crop_masks
from culture_perception.masks import Float32Array, MaskArray
from culture_perception.models import clip
from culture_perception.models.registry import load_encoder
from culture_perception.models.runtime import Precision, Runtime
from culture_perception.models.stages import Stages

MASKS_TO_LABEL: Final = 64
_SEED: Final = 0


def labelling(precision: Precision, options: BenchOptions, on_run: OnRun) -> Record:
    """The shipped encoder on discs of the first frame: which masks they are does not matter.

    Args:
        precision: of ours; the reference's is float32, so that only "float32" compares what
            batching gains, and "auto" what users gain.
        options: how it is measured.
        on_run: called after each run.
    """
    image = options.frames[0].image_rgb
    masks = _discs(image.shape[:2])
    single = embedded_one_by_one(options)
    runtime = Runtime(options.device, options.threads, precision)
    batched = load_encoder(runtime=runtime)
    device = options.torch_device
    rows: dict[str, Float32Array] = {}

    def reference() -> Mapping[str, float]:
        stages = Stages(device)
        with stages.timed("label"):
            rows["reference"] = label_one_by_one(single, image, masks)
        return stages.ms

    def ours() -> Mapping[str, float]:
        stages = Stages(device)
        with stages.timed("crop"):
            crops = crop_masks(image, masks, batched.crop_size, CROP)
        with stages.timed("encode"):
            rows["ours"] = batched.encode_images(list(crops))
        return stages.ms

    record = compared([(reference, ours)], options, runtime, on_run)
    return {**record, **_without_masks(rows["reference"], rows["ours"])}


def openvino(options: BenchOptions, on_run: OnRun) -> Record:
    """The shipped encoder's image tower on crops: torch against OpenVINO in one precision."""
    on_cpu = Runtime("cpu", options.threads)
    encoders = {
        "torch": load_encoder(runtime=on_cpu),
        "openvino": load_encoder(runtime=Runtime("cpu", options.threads, backend="openvino")),
    }
    image = options.frames[0].image_rgb
    size = encoders["torch"].crop_size
    crops = list(crop_masks(image, _discs(image.shape[:2]), size, CROP))
    rows: dict[str, Float32Array] = {}

    def encode(name: str, encoder: clip.ClipEncoder) -> Mapping[str, float]:
        stages = Stages(torch.device("cpu"))
        with stages.timed("encode"):
            rows[name] = encoder.encode_images(crops)
        return stages.ms

    by_torch, by_openvino = (partial(encode, name, one) for name, one in encoders.items())
    record = compared([(by_torch, by_openvino)], options, on_cpu, on_run)
    precision = {**record["precision"], "reference": record["precision"]["ours"]}
    return {**record, **_without_masks(*rows.values()), "precision": precision}


def _without_masks(reference: Float32Array, ours: Float32Array) -> Record:
    cosines = (reference * ours).sum(axis=1)
    return {
        "matched_iou": None,
        "recall_loss_points": None,
        "masks": len(cosines),
        "least_cosine": float(cosines.min()),
    }


def _discs(shape_hw: tuple[int, ...]) -> list[MaskArray]:
    rng = np.random.default_rng(_SEED)
    y, x = np.ogrid[: shape_hw[0], : shape_hw[1]]
    places = rng.uniform(0.1, 0.9, (MASKS_TO_LABEL, 2)) * shape_hw[:2]
    radii = rng.uniform(0.02, 0.08, MASKS_TO_LABEL) * shape_hw[1]
    return [
        (y - at_y) ** 2 + (x - at_x) ** 2 < radius**2
        for (at_y, at_x), radius in zip(places, radii, strict=True)
    ]
