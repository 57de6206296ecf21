"""Segmenters from files: the embedded one and segment-anything's published ones."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from culture_perception.models.checkpoints import CheckpointError, fill, load_weights
from culture_perception.models.mask_options import MaskGeneratorOptions
from culture_perception.models.runtime import Runtime
from culture_perception.models.sam import SamSegmenter
from culture_perception.models.sam_small import CanvasSam, build_small_sam
from culture_perception.models.small_image_encoder import SmallSamConfig
from culture_perception.models.torchvision_compat import ensure_torchvision

ensure_torchvision()

from segment_anything import sam_model_registry  # noqa: E402

WEIGHTS_NAME = "segmenter.safetensors"
"""Of a small segmenter; its description is a .json of the same name."""
_CURE = (
    "fetch it and the weights again, or train a new one with: culture-perception train segmenter"
)


def load_published_segmenter(
    model: str, checkpoint: Path, overrides: Mapping[str, object], runtime: Runtime
) -> SamSegmenter:
    """One of segment-anything's models with a checkpoint file (.pth, .pt or .safetensors).

    Raises:
        CheckpointError: the file is missing, damaged or of another model.
        ValueError: an option is unknown or out of range, or the runtime is not there.
    """
    options = MaskGeneratorOptions().changed(overrides)
    cure = "leave the checkpoint out to have the published one downloaded"
    weights = load_weights(checkpoint, cure)
    sam = sam_model_registry[model]()
    fill(sam, weights, checkpoint)
    return SamSegmenter(sam, f"{model}:{checkpoint.stem}", options, runtime)


def load_small_segmenter(
    weights_path: Path, overrides: Mapping[str, object], runtime: Runtime
) -> SamSegmenter:
    """A small segmenter: weights as .safetensors and a .json of the same name beside them.

    Raises:
        CheckpointError: a file is missing, damaged or does not fit the other.
        ValueError: an option is unknown or out of range, or the runtime is not there.
    """
    path = weights_path.with_suffix(".json")
    description = read_description(path)
    sam = load_small_sam(weights_path, description)
    try:
        own = MaskGeneratorOptions().changed(description["options"])
    except ValueError as error:
        raise CheckpointError(f"{path}: damaged, in options: {error}; {_CURE}") from error
    return SamSegmenter(sam, str(description["name"]), own.changed(overrides), runtime)


def load_small_sam(weights_path: Path, description: Mapping[str, Any]) -> CanvasSam:
    """The model of a small segmenter, as its description says, in evaluation mode.

    Raises:
        CheckpointError: the description's architecture is none, or the weights are missing,
            damaged or do not fit.
    """
    try:
        sam = build_small_sam(SmallSamConfig.from_json(description["architecture"]))
    except Exception as error:  # a wrong width fails anywhere in torch
        path = weights_path.with_suffix(".json")
        raise CheckpointError(f"{path}: damaged, in architecture: {error}; {_CURE}") from error
    cure = "train one with: culture-perception train segmenter"
    fill(sam, load_weights(weights_path, cure), weights_path)
    sam.eval()
    return sam


def read_description(path: Path) -> dict[str, Any]:
    """A small segmenter's description: its name, architecture and options.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{path}: no such file; a small segmenter needs the .json that was written with it"
        ) from error
    except ValueError as error:
        raise CheckpointError(f"{path}: not JSON ({error}); {_CURE}") from error
    given = description if isinstance(description, dict) else {}
    kinds = {"name": str, "architecture": dict, "options": dict}
    absent = [key for key, kind in kinds.items() if not isinstance(given.get(key), kind)]
    if absent:
        raise CheckpointError(f"{path}: lacks {absent}, or they are of another kind; {_CURE}")
    return dict(given)


def save_small_segmenter(
    weights_path: Path, sam: CanvasSam, description: Mapping[str, object]
) -> None:
    """Write a small segmenter: half-precision weights, and its description beside them."""
    weights_path.parent.mkdir(parents=True, exist_ok=True)
    half = {name: _halved(value) for name, value in sam.state_dict().items()}
    # Not save_file: it writes a file that only its owner may read.
    weights_path.write_bytes(save(half))
    text = json.dumps(description, indent=2, ensure_ascii=False)
    weights_path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def _halved(value: Tensor) -> Tensor:
    """Half precision for weights; counters stay integers."""
    return (value.half() if value.is_floating_point() else value).contiguous()
