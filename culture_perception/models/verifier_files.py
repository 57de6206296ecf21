"""The file of an encoder's verifier."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from culture_perception.models.checkpoints import CheckpointError
from culture_perception.verification import Verifier

VERIFIER_FILE: Final = "encoder_verifier.safetensors"
_NAMES: Final = ("hidden", "hidden_bias", "output", "output_bias")


def save_verifier(verifier: Verifier, path: Path) -> None:
    """Writes it in half precision."""
    arrays = {name: np.atleast_1d(getattr(verifier, name)) for name in _NAMES}
    half = {name: np.ascontiguousarray(array, np.float16) for name, array in arrays.items()}
    path.write_bytes(save(half))


def load_verifier(path: Path) -> Verifier:
    """Reads what save_verifier wrote.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    try:
        arrays = {name: one.astype(np.float32) for name, one in load_file(path).items()}
        hidden, hidden_bias, output, output_bias = (arrays[name] for name in _NAMES)
        return Verifier(hidden, hidden_bias, output, float(output_bias[0]))
    except (OSError, SafetensorError, KeyError, ValueError, IndexError) as error:
        raise CheckpointError(
            f"{path} is no verifier ({error}): calibrate the encoder again, "
            "or take the file that belongs to it"
        ) from error
