"""Writes a trained encoder as the files that models.clip loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from culture_perception.models.clip import CONFIG_FILE, WEIGHTS_FILE
from culture_perception.models.clip_small import PREPROCESSING, ModelConfig
from culture_perception.models.verifier_files import VERIFIER_FILE, save_verifier
from culture_perception.protocols import Calibration
from culture_perception.training.encoder_state import TrainingState


def export_encoder(state: TrainingState, config: ModelConfig, folder: Path, seed: int) -> None:
    """Writes the averaged weights in half precision and the configuration beside them."""
    weights = {name: _half(value) for name, value in state.encoder_weights().items()}
    (folder / WEIGHTS_FILE).write_bytes(save(weights))
    size = config["vision_cfg"]["image_size"]
    content = {
        "model_cfg": config,
        "preprocess_cfg": {"size": [size, size], **PREPROCESSING},
        "training": {"seed": seed, "steps": state.step, "minutes": round(state.seconds / 60, 1)},
    }
    write_config(folder / CONFIG_FILE, content)


def write_calibration(folder: Path, calibration: Calibration, figures: dict[str, Any]) -> None:
    """Adds the calibration, and what it was measured on, to an exported encoder's configuration.

    Args:
        folder: of the encoder; a verifier becomes a file of its own there.
        calibration: to be written.
        figures: to be kept beside it.
    """
    path = folder / CONFIG_FILE
    content = json.loads(path.read_text(encoding="utf-8"))
    content["calibration"] = {
        "logit_scale": calibration.logit_scale,
        "min_probability": calibration.min_probability,
        "min_similarity": calibration.min_similarity,
        **figures,
    }
    (folder / VERIFIER_FILE).unlink(missing_ok=True)
    if calibration.verifier is not None:
        content["calibration"]["min_match"] = calibration.min_match
        save_verifier(calibration.verifier, folder / VERIFIER_FILE)
    write_config(path, content)


def write_config(path: Path, content: dict[str, Any]) -> None:
    """Writes an encoder's configuration."""
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _half(value: Tensor) -> Tensor:
    return value.to(torch.float16).contiguous() if value.is_floating_point() else value.clone()
